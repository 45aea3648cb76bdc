import json
import runpy

import cv2
import pytest
import torch

from msnet_mmaction.benchmark import loader_videos
from msnet_mmaction.benchmark.loader import CACHES, measure
from msnet_mmaction.benchmark.loader_stages import STAGES
from msnet_mmaction.datasets.video_readers import open_video


@pytest.mark.parametrize(
    ('data', 'num_frames', 'size'), [('sthv2', 24, (240, 427)), ('k400', 300, (256, 340))]
)
def test_the_videos_are_as_said(data, num_frames, size, tmp_path):
    (sample,) = loader_videos.MAKERS[data](tmp_path, 1)
    with open(sample['filename'], 'rb') as file:
        reader = open_video(file.read(), sample['filename'])
    assert reader.num_frames == num_frames
    assert reader.read([0])[0].shape[:2] == size


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


def test_command(tmp_path, monkeypatch, capsys):
    path = tmp_path / 'out.json'
    arguments = ['loader', '--data', 'sthv1', '--splits', 'val', '--videos', '1', '--rounds', '1']
    monkeypatch.setattr('sys.argv', ['benchmark.py', *arguments, '--json', str(path)])
    threads = torch.get_num_threads()
    try:
        runpy.run_path('tools/benchmark.py', run_name='__main__')
    finally:
        torch.set_num_threads(threads)
    assert 'sthv1 val' in capsys.readouterr().out
    assert json.loads(path.read_text())['results'][0]['pipeline'] == 'mmaction2'
