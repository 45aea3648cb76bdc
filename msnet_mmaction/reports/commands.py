"""The command lines that reproduce an experiment."""

from pathlib import Path

from .configs import ROOT, load_config, work_dir
from .experiments import Experiment, Network

#: Where a test leaves the scores of every video, below the network's folder of results.
SCORES = 'scores.pkl'


def commands(experiment: Experiment, dataset: str, root: Path = ROOT) -> list[str]:
    """Train and test every network, then average their scores if there are several.

    Returns:
        Command lines to be run in the repository; none if the experiment is not available.
    """
    networks = experiment.networks.get(dataset, ())
    fused = len(networks) > 1
    lines = [train_command(network) for network in networks]
    lines += [test_command(network, fused, root) for network in networks]
    if fused:
        dumps = ' '.join(f'{work_dir(network.tested)}/{SCORES}' for network in networks)
        weights = ' '.join(['1'] * len(networks))
        lines.append(f'python tools/report_accuracy.py --preds {dumps} --coefficients {weights}')
    return lines


def train_command(network: Network) -> str:
    """Train a network; what is there already is resumed."""
    return f'python tools/train.py {network.config} --work-dir {work_dir(network.config)} --resume'


def test_command(network: Network, dump: bool = False, root: Path = ROOT) -> str:
    """Test the last checkpoint, as the paper's schedules end with it."""
    epochs = load_config(network.config, root).train_cfg.max_epochs
    checkpoint = f'{work_dir(network.config)}/epoch_{epochs}.pth'
    folder = work_dir(network.tested)
    line = f'python tools/test.py {network.tested} {checkpoint} --work-dir {folder}'
    return f'{line} --dump {folder}/{SCORES}' if dump else line
