"""A data set of short video files whose class depends on the motion only.

:func:`generate` writes to its root::

    label_map.txt           the classes, one a line
    train.txt, val.txt      "train/00012.mp4 3": file and label, for mmaction2's VideoDataset with
                            data_prefix=dict(video=root)
    train/00012.mp4         16 frames of 128 x 96 pixels, H.264; half of them are .webm, VP9
    train/00012.npz         the motion of that clip: see :func:`displacement`
    dataset.json            the arguments, whether the set is complete, the textures of each split

Each texture is in eight clips, one of each class. The same arguments give the same bytes.
"""

import io
import json
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from mmengine.utils import ProgressBar

from ...structures import MotionField
from ...utils.files import atomic_write_bytes
from ...utils.processes import map_in_processes
from ...utils.pyav import import_av
from .motion_clips import CLASSES, FPS, HEIGHT, WIDTH, displacement_between, draw_views, render
from .textures import SPLITS, load_texture, texture_id

#: Increased when a change of this code changes the clips.
VERSION = 1

# Each frame is a key frame with a fixed quantiser. Otherwise the artefacts of a single frame would
# show how well it was predicted from the one before. One thread and ``bitexact`` make the bytes
# reproducible.
_CODECS = {
    'mp4': ('libx264', {'preset': 'veryfast', 'tune': 'fastdecode', 'qp': '27'}),
    'webm': ('libvpx-vp9', {'deadline': 'realtime', 'cpu-used': '8', 'crf': '34', 'b': '0'}),
}


class _Group(NamedTuple):
    """Eight clips of one texture, one of each class: the task of a worker."""

    root: Path
    split: str
    number: int
    names: tuple[str, ...]  # by label
    seed: int


def generate(
    root: str | os.PathLike,
    num_train: int = 1200,
    num_val: int = 240,
    seed: int = 0,
    workers: int = 2,
) -> Path:
    """Write the data set, or the clips that are missing after an interruption.

    Args:
        root: Folder of the data set; it is made if there is none.
        num_train: Number of clips of the training split, a multiple of the 8 classes.
        num_val: Number of clips of the validation split, likewise.
        seed: Seed of all random numbers.
        workers: Number of processes. It does not change the files.

    Returns:
        The root.

    Raises:
        ValueError: If a number is not valid, or if the folder has a data set of other arguments.
    """
    root = Path(root)
    counts = {'train': num_train, 'val': num_val}
    for split, count in counts.items():
        if count <= 0 or count % len(CLASSES):
            raise ValueError(
                f'num_{split} must be a positive multiple of {len(CLASSES)}, the number of '
                f'classes, got {count}'
            )
    groups = [group for split in SPLITS for group in _plan(root, split, counts[split], seed)]
    summary = {
        'complete': False,
        'version': VERSION,
        'num_train': num_train,
        'num_val': num_val,
        'seed': seed,
        'textures': {s: [texture_id(s, g.number) for g in groups if g.split == s] for s in SPLITS},
    }
    if _is_complete(root, summary):
        return root

    for split in SPLITS:
        (root / split).mkdir(parents=True, exist_ok=True)
    _write_json(root / 'dataset.json', summary)
    atomic_write_bytes(root / 'label_map.txt', '\n'.join(CLASSES).encode() + b'\n')
    for split in SPLITS:
        lines = [
            f'{name} {label}\n'
            for g in groups
            if g.split == split
            for label, name in enumerate(g.names)
        ]
        atomic_write_bytes(root / f'{split}.txt', ''.join(sorted(lines)).encode())

    print(f'Writing {num_train} + {num_val} clips to {root}, {len(CLASSES)} at a time:')
    progress = ProgressBar(len(groups))
    for _ in map_in_processes(_write_group, groups, workers):
        progress.update()
    print()
    _write_json(root / 'dataset.json', summary | {'complete': True})
    return root


def displacement(
    clip: str | os.PathLike,
    start: int,
    end: int,
    height: int | None = None,
    width: int | None = None,
) -> np.ndarray:
    """The true displacement between any two frames of a clip.

    The ``.npz`` beside the video holds ``views`` (T, 2, 3), float64: the affine maps from the
    pixels (x, y, 1) of each frame to the texture (x, y), from which the field follows exactly.
    It also holds ``label``, ``texture`` (its name), ``fps`` and ``size`` (height, width).

    Args:
        clip: Path of the video, or of the ``.npz`` beside it.
        start: Index of a frame of the video, from 0.
        end: Index of the other frame, which may be an earlier one.
        height: Height of the resized frames; by default that of the video.
        width: Width of the resized frames, likewise.

    Returns:
        (2, height, width), float64: x (to the right) then y (down), in pixels of the resized
        frames, at each pixel of the first frame.
    """
    with np.load(Path(clip).with_suffix('.npz')) as motion:
        views = motion['views']
    return displacement_between(views[start], views[end], height or HEIGHT, width or WIDTH)


def true_field(
    clip: str | os.PathLike, frame_indices: Sequence[int] | np.ndarray, height: int, width: int
) -> MotionField:
    """The true motion between frames of a clip, each to the next one that is given.

    Args:
        clip: Path of the video, or of the ``.npz`` beside it.
        frame_indices: Indices of the T frames.
        height: Height of the field's map.
        width: Width of the field's map.

    Returns:
        A field with displacement (T - 1, 2, height, width), float64.
    """
    pairs = [
        displacement(clip, start, end, height, width) for start, end in pairwise(frame_indices)
    ]
    return MotionField(torch.from_numpy(np.stack(pairs)))


def _plan(root: Path, split: str, count: int, seed: int) -> list[_Group]:
    """The files of a split. The numbers in their names are shuffled, independent of the class."""
    numbers = np.random.default_rng([seed, SPLITS.index(split)]).permutation(count)
    groups = []
    for index, group in enumerate(numbers.reshape(-1, len(CLASSES))):
        names = tuple(
            # Both containers hold every class.
            f'{split}/{number:05d}.{("mp4", "webm")[(index + label) % 2]}'
            for label, number in enumerate(group)
        )
        groups.append(_Group(root, split, index, names, seed))
    return groups


def _is_complete(root: Path, summary: dict) -> bool:
    """Whether the folder has this data set, complete; an error if it has another one."""
    path = root / 'dataset.json'
    if not path.exists():
        return False
    found = json.loads(path.read_text())
    complete = found.pop('complete')
    if found != {key: value for key, value in summary.items() if key != 'complete'}:
        arguments = ('version', 'num_train', 'num_val', 'seed')
        raise ValueError(
            f'{root} holds a data set made with { {key: found.get(key) for key in arguments} }, '
            f'not with { {key: summary[key] for key in arguments} }: remove it, or choose '
            'another folder'
        )
    return complete


def _write_group(group: _Group) -> None:
    # The video is written last, so that a clip with a video is complete.
    missing = [label for label, name in enumerate(group.names) if not (group.root / name).exists()]
    if not missing:
        return
    texture = load_texture(group.split, group.number, group.seed)
    for label in missing:
        rng = np.random.default_rng([group.seed, SPLITS.index(group.split), group.number, label])
        views = draw_views(rng, CLASSES[label], texture.shape[:2])
        frames = render(rng, texture, views)
        motion = io.BytesIO()
        np.savez(
            motion,
            views=views,
            label=label,
            texture=texture_id(group.split, group.number),
            fps=FPS,
            size=(HEIGHT, WIDTH),
        )
        path = group.root / group.names[label]
        atomic_write_bytes(path.with_suffix('.npz'), motion.getvalue())
        atomic_write_bytes(path, encode(frames, path.suffix[1:]))


def encode(frames: np.ndarray, container: str) -> bytes:
    """Encode a clip with options that always give the same bytes.

    Args:
        frames: uint8 RGB (T, H, W, 3).
        container: ``mp4`` (H.264) or ``webm`` (VP9).
    """
    av = import_av()
    codec, options = _CODECS[container]
    file = io.BytesIO()
    with av.open(file, 'w', format=container, options={'fflags': '+bitexact'}) as output:
        stream = output.add_stream(codec, rate=FPS, options={**options, 'flags': '+bitexact'})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = 'yuv420p'
        stream.codec_context.gop_size = 1 if container == 'mp4' else 0
        stream.codec_context.thread_count = 1
        try:
            stream.codec_context.open()
        except av.error.ArgumentError as error:
            raise RuntimeError(
                f'PyAV cannot open {codec}. If decord was imported before PyAV, import PyAV first'
            ) from error
        for frame in frames:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format='rgb24')))
        output.mux(stream.encode(None))
    return file.getvalue()


def _write_json(path: Path, content: dict) -> None:
    atomic_write_bytes(path, json.dumps(content, indent=1).encode() + b'\n')
