"""The config for training on a user's own videos."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch

from ...datasets.labels.classes import flip_label_map, lone_directions

#: Networks by their names on the command line: the name in configs, and the GPU memory in GiB of a
#: clip of 8 frames in training. The memory is a cautious estimate, not a measurement.
NETWORKS = {'r18': ('msnet_r18', 1.0), 'r50': ('msnet_r50', 2.5)}
#: Base config of the data set by the name of the sampling on the command line.
SAMPLINGS = {'segments': 'videos', 'dense': 'videos_dense'}
#: Videos of a median of so many frames or more are sampled densely: a clip then spans 64 frames.
#: Eight frames over the whole of a longer video show too little of a motion.
DENSE_FROM = 200
_MOST_CLIPS, _MOST_WORKERS = 16, 8


class Machine(NamedTuple):
    """Settings for a machine.

    Attributes:
        batch_size: Clips in a batch of each GPU.
        num_workers: Processes that read videos, for each GPU.
    """

    batch_size: int
    num_workers: int


def of_this_machine(network: str, videos: int) -> Machine:
    """Batch size and workers for this machine.

    Args:
        network: One of :data:`NETWORKS`.
        videos: Number of videos to train on.
    """
    gpus = torch.cuda.device_count()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    clips = 4
    if gpus:
        memory = torch.cuda.get_device_properties(0).total_memory / 2**30
        clips = int(memory / NETWORKS[network][1])
    return Machine(
        max(1, min(clips, _MOST_CLIPS, videos)),
        max(1, min((cores or 1) // max(1, gpus), _MOST_WORKERS)),
    )


def choose_sampling(frames: Sequence[int]) -> str:
    """Sampling for videos of these lengths: by segments of the whole, or dense if they are long."""
    return 'dense' if median(frames) >= DENSE_FROM else 'segments'


def flips_of(names: Sequence[str]) -> tuple[str, str]:
    """The flips that fit these classes, ``all``, ``paired`` or ``none``, and the reason."""
    lone = lone_directions(names)
    if lone:
        return 'none', f"no flips: a mirrored video of '{lone[0]}' is of none of the classes"
    pairs = flip_label_map(names)
    if pairs:
        one, other = next(iter(pairs.items()))
        return 'paired', (
            f"flips, but none of the {len(pairs)} classes such as '{names[one]}' and "
            f"'{names[other]}'"
        )
    return 'all', 'flips of all classes: no name tells a direction; if it matters, --no-flip'


_FLIPS = {
    'all': '',
    'paired': """# Videos of left and right are not flipped.
train_pipeline = [
    dict(type='DirectionAwareFlip', classes=label_map) if step.type == 'Flip' else step
    for step in _base_.train_pipeline
]
""",
    'none': """# Nothing is flipped.
train_pipeline = [step for step in _base_.train_pipeline if step.type != 'Flip']
""",
}


def config_text(
    out: Path,
    classes: int,
    network: str,
    sampling: str,
    flips: str,
    machine: Machine,
    load_from: str | None = None,
    from_scratch: bool = False,
    has_test: bool = False,
) -> str:
    """The config.

    Args:
        out: Folder of the lists.
        classes: Number of classes.
        network: One of :data:`NETWORKS`.
        sampling: One of :data:`SAMPLINGS`.
        flips: Result of :func:`flips_of`.
        machine: Batch size and workers.
        load_from: Checkpoint to fine-tune; its classifier may have other classes.
        from_scratch: Whether to start from random weights, not from those of ImageNet.
        has_test: Whether there is a list of a test split.
    """
    folder = str(out.absolute())
    bases = (
        f'models/{NETWORKS[network][0]}',
        f'datasets/{SAMPLINGS[sampling]}',
        f'schedules/{"sgd_35e" if load_from else "sgd_40e"}',
        'default_runtime',
    )
    pipeline = '' if flips == 'all' else 'pipeline=train_pipeline, '
    without = 'backbone=dict(backbone=dict(init_cfg=None)), ' if load_from or from_scratch else ''
    test = "dict(**loader, dataset=dict(ann_file='test.txt', **videos))"
    return (
        '# Written by: python -m msnet_mmaction prepare folder\n_base_ = [\n'
        + ''.join(f"    'msnet_mmaction::_base_/{base}.py',\n" for base in bases)
        + f']\nlabel_map = {str(Path(folder, "label_map.txt"))!r}\n{_FLIPS[flips]}'
        f'videos = dict(data_root={folder!r}, classes=label_map, num_classes={classes})\n'
        f'loader = dict(batch_size={machine.batch_size}, num_workers={machine.num_workers})\n'
        f'train_dataloader = dict(**loader, dataset=dict({pipeline}**videos))\n'
        'val_dataloader = dict(**loader, dataset=videos)\n'
        f'test_dataloader = {test if has_test else "val_dataloader"}\n'
        f'model = dict({without}cls_head=dict(num_classes={classes}))\n'
        'train_cfg = dict(val_interval=1)\n'
        '# The learning rate follows the batch of all GPUs; it is that of 48 clips.\n'
        'auto_scale_lr = dict(enable=True)\n'
        + (f'load_from = {load_from!r}\n' if load_from else '')
        + '# A checkpoint in load_from may be of other classes.\n'
        'default_hooks = dict(\n'
        "    preflight=dict(allow_missing=['cls_head.fc_cls']),\n"
        '    checkpoint=dict(max_keep_ckpts=3),\n'
        ')\n'
    )
