"""Checks that the parts of a config agree on the frames of a clip and on the classes."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmaction.datasets import RawframeDataset, VideoDataset
from mmengine.config import Config
from torch import nn
from torch.utils.data import Dataset

from ..datasets import DataError, load_classes
from ..datasets.labels.label_maps import LABEL_MAP_NAMES
from ..datasets.samplers import is_sampler
from ..models.backbones import resolve_num_segments


def check_frames(cfg: Config, model: nn.Module) -> None:
    """Check that the pipelines sample as many frames as the model takes.

    Args:
        cfg: A whole config, with its dataloaders.
        model: The model built from it.

    Raises:
        ValueError: If they disagree; it names both places.
    """
    frames = getattr(model, 'num_segments', None)
    if frames is None:
        return
    for split in ('train', 'val', 'test'):
        for transform, modality in _samplers(cfg.get(f'{split}_dataloader')):
            # The flows of a stack are the channels of one frame.
            terms = ('num_clips',) if modality == 'Flow' else ('clip_len', 'num_clips')
            resolve_num_segments(
                {
                    f"the model's ({type(model).__name__}) num_segments": frames,
                    f'{" x ".join(terms)} of {transform["type"]} in {split}_dataloader': math.prod(
                        transform.get(term, 1) for term in terms
                    ),
                }
            )


def check_classes(model: nn.Module, dataset: Dataset, split: str) -> list[str]:
    """Check that a list of videos, and a label map beside it, have the classes of the model.

    A training set without ``num_classes`` must have videos of the last class. One with
    ``num_classes`` may lack any.

    Args:
        model: A recogniser.
        dataset: mmaction2's data sets of videos or frames, also in wrappers; others are not
            checked.
        split: ``train``, ``val`` or ``test``, for errors.

    Returns:
        Warnings.

    Raises:
        DataError: If they disagree; it names both places.
    """
    classes = getattr(getattr(model, 'cls_head', None), 'num_classes', None)
    if classes is None:
        return []
    place = f'{split}_dataloader'
    ours = f'the head (model.cls_head) has num_classes={classes}'
    seen, said, lists = set(), False, []
    for part in _lists(dataset):
        lists.append(str(part.ann_file))
        if part.num_classes not in (None, classes):
            raise DataError(
                f'{ours}, but the data set of {part.ann_file} in {place} has '
                f'num_classes={part.num_classes}: give both the number of its classes'
            )
        _check_label_map(part.ann_file, classes, ours)
        if part.multi_class:
            return []
        said = said or part.num_classes is not None
        for index in range(len(part)):
            sample = part.get_data_info(index)
            if sample['label'] >= classes:
                raise DataError(
                    f'{part.ann_file}: {sample.get("filename") or sample["frame_dir"]} has label '
                    f'{sample["label"]} ({place}), but {ours}, labels 0 to {classes - 1}: set '
                    'num_classes, or take a list of these classes'
                )
            seen.add(sample['label'])
    if split != 'train' or not seen or len(seen) == classes:
        return []
    where = ', '.join(lists)
    if not said and max(seen) + 1 < classes:
        raise DataError(
            f'{ours}, but {where} has labels {min(seen)} to {max(seen)}: set '
            f'model.cls_head.num_classes={max(seen) + 1}, or, if the list just lacks the other '
            f'classes, num_classes={classes} of the data set in {place}'
        )
    missing = sorted(set(range(classes)) - seen)
    return [
        f'{where} has no video of {len(missing)} of the {classes} classes, such as class '
        f'{missing[0]}: the network can not learn them'
    ]


def _check_label_map(list_file: str, classes: int, ours: str) -> None:
    for path in (Path(list_file).parent / name for name in LABEL_MAP_NAMES):
        if path.is_file():
            count = len(load_classes(str(path)))
            if count != classes:
                raise DataError(
                    f'{ours}, but {path}, the label map beside {list_file}, has {count} classes: '
                    'set num_classes to that, or take the lists and the label map of other classes'
                )


def _lists(dataset: Dataset) -> Iterator[VideoDataset | RawframeDataset]:
    """The data sets of videos in wrappers such as ``ConcatDataset`` and ``RepeatDataset``."""
    if isinstance(dataset, VideoDataset | RawframeDataset):
        yield dataset
        return
    for part in (*getattr(dataset, 'datasets', ()), getattr(dataset, 'dataset', None)):
        if part is not None:
            yield from _lists(part)


def _samplers(cfg: Any, modality: str = 'RGB') -> Iterator[tuple[Mapping, str]]:
    """The transforms that sample frames in a dataloader's config, at any depth.

    Yields:
        The transform, and the modality of its data set.
    """
    if isinstance(cfg, Mapping):
        if is_sampler(cfg):
            yield cfg, modality
        for value in cfg.values():
            yield from _samplers(value, cfg.get('modality', modality))
    elif isinstance(cfg, list | tuple):
        for value in cfg:
            yield from _samplers(value, modality)
