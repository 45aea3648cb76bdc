"""Small generated data where the configs look for them, each data set as its tools write it."""

from pathlib import Path

import cv2
import numpy as np

from msnet_mmaction.commands.cache.writer import named_videos, write_frame_cache
from msnet_mmaction.datasets import load_classes
from tests.helpers.moving_textures import write_frames, write_video
from tests.helpers.videos import video

#: Classes of each data set.
CLASSES = dict(sthv1=174, sthv2=174, k400=400, hmdb51=51, motion=8)
#: Folder of each data set below ``data``; the flow of the generated clips lies in one of its own.
FOLDERS = {**{name: name for name in CLASSES}, 'k400': 'kinetics400', 'motion_flow': 'motion_flow'}
#: Bytes of the flow: the same everywhere, to the right and up.
FLOW_X, FLOW_Y = 160, 108


def write_data(root: Path) -> None:
    """Write one sample of every kind, of the last class, into ``root/data``."""
    data = {name: root / 'data' / folder for name, folder in FOLDERS.items()}
    for name, folder in data.items():
        folder.mkdir(parents=True)
        # Beside the lists, as prepare.py has it: lists and classes must fit.
        if name in ('sthv1', 'sthv2', 'k400', 'hmdb51'):
            (folder / 'label_map.txt').write_text('\n'.join(load_classes(name)))

    _write_list(data['sthv1'], 'sthv1_{}_list_rawframes.txt', '1 20', 'sthv1')
    _write_list(data['sthv2'], 'sthv2_{}_list_videos.txt', '1.webm', 'sthv2')
    _write_list(data['k400'], 'kinetics400_{}_list_videos.txt', '1.mp4', 'k400')
    _write_list(data['motion'], '{}.txt', '1.mp4', 'motion')
    write_frames(data['sthv1'] / 'rawframes' / '1', (2, 1), 20)
    write_video(data['sthv2'] / 'videos' / '1.webm', (2, 1), 20)
    write_video(data['k400'] / 'videos_train' / '1.mp4', (2, 1), 40)
    write_video(data['k400'] / 'videos_val' / '1.mp4', (2, 1), 40)
    (data['hmdb51'] / 'videos').mkdir()
    (data['hmdb51'] / 'videos' / '1.avi').write_bytes(video('avi', 'mpeg4'))
    write_video(data['motion'] / '1.mp4', (2, 1), 20)

    _write_list(data['sthv1'], 'sthv1_{}_list_flow.txt', '1 40', 'sthv1')
    _write_list(data['sthv1'], 'sthv1_{}_list_flow_3fps.txt', '1 40', 'sthv1')
    _write_list(data['sthv2'], 'sthv2_{}_list_flow.txt', '1 40', 'sthv2')
    _write_list(data['k400'], 'kinetics400_{}_list_flow.txt', '1 40', 'k400')
    _write_list(data['motion_flow'], '{}.txt', '1 40', 'motion')
    for number in (1, 2, 3):
        _write_list(data['hmdb51'], f'hmdb51_{{}}_split_{number}_videos.txt', '1.avi', 'hmdb51')
        _write_list(data['hmdb51'], f'hmdb51_{{}}_split_{number}_flow.txt', '1 40', 'hmdb51')
    for folder in (
        data['sthv1'] / 'flow',
        data['sthv1'] / 'flow_3fps',
        data['sthv2'] / 'flow',
        data['k400'] / 'flow_train',
        data['k400'] / 'flow_val',
        data['hmdb51'] / 'flow',
        data['motion_flow'],
    ):
        _write_flow(folder / '1')

    videos = data['sthv2'] / 'videos'
    named = named_videos([str(videos / '1.webm')], str(videos))
    for split in ('train', 'val'):
        write_frame_cache(data['sthv2'] / f'{split}.cache', named, show_progress=False)


def _write_list(folder: Path, pattern: str, sample: str, dataset: str) -> None:
    for split in ('train', 'val'):
        (folder / pattern.format(split)).write_text(f'{sample} {CLASSES[dataset] - 1}\n')


def _write_flow(folder: Path) -> None:
    folder.mkdir(parents=True)
    for axis, value in (('x', FLOW_X), ('y', FLOW_Y)):
        for number in range(1, 41):
            path = folder / f'flow_{axis}_{number:05}.jpg'
            cv2.imwrite(str(path), np.full((48, 64), value, np.uint8))
