import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from mmaction.registry import DATASETS

from msnet_mmaction.commands.flow.extraction import extract_flow
from msnet_mmaction.commands.flow.sources import FrameFolders, VideoFiles, frames_at
from msnet_mmaction.datasets import DataError
from msnet_mmaction.datasets.optical_flow import dequantize_flow, quantize_flow
from tests.helpers.moving_textures import write_frames, write_video
from tests.helpers.processes import ROOT, run_python

FOLDERS = FrameFolders('{:05}.jpg', fps=12)


def write_list(path, *lines):
    path.write_text(''.join(f'{line}\n' for line in lines))
    return path


def extract(root, *lines, source=VideoFiles(), flow='flow', **kwargs):  # noqa: B008
    """Extract the flow of a list; return the failures and the lines of the list of flow."""
    failures = extract_flow(
        write_list(root / 'list.txt', *lines),
        root,
        root / flow,
        root / 'flow.txt',
        source,
        **{'workers': 1, **kwargs},
    )
    return failures, (root / 'flow.txt').read_text().splitlines()


def read_flow(folder, bound=20.0):
    """Dequantised flows of a folder, (N, H, W, 2)."""
    numbers = range(1, len(list(folder.glob('flow_x_*.jpg'))) + 1)
    planes = [
        [cv2.imread(str(folder / f'flow_{axis}_{number:05}.jpg'), 0) for axis in 'xy']
        for number in numbers
    ]
    return dequantize_flow(np.array(planes).transpose(0, 2, 3, 1), bound)


def median_error(flows, truth):
    # Inside: what comes in at the border was not seen before.
    inner = flows[:, 8:-8, 8:-8]
    return np.median(np.linalg.norm(inner - truth, axis=-1))


def test_quantised_as_the_flow_of_tsn_and_mmaction2():
    # round(255 * (v + 20) / 40); beyond the bound it is cut off.
    flow = np.array([-25.0, -20.0, -10.0, 0.1, 1.0, 20.0, 31.0])
    assert quantize_flow(flow).tolist() == [0, 0, 64, 128, 134, 255, 255]
    values = np.linspace(-20, 20, 999)
    assert abs(dequantize_flow(quantize_flow(values)) - values).max() <= 20 / 255 + 1e-5
    assert quantize_flow(np.array([4.0]), bound=4.0).tolist() == [255]


@pytest.mark.parametrize(
    ('num_frames', 'source_fps', 'fps'),
    [
        (9, 12, 3),
        (9, 12.0001, 3),
        (16, 12, None),
        (50, 25, 3),
        (50, 29.97, 3),
        (7, 2, 3),
        (31, 30, 12),
    ],
)
def test_frames_are_the_nearest_to_the_ticks(num_frames, source_fps, fps):
    found = frames_at(num_frames, source_fps, fps)
    rate = min(fps or source_fps, source_fps)
    duration = (num_frames - 1) / source_fps
    ticks = [k / rate for k in range(num_frames) if k / rate <= duration + 1e-4]
    times = np.arange(num_frames) / source_fps
    assert len(found) == len(ticks)
    assert (abs(times[found] - ticks) <= abs(times[:, None] - ticks).min(0) + 1e-9).all()


def test_flow_of_a_video_and_of_its_frames(tmp_path):
    velocity = (2, -1)
    write_video(tmp_path / 'a' / 'clip.mp4', velocity, 4)
    failures, lines = extract(tmp_path, 'a/clip.mp4 3')
    assert (failures, lines) == ({}, ['a/clip 3 3'])
    flows = read_flow(tmp_path / 'flow' / 'a' / 'clip')
    assert flows.shape == (3, 48, 64, 2)
    assert median_error(flows, velocity) < 0.25

    write_frames(tmp_path / 'frames.v1', velocity, 4)
    failures, lines = extract(tmp_path, 'frames.v1 4 5', source=FOLDERS, flow='other')
    assert (failures, lines) == ({}, ['frames.v1 3 5'])
    assert median_error(read_flow(tmp_path / 'other' / 'frames.v1'), velocity) < 0.25


@pytest.mark.parametrize('write', [write_video, write_frames])
def test_low_fps(tmp_path, write):
    write(tmp_path / ('clip.mp4' if write is write_video else 'clip'), (1, 1), 9)
    line, source = ('clip.mp4 0', VideoFiles()) if write is write_video else ('clip 9 0', FOLDERS)
    _, lines = extract(tmp_path, line, source=source, fps=3.0)
    # Frames 0, 4 and 8 of 12 a second.
    assert lines == ['clip 2 0']
    assert median_error(read_flow(tmp_path / 'flow' / 'clip'), (4, 4)) < 0.25


def test_mmaction2_reads_the_flow(tmp_path):
    write_video(tmp_path / 'clip.mp4', (2, -1), 6)
    extract(tmp_path, 'clip.mp4 1')
    dataset = DATASETS.build(
        dict(
            type='CheckedRawframeDataset',
            ann_file=str(tmp_path / 'flow.txt'),
            data_prefix=dict(img=str(tmp_path / 'flow')),
            filename_tmpl='flow_{}_{:05}.jpg',
            modality='Flow',
            num_classes=2,
            pipeline=[
                dict(type='SegmentSampleFrames', clip_len=3, num_clips=2, test_mode=True),
                dict(type='RawFrameDecode'),
                dict(type='FormatShape', input_format='NCHW'),
                dict(type='PackActionInputs'),
            ],
        )
    )
    stacks = dataset[0]['inputs']
    assert stacks.shape == (2, 6, 48, 64)
    # Stacks of three from 5 flows: the first starts at 0, the second at floor(1.5 * 3 / 2) = 2.
    flows = read_flow(tmp_path / 'flow' / 'clip')
    found = dequantize_flow(stacks.numpy())
    for stack, start in zip(found, (0, 2), strict=True):
        expected = flows[start : start + 3].transpose(0, 3, 1, 2).reshape(6, 48, 64)
        assert np.array_equal(stack, expected)
    assert abs(np.median(found, axis=(0, 2, 3)) - [2, -1] * 3).max() < 0.25


def test_bad_videos_are_named_and_the_others_done(tmp_path):
    write_video(tmp_path / 'good.mp4', (1, 0), 3)
    write_video(tmp_path / 'better.webm', (1, 0), 3)
    content = (tmp_path / 'good.mp4').read_bytes()
    (tmp_path / 'truncated.mp4').write_bytes(content[: len(content) // 2])
    (tmp_path / 'text.mp4').write_text('not a video')
    write_video(tmp_path / 'single.mp4', (1, 0), 1)
    bad = ['truncated.mp4', 'text.mp4', 'gone.mp4', 'single.mp4']
    ann_file = write_list(
        tmp_path / 'list.txt', 'good.mp4 1', *(f'{name} 0' for name in bad), 'better.webm 2'
    )
    done = run_python(
        'tools/data/extract_flow.py', ann_file, tmp_path, tmp_path / 'flow',
        tmp_path / 'flow.txt', '--workers', 2,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    for name in bad:
        assert f'\n  {name}: ' in done.stderr
    assert 'single.mp4: DataError: 1 of its 1 frames are left' in done.stderr
    assert '4 could not be read' in done.stderr
    assert '6/6' in done.stdout
    assert (tmp_path / 'flow.txt').read_text().splitlines() == ['good 2 1', 'better 2 2']
    assert sorted(path.name for path in (tmp_path / 'flow').iterdir()) == [
        'better', 'flow.json', 'good',
    ]  # fmt: skip


def test_a_frame_that_is_missing(tmp_path):
    write_frames(tmp_path / 'clip', (1, 0), 3)
    failures, lines = extract(tmp_path, 'clip 4 0', source=FOLDERS)
    assert re.search(r'clip/00004\.jpg can not be read .* the list says 4', failures['clip'])
    assert lines == []


def test_a_killed_run_is_gone_on_with(tmp_path):
    names = [f'clip{number}' for number in range(4)]
    for name in names:
        write_video(tmp_path / f'{name}.mp4', (1, 0), 5)
    lines = [f'{name}.mp4 0' for name in names]
    ann_file = write_list(tmp_path / 'list.txt', *lines)
    flow = tmp_path / 'flow'
    process = subprocess.Popen(
        [
            sys.executable, 'tools/data/extract_flow.py', ann_file, tmp_path, flow,
            tmp_path / 'flow.txt', '--workers', '2',
        ],
        cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.time() + 240
    while not list(flow.glob('*.part/*.jpg')) and time.time() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / 'flow.txt').exists()
    # The workers end with it: nothing is written any more.
    time.sleep(1.0)
    left = {path: path.stat().st_mtime_ns for path in flow.glob('**/*.jpg')}
    time.sleep(0.5)
    assert {path: path.stat().st_mtime_ns for path in flow.glob('**/*.jpg')} == left

    complete = [name for name in names if (flow / name).exists()]
    assert len(complete) < 4
    for name in complete:
        assert len(list((flow / name).iterdir())) == 8
    failures, found = extract(tmp_path, *lines)
    assert (failures, found) == ({}, [f'{name} 4 0' for name in names])
    assert not list(flow.glob('*.part'))
    for path, written in left.items():
        if path.parent.name in complete:
            assert path.stat().st_mtime_ns == written


class SlowSource(VideoFiles):
    """Stops between the first two flows of a video until it is told to go on."""

    def __init__(self):
        object.__setattr__(self, 'reached', threading.Event())
        object.__setattr__(self, 'go_on', threading.Event())

    def frames(self, root, entry, fps):
        for index, frame in enumerate(super().frames(root, entry, fps)):
            if index == 2:
                self.reached.set()
                assert self.go_on.wait(60)
            yield frame

    def __repr__(self):
        return repr(VideoFiles())


def test_two_runs_share_a_folder(tmp_path):
    """As the three splits of HMDB-51 do: neither touches what the other one is at."""
    for name in ('a', 'b'):
        write_video(tmp_path / f'{name}.mp4', (1, 0), 4)
    lists = [
        write_list(tmp_path / 'first.txt', 'a.mp4 0'),
        write_list(tmp_path / 'second.txt', 'a.mp4 0', 'b.mp4 1'),
    ]
    slow = SlowSource()

    def run(number, source):
        out = tmp_path / f'flow_{number}.txt'
        failures = extract_flow(lists[number], tmp_path, tmp_path / 'flow', out, source, workers=1)
        return failures, out.read_text().splitlines()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, 0, slow)
        assert slow.reached.wait(60)
        second = pool.submit(run, 1, VideoFiles())
        with pytest.raises(TimeoutError):
            second.result(timeout=1)
        assert not (tmp_path / 'flow' / 'b').exists()
        slow.go_on.set()
        assert first.result(60) == ({}, ['a 3 0'])
        assert second.result(60) == ({}, ['a 3 0', 'b 3 1'])
    assert sorted(path.name for path in (tmp_path / 'flow').iterdir()) == ['a', 'b', 'flow.json']


def test_a_folder_is_of_one_kind_of_flow(tmp_path):
    write_video(tmp_path / 'clip.mp4', (1, 0), 9)
    extract(tmp_path, 'clip.mp4 0', fps=3.0)
    with pytest.raises(DataError, match=r"computed with .*'fps': 3\.0.*not with .*'fps': None"):
        extract(tmp_path, 'clip.mp4 0')


@pytest.mark.parametrize(
    ('lines', 'source', 'message'),
    [
        ([], VideoFiles(), r'list\.txt is empty'),
        (['clip.mp4 0', 'my clip.mp4 0'], VideoFiles(), r"line 2 is not '<video> <label>': 'my"),
        (['clip.mp4 0'], FOLDERS, r"line 1 is not '<folder> <n.*no label"),
        (['clip.mp4 0', 'clip.webm 0'], VideoFiles(), r'line 2: .* share the folder clip .* 1'),
        (['/clip.mp4 0'], VideoFiles(), r'/clip\.mp4 must lie below'),
        (['../clip.mp4 0'], VideoFiles(), r'must lie below'),
        (['gone.mp4 0'], VideoFiles(), r'nothing that .*list\.txt names exists, the first is '),
    ],
)
def test_wrong_lists(tmp_path, lines, source, message):
    (tmp_path / 'clip.mp4').touch()
    with pytest.raises(DataError, match=message):
        extract(tmp_path, *lines, source=source)
    assert not (tmp_path / 'flow').exists()


def test_the_list_is_not_replaced(tmp_path):
    (tmp_path / 'clip.mp4').touch()
    ann_file = write_list(tmp_path / 'list.txt', 'clip.mp4 0')
    with pytest.raises(DataError, match=r'would replace .*list\.txt'):
        extract_flow(ann_file, tmp_path, tmp_path / 'flow', tmp_path / 'list.txt', VideoFiles())
    assert ann_file.read_text() == 'clip.mp4 0\n'


def test_opencv_without_its_contributed_modules(tmp_path, monkeypatch):
    (tmp_path / 'clip.mp4').touch()
    monkeypatch.delattr(cv2, 'optflow')
    with pytest.raises(ImportError, match=r'pip install .*opencv-contrib-python'):
        extract(tmp_path, 'clip.mp4 0')
