"""The command lines that reproduce an experiment."""

import shlex
from itertools import takewhile
from pathlib import Path

from .configs import ROOT, load_config, work_dir
from .experiments import Experiment, Network

#: File of the scores of all videos, in the network's folder of results.
SCORES = 'scores.pkl'


def commands(
    experiment: Experiment,
    dataset: str,
    processes: int = 1,
    resume: bool = False,
    root: Path = ROOT,
    results: Path | None = None,
) -> list[str]:
    """Train and test every network, then average their scores if there are several.

    The splits of a data set come one after the other. The learning rate of the configs is that of 8
    processes; it is scaled to the number of processes.

    Args:
        experiment: The experiment.
        dataset: Name of the data set.
        processes: Number of processes, one a GPU.
        resume: Whether to resume a training that has a checkpoint.
        root: Folder with the configs.
        results: Folder with ``work_dirs``; by default ``root``.

    Returns:
        Command lines to run in the repository; none if the experiment is not available.
    """
    return [
        line
        for networks in experiment.networks_by_split(dataset)
        for line in _commands_of_split(networks, dataset, processes, resume, root, results or root)
    ]


def split_command(line: str) -> tuple[dict[str, str], list[str]]:
    """The environment variables that a command line sets, and the words after them."""
    words = shlex.split(line)
    assignments = list(takewhile(lambda word: '=' in word, words))
    environment = dict(assignment.split('=', 1) for assignment in assignments)
    return environment, words[len(assignments) :]


def _commands_of_split(
    networks: tuple[Network, ...],
    dataset: str,
    processes: int,
    resume: bool,
    root: Path,
    results: Path,
) -> list[str]:
    fused = len(networks) > 1
    lines = [_train_command(network, processes, resume, results) for network in networks]
    lines += [_test_command(network, fused, processes, root) for network in networks]
    if (split := networks[0].split) is not None:
        # Split 1 too: it is the default, but the variable may be set to another one already.
        lines = [f'{dataset.upper()}_SPLIT={split} {line}' for line in lines]
    if fused:
        dumps = ' '.join(f'{work_dir(n.tested, n.split)}/{SCORES}' for n in networks)
        weights = ' '.join(['1'] * len(networks))
        lines.append(f'python tools/report_accuracy.py --preds {dumps} --coefficients {weights}')
    return lines


def _train_command(network: Network, processes: int, resume: bool, results: Path) -> str:
    """Train a network."""
    folder = work_dir(network.config, network.split)
    options = f'--work-dir {folder} --auto-scale-lr'
    # Not always: MMAction2's train.py drops load_from with it, which HMDB-51 starts from.
    if resume and (results / folder / 'last_checkpoint').is_file():
        options += ' --resume'
    if processes > 1:
        return f'tools/dist_train.sh {network.config} {processes} {options}'
    return f'python tools/train.py {network.config} {options}'


def _test_command(network: Network, dump: bool, processes: int, root: Path) -> str:
    """Test the last checkpoint, as in the paper."""
    epochs = load_config(network.config, root).train_cfg.max_epochs
    checkpoint = f'{work_dir(network.config, network.split)}/epoch_{epochs}.pth'
    folder = work_dir(network.tested, network.split)
    options = f'--work-dir {folder}' + (f' --dump {folder}/{SCORES}' if dump else '')
    if processes > 1:
        return f'tools/dist_test.sh {network.tested} {checkpoint} {processes} {options}'
    return f'python tools/test.py {network.tested} {checkpoint} {options}'
