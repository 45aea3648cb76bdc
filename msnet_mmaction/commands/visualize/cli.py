"""Draw the motion that a network estimates in videos: figures, films as mp4 or GIF.

python -m msnet_mmaction visualize VIDEO... --config CONFIG --checkpoint CHECKPOINT --out FOLDER
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from ...apis import VideoMotion, load_recognizer, motion_along_video, motion_of_video
from ...datasets import VideoFrames
from ...models.layers import motion_layers
from ...structures import MotionField
from ...utils.configs import config_path
from ...utils.files import atomic_write
from ...visualization import (
    OVERLAYS,
    motion_figure,
    motion_film,
    write_gif,
    write_mp4,
)
from ..motion_quality import tvl1_flow

USER_ERRORS = (ValueError, OSError, ImportError)
FIGURES, FILMS = ('png', 'pdf'), ('mp4', 'gif')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('videos', nargs='+', help='video files, or folders of frames')
    parser.add_argument('--config', type=config_path, required=True)
    parser.add_argument('--checkpoint', help='left out: the network as its training starts')
    parser.add_argument('--out', type=Path, required=True, help='folder of the pictures')
    parser.add_argument(
        '--formats', nargs='+', choices=(*FIGURES, *FILMS), default=['png'], help='default: png'
    )
    parser.add_argument('--layers', nargs='+', help='names; by default all that estimate motion')
    parser.add_argument(
        '--frames', nargs='+', type=int, help='frames of the figure; default: as a test samples'
    )
    parser.add_argument(
        '--resolution',
        default='layer',
        help="of the maps: 'layer', 'full' (that of the frames), or a number: 56 as the paper",
    )
    parser.add_argument(
        '--original-size',
        action='store_true',
        help="frames and pixels of the video itself, not of the network's input; films always are",
    )
    parser.add_argument('--tvl1', action='store_true', help='TV-L1 beside it, in figures')
    parser.add_argument('--label-map', type=Path, help='file with the name of a class a line')
    parser.add_argument('--max-displacement', type=float, help='length of a full colour, in pixels')
    parser.add_argument('--overlay', choices=OVERLAYS, default='arrows', help='in films')
    parser.add_argument('--step', type=int, default=1, help='films: every so many frames')
    parser.add_argument('--max-frames', type=int, default=100, help='films: the most frames')
    parser.add_argument('--fps', type=float, default=8, help='films: pictures a second')
    parser.add_argument('--width', type=int, default=900, help='films: width in pixels')
    parser.add_argument('--device', help='default: a GPU if there is one')


def check(args: argparse.Namespace) -> None:
    """Check all arguments before the first computation."""
    if args.resolution not in ('layer', 'full') and not args.resolution.isdecimal():
        raise ValueError(f"--resolution is 'layer', 'full' or a number, not {args.resolution!r}")
    for option in ('step', 'max_frames', 'fps', 'width', 'max_displacement'):
        if getattr(args, option) is not None and not getattr(args, option) > 0:
            raise ValueError(f'--{option.replace("_", "-")} must be positive')
    names = [Path(video).stem for video in args.videos]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f'several videos would be written to one name: {", ".join(twice)}')
    for video in args.videos:
        VideoFrames(video)
    if args.label_map and not args.label_map.is_file():
        raise FileNotFoundError(f'{args.label_map}: no such file of class names')


def class_name(label: int, label_map: Path | None) -> str:
    """The name of a class, in quotes, or its number."""
    if label_map is None:
        return f'class {label}'
    classes = label_map.read_text().splitlines()
    if label >= len(classes):
        raise ValueError(
            f'{label_map} has {len(classes)} classes, the network found number {label}'
        )
    return f"'{classes[label]}'"


def title_of(video: str, motion: VideoMotion, label_map: Path | None) -> str:
    """Title of a figure: file, predicted class, score."""
    return f'{Path(video).name}: {class_name(motion.label, label_map)} ({motion.score:.0%})'


def labelled_fields(motion: VideoMotion, resolution: str) -> dict[str, MotionField]:
    """The fields of all layers, by their label, at the resolution that is asked for."""
    height, width = motion.frames.shape[1:3]
    if resolution not in ('layer', 'full'):
        height = width = int(resolution)
    fields = {}
    for name, field in motion.fields.items():
        label = 'Displacement' if len(motion.fields) == 1 else name.replace(' ', '\n')
        fields[label] = field if resolution == 'layer' else field.resized(height, width)
    return fields


def draw_figures(model: nn.Module, video: str, args: argparse.Namespace) -> list[Path]:
    """One figure of a clip, in each of its formats."""
    motion = motion_of_video(model, video, args.layers, args.frames, args.original_size)
    fields = labelled_fields(motion, args.resolution)
    if args.tvl1:
        for backward in sorted({field.backward for field in fields.values()}):
            flow = torch.from_numpy(tvl1_flow(motion.frames, backward))
            label = 'TV-L1 (backward)' if backward else 'TV-L1'
            fields[label] = MotionField(flow, backward=backward)
    figure = motion_figure(
        motion.frames,
        fields,
        title=title_of(video, motion, args.label_map),
        max_displacement=args.max_displacement,
        frame_names=[str(n) for n in motion.frame_indices],
    )
    paths = [args.out / f'{Path(video).stem}.{f}' for f in args.formats if f in FIGURES]
    for path in paths:
        with atomic_write(path) as part:
            figure.savefig(part, dpi=120)
    return paths


def draw_films(model: nn.Module, video: str, args: argparse.Namespace) -> list[Path]:
    """A film of each layer along the video, in each of its formats."""
    motion = motion_along_video(
        model,
        video,
        args.layers,
        step=args.step,
        max_frames=args.max_frames,
        original_size=True,
        progress=lambda done, of: print(f'\r{video}: clip {done} of {of}', end='', flush=True),
    )
    print()
    paths = []
    fields = labelled_fields(motion, args.resolution).values()
    for field, name in zip(fields, motion.fields, strict=True):
        film = motion_film(
            motion.frames,
            field,
            overlay=args.overlay,
            title=title_of(video, motion, args.label_map),
            max_displacement=args.max_displacement,
            frame_names=[str(n) for n in motion.frame_indices],
            width=args.width,
        )
        pictures = list(film)
        of_several = f'.{name.replace(" ", "_")}' if len(motion.fields) > 1 else ''
        for suffix, write in (('mp4', write_mp4), ('gif', write_gif)):
            if suffix in args.formats:
                paths.append(args.out / f'{Path(video).stem}{of_several}.{suffix}')
                write(paths[-1], pictures, args.fps)
    return paths


def run(args: argparse.Namespace) -> None:
    """Draw figures and films of each video."""
    check(args)
    model = load_recognizer(args.config, args.checkpoint, args.device)
    motion_layers(model, args.layers)
    args.out.mkdir(parents=True, exist_ok=True)
    for video in args.videos:
        for formats, draw in ((FIGURES, draw_figures), (FILMS, draw_films)):
            if set(formats) & set(args.formats):
                for path in draw(model, video, args):
                    print(f'written: {path}')
