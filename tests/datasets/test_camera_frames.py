"""Frames of a camera, as mmaction2's long_video_demo.py and webcam_demo.py give them to a network.

They take the sampler out of ``cfg.test_pipeline``, by a part of its name, and decoders, by a list
of names that holds mmaction2's alone: ours stay in, and must leave frames that are there as they
are.
"""

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate

from msnet_mmaction.datasets import DataError, SegmentSampleFrames

DROPPED = ('DecordInit', 'DecordDecode', 'PyAVInit', 'PyAVDecode', 'RawFrameDecode')


def camera_pipeline(cfg):
    """The transforms that the demos leave, and what they put into each sample."""
    (sampler,) = [step for step in cfg.test_pipeline if 'SampleFrames' in step['type']]
    left = [
        step for step in cfg.test_pipeline if step is not sampler and step['type'] not in DROPPED
    ]
    sample = dict(modality='RGB', label=-1, img_shape=(48, 64))
    sample.update({key: sampler[key] for key in ('clip_len', 'num_clips')})
    return Compose(left), sample


@pytest.mark.parametrize(
    'config', ['demo/msnet_r18_motion', 'msnet_r18_sthv1', 'msnet_r50_sthv2', 'msnet_r50_hmdb51']
)
def test_frames_of_a_camera(config):
    cfg = Config.fromfile(f'configs/{config}.py')
    pipeline, sample = camera_pipeline(cfg)
    frames = np.random.default_rng(0).integers(
        0, 255, (sample['num_clips'], 48, 64, 3), dtype=np.uint8
    )
    packed = pipeline({**sample, 'imgs': list(frames)})
    assert len(packed['inputs']) == sample['num_clips']
    # With mmaction2's names in the place of ours, which the demos know, it is the same.
    named = {'VideoInit': 'DecordInit', 'VideoDecode': 'DecordDecode'}
    named['FrameFilesDecode'] = 'RawFrameDecode'
    for step in cfg.test_pipeline:
        step['type'] = named.get(step['type'], step['type'])
    expected = camera_pipeline(cfg)[0]({**sample, 'imgs': list(frames)})
    assert torch.equal(packed['inputs'], expected['inputs'])


def test_a_network_sees_them():
    cfg = Config.fromfile('configs/demo/msnet_r18_motion.py')
    pipeline, sample = camera_pipeline(cfg)
    model = MODELS.build(cfg.model).eval()
    frames = np.zeros((4, 48, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        (found,) = model.test_step(pseudo_collate([pipeline({**sample, 'imgs': list(frames)})]))
    assert found.pred_score.shape == (8,)


def test_a_cache_leaves_them_too(tmp_path):
    steps = Compose([dict(type='FrameCacheInit', cache='none', root='.'), dict(type='VideoDecode')])
    frames = [np.zeros((4, 5, 3), dtype=np.uint8)]
    assert steps(dict(imgs=frames))['imgs'] is frames


def test_a_video_for_a_pipeline_of_frame_folders(tmp_path):
    """As inference_recognizer gives one to a config of Something-Something V1."""
    sampler = SegmentSampleFrames(clip_len=1, num_clips=8, test_mode=True)
    sample = dict(filename='some/clip.mp4', label=-1, start_index=0, modality='RGB')
    with pytest.raises(DataError, match=r'clip\.mp4.*folders of frames.*VideoInit.*VideoDecode'):
        sampler(sample)
