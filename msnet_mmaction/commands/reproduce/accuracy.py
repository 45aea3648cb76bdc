"""Measured top-1 and top-5, read from the logs and scores in a work directory."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import mmengine
from mmaction.evaluation.functional import get_weighted_score, top_k_accuracy

from ...evaluation.scores import check_same_videos
from .commands import SCORES
from .configs import work_dir
from .experiments import Experiment, Network


@dataclass(frozen=True)
class Accuracy:
    """An accuracy that was measured here.

    Attributes:
        top1: Per cent.
        top5: Per cent; None if the evaluator did not compute it.
        source: ``test``, or ``validation`` if there was no test yet.
        splits: Numbers of the splits whose mean it is.
    """

    top1: float
    top5: float | None
    source: str
    splits: tuple[int, ...] = (1,)


def measured_accuracy(experiment: Experiment, dataset: str, folder: Path) -> Accuracy | None:
    """The measured accuracy of an experiment on a data set.

    Args:
        experiment: The experiment.
        dataset: Name of the data set.
        folder: Folder with ``work_dirs``; usually the repository.

    Returns:
        The accuracy, a mean over the splits that have results. None if there are no results, or
        if scores of one of several networks are missing.
    """
    found = {
        number: accuracy
        for number, networks in enumerate(experiment.networks_by_split(dataset), 1)
        if (accuracy := _of_split(networks, folder)) is not None
    }
    # Not mixed: tests and validations may sample other clips.
    for source in ('test', 'validation'):
        if same := {number: a for number, a in found.items() if a.source == source}:
            return _mean(same, source)
    return None


def _mean(accuracies: dict[int, Accuracy], source: str) -> Accuracy:
    """The mean of the accuracies of splits, given by the numbers of the splits."""
    top1 = [accuracy.top1 for accuracy in accuracies.values()]
    top5 = [accuracy.top5 for accuracy in accuracies.values() if accuracy.top5 is not None]
    all_have_top5 = len(top5) == len(accuracies)
    return Accuracy(fmean(top1), fmean(top5) if all_have_top5 else None, source, tuple(accuracies))


def _of_split(networks: tuple[Network, ...], folder: Path) -> Accuracy | None:
    if len(networks) == 1:
        return _of_one(networks[0], folder)
    return _of_averaged_scores(networks, folder)


def _of_one(network: Network, folder: Path) -> Accuracy | None:
    tested = _last_line(folder / work_dir(network.tested, network.split), '*/*.json')
    if tested is not None:
        return _accuracy(tested, 'test')
    if network.test is not None:
        return None  # its validation is that of other clips
    trained = folder / work_dir(network.config, network.split)
    validated = _last_line(trained, '*/vis_data/scalars.json')
    return None if validated is None else _accuracy(validated, 'validation')


def _last_line(folder: Path, pattern: str) -> dict | None:
    """The last line that holds a top-1, of the newest files first."""
    files = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files:
        for line in reversed(path.read_text(encoding='utf-8').splitlines()):
            try:
                content = json.loads(line)
            except ValueError:
                continue  # a line that a killed run has left half-written, or other JSON
            if isinstance(content, dict) and 'acc/top1' in content:
                return content
    return None


def _accuracy(content: dict, source: str) -> Accuracy:
    top5 = content.get('acc/top5')
    return Accuracy(100 * content['acc/top1'], None if top5 is None else 100 * top5, source)


def _of_averaged_scores(networks: tuple[Network, ...], folder: Path) -> Accuracy | None:
    paths = [folder / work_dir(n.tested, n.split) / SCORES for n in networks]
    if not all(path.is_file() for path in paths):
        return None
    check_same_videos([str(path) for path in paths])
    # As mmaction2's report_accuracy.py, which prints alone.
    dumps = [mmengine.load(path) for path in paths]
    scores = [[sample['pred_score'].numpy() for sample in dump] for dump in dumps]
    labels = [sample['gt_label'].item() for sample in dumps[0]]
    top1, top5 = top_k_accuracy(get_weighted_score(scores, [1] * len(scores)), labels, (1, 5))
    return Accuracy(100 * top1, 100 * top5, 'test')
