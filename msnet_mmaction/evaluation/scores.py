"""Checks of files of scores, which MMAction2's ``test.py --dump`` writes, before their fusion."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.fileio import load

#: How to make a file of scores, for errors.
HOW = 'write it with: python -m msnet_mmaction test CONFIG CHECKPOINT --dump {}'


class ScoreError(ValueError):
    """Files of scores cannot be fused; the message names them and says what to do."""


def check_same_videos(paths: Sequence[str]) -> bool:
    """Check that files of scores are of the same videos, in the same order.

    MMAction2's ``report_accuracy.py`` adds the scores by their position and takes the labels of the
    first file.

    Args:
        paths: The files.

    Returns:
        Whether names were compared too. A file has the names of its videos if the test pipeline
        packs ``filename`` or ``frame_dir``, as in the configs of this package. A video and the
        folder of its frames or of its flow have the same name.

    Raises:
        ScoreError: If there is no such file, it holds no scores, or two are of different videos.
    """
    files = {path: _read(path) for path in paths}
    (first, reference), *others = files.items()
    named = True
    for path, samples in others:
        pair = f'{first} and {path}'
        for what, count in (
            ('videos', len),
            ('classes', lambda samples: samples[0]['pred_score'].numel()),
        ):
            if count(reference) != count(samples):
                raise ScoreError(
                    f'{pair} are of {count(reference)} and {count(samples)} {what}: test both '
                    'models on the same list'
                )
        for place, (sample, other) in enumerate(zip(reference, samples, strict=True)):
            names = _name(sample), _name(other)
            named = named and None not in names
            if (None not in names and names[0] != names[1]) or _label(sample) != _label(other):
                raise ScoreError(
                    f'{pair} differ at place {place}, counted from 0: {_describe(sample)} and '
                    f'{_describe(other)}. Test both models on lists of the same order'
                )
    return named


def _read(path: str) -> list[Mapping]:
    if not Path(path).is_file():
        raise ScoreError(f'{path} does not exist: {HOW.format(path)}')
    samples = load(path)
    if (
        not isinstance(samples, list)
        or not samples
        or not all(isinstance(s, Mapping) and {'pred_score', 'gt_label'} <= set(s) for s in samples)
    ):
        raise ScoreError(f'{path} holds no scores: {HOW.format(path)}')
    return samples


def _name(sample: Mapping) -> str | None:
    path = sample.get('filename') or sample.get('frame_dir')
    return Path(path).stem if path else None


def _label(sample: Mapping) -> list[int]:
    return sample['gt_label'].tolist()


def _describe(sample: Mapping) -> str:
    return f'{_name(sample) or "a video"} of label {" ".join(map(str, _label(sample)))}'
