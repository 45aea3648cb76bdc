import json

import cv2
import pytest
import torch

from msnet_mmaction.commands.benchmark import loader_videos
from msnet_mmaction.commands.benchmark.loader import CACHES, measure
from msnet_mmaction.commands.benchmark.loader_stages import STAGES
from msnet_mmaction.commands.cli import main


def test_the_videos_are_as_said(tmp_path, monkeypatch):
    written = {}

    def write(path, frames, codec, fps, options):
        frames = list(frames)
        assert {frame.shape for frame in frames} == {frames[0].shape}
        written[path.name] = (len(frames), *frames[0].shape[:2], codec, fps)

    monkeypatch.setattr(loader_videos, '_write_video', write)
    loader_videos.make_sthv2(tmp_path, 3)
    loader_videos.make_k400(tmp_path, 1)
    assert written == {
        '0.webm': (24, 240, 427, 'libvpx-vp9', 12),
        '1.webm': (48, 240, 427, 'libvpx-vp9', 12),
        '2.webm': (72, 240, 427, 'libvpx-vp9', 12),
        '0.mp4': (300, 256, 340, 'libx264', 30),
    }


@pytest.mark.parametrize('split', ['train', 'val'])
def test_pipelines_side_by_side(split, tmp_path):
    samples = loader_videos.make_sthv2(tmp_path, 1)
    results = {r.pipeline: r for r in measure('sthv2', split, samples, tmp_path, rounds=1)}
    assert list(results) == ['mmaction2', 'ours, stock reader', 'ours', *CACHES]
    assert results['mmaction2'].speedup == 1
    for result in results.values():
        assert sum(result.shares.values()) == pytest.approx(1)
        assert result.shares.keys() == set(STAGES)
        assert result.shares['decoding'] > 0
    assert results['ours'].difference == results['ours, lossless cache'].difference == 0
    assert 0 < results['ours, JPEG cache'].mean_difference < 3


def test_folders_of_frames(tmp_path):
    (sample,) = loader_videos.make_sthv1(tmp_path, 1)
    assert cv2.imread(f'{sample["frame_dir"]}/00024.jpg').shape == (100, 176, 3)
    _, reference, ours = measure('sthv1', 'val', [sample], tmp_path, rounds=1)
    assert (reference.difference, ours.difference) == (0, 0)


def test_command(tmp_path, capsys):
    path = tmp_path / 'out.json'
    arguments = ['loader', '--data', 'sthv1', '--splits', 'val', '--videos', '1', '--rounds', '1']
    threads = torch.get_num_threads()
    try:
        assert main(['benchmark', *arguments, '--json', str(path)]) == 0
    finally:
        torch.set_num_threads(threads)
    assert 'sthv1 val' in capsys.readouterr().out
    assert json.loads(path.read_text())['results'][0]['pipeline'] == 'mmaction2'
