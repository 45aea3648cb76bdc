import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction.apis import motion_of_video
from msnet_mmaction.datasets.synthetic import encode


@pytest.fixture
def model():
    cfg = Config.fromfile('configs/demo/msnet_r18_motion.py')
    model = MODELS.build(cfg.model).eval()
    model.cfg = cfg
    return model


@pytest.fixture
def video(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (9, 48, 96, 3), dtype=np.uint8)
    path = tmp_path / 'clip.mp4'
    path.write_bytes(encode(frames, 'mp4'))
    return path


def test_motion_is_in_pixels_of_the_frames(model, video):
    # Height and width that differ would show if they were mixed up; a position is 4 pixels.
    resize = next(t for t in model.cfg.test_dataloader.dataset.pipeline if t.type == 'Resize')
    resize.scale = (64, 128)
    layer = model.backbone.layer1.motion
    with torch.no_grad():
        motion = motion_of_video(model, video, frame_indices=(0, 2, 4, 8))
        normalised = []
        layer.displacement.register_forward_hook(lambda m, args, out: normalised.append(out[0]))
        motion_of_video(model, video, frame_indices=(0, 2, 4, 8))
    assert motion.frames.shape == (4, 128, 64, 3)
    assert motion.frame_indices.tolist() == [0, 2, 4, 8]
    assert motion.displacement.shape == (3, 2, 32, 16)
    assert motion.confidence.shape == (3, 32, 16)
    pixels = normalised[0].numpy() * 7 * 4
    np.testing.assert_allclose(motion.displacement, pixels, rtol=1e-4, atol=1e-4)
    assert 0 <= motion.label < 8
    assert 0 < motion.score <= 1


def test_the_test_pipeline_samples_by_default(model, video):
    assert motion_of_video(model, video).frame_indices.tolist() == [1, 3, 5, 7]


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(layer='backbone.layer3.motion'), r'layers backbone\.layer1\.motion.*layer3'),
        (dict(frame_indices=(0, 1)), r'takes 4 frames'),
        (dict(frame_indices=(0, 1, 2, 9)), r'clip\.mp4 has 9 frames.*no frames \[0, 1, 2, 9\]'),
    ],
)
def test_wrong_arguments(model, video, kwargs, message):
    with pytest.raises(ValueError, match=message):
        motion_of_video(model, video, **kwargs)
