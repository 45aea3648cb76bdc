import cv2
import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction.apis import load_recognizer, motion_along_video, motion_of_video
from msnet_mmaction.checkpoints import CheckpointError
from msnet_mmaction.commands.demo.motion_data import encode
from msnet_mmaction.datasets import DataError


@pytest.fixture
def model():
    torch.manual_seed(0)
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


def test_original_size_is_the_same_motion_in_other_pixels(model, video):
    small = motion_of_video(model, video)
    large = motion_of_video(model, video, original_size=True)
    assert large.frames.shape == (4, 48, 96, 3)
    scale = np.array([96 / 64, 48 / 64])[:, None, None]
    np.testing.assert_allclose(large.displacement, small.displacement * scale, rtol=1e-5)
    assert (large.confidence == small.confidence).all()


def test_a_rolled_picture_moves_by_exactly_that(model, tmp_path):
    """Through files, pipeline and an untrained network, in pixels, with the right sign."""
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    dx, dy = 8, -4  # whole positions: two to the right, one up
    for n in range(4):
        rolled = np.roll(picture, (n * dy, n * dx), axis=(0, 1))
        cv2.imwrite(str(tmp_path / f'{n}.png'), rolled)
    # Neighbours that look alike leave the softmax a rest of some hundredths: a sharper one, none.
    model.backbone.layer1.motion.displacement.temperature = 1e-3
    motion = motion_of_video(model, tmp_path, frame_indices=range(4))
    # What the padding of the convolutions reaches, or the roll, is left out.
    inner = motion.displacement[:, :, 6:-5, 5:-7]
    np.testing.assert_allclose(inner[:, 0], dx, atol=1e-3)
    np.testing.assert_allclose(inner[:, 1], dy, atol=1e-3)
    np.testing.assert_allclose(motion.confidence[:, 6:-5, 5:-7], 1, atol=1e-3)


def test_along_a_video_clips_are_joined(model, video):
    calls = []
    motion = motion_along_video(model, video, progress=lambda *call: calls.append(call))
    assert motion.frame_indices.tolist() == list(range(9))
    assert motion.displacement.shape == (8, 2, 16, 16)
    # Four frames at a time: 0-3, 3-6, and 5-8 of which two pairs are new.
    assert calls == [(1, 3), (2, 3), (3, 3)]
    for indices, pairs, kept in (
        ((0, 1, 2, 3), slice(0, 3), slice(None)),
        ((3, 4, 5, 6), slice(3, 6), slice(None)),
        ((5, 6, 7, 8), slice(6, 8), slice(1, None)),
    ):
        one = motion_of_video(model, video, frame_indices=indices)
        np.testing.assert_array_equal(motion.displacement[pairs], one.displacement[kept])
        np.testing.assert_array_equal(motion.confidence[pairs], one.confidence[kept])
    assert motion_along_video(model, video, step=2).frame_indices.tolist() == [0, 2, 4, 6, 8]
    assert motion_along_video(model, video, max_frames=4).frames.shape[0] == 4
    with pytest.raises(DataError, match=r'clip\.mp4 has 9 frames, 3 at a step of 4.*takes 4'):
        motion_along_video(model, video, step=4)


def test_several_layers_and_both_directions(video):
    cfg = Config.fromfile('configs/demo/msnet_r18_motion.py')
    cfg.model.backbone.layers = dict(
        layer1=dict(type='MotionSqueeze', in_channels=64, backward_displacement=True),
        layer2=dict(type='MotionSqueeze', in_channels=128, displacement=dict(max_displacement=3)),
    )
    model = MODELS.build(cfg.model).eval()
    model.cfg = cfg
    names = [f'backbone.layer{n}.motion' for n in (1, 2)]
    motion = motion_of_video(model, video)
    assert list(motion.fields) == [names[0], f'{names[0]} (backward)', names[1]]
    assert [field.backward for field in motion.fields.values()] == [False, True, False]
    assert [field.displacement.shape[2] for field in motion.fields.values()] == [16, 16, 8]
    assert list(motion_of_video(model, video, layers=names[1:]).fields) == names[1:]


def test_loading(model, tmp_path):
    config, path = 'configs/demo/msnet_r18_motion.py', tmp_path / 'weights.pth'
    state_dict = model.state_dict()
    torch.save(dict(state_dict=state_dict), path)
    loaded = load_recognizer('msnet_mmaction::demo/msnet_r18_motion.py', path, 'cpu')
    assert all(torch.equal(v, state_dict[k]) for k, v in loaded.state_dict().items())
    assert not loaded.training
    state_dict.pop('backbone.conv1.conv.weight')
    torch.save(dict(state_dict=state_dict), path)
    with pytest.raises(CheckpointError, match=r'weights\.pth.*missing: backbone\.conv1'):
        load_recognizer(config, path, 'cpu')
    path.write_text('no checkpoint')
    with pytest.raises(ValueError, match=r'weights\.pth: not a checkpoint'):
        load_recognizer(config, path, 'cpu')
    with pytest.raises(FileNotFoundError, match='no_config: no such config'):
        load_recognizer('no_config', path, 'cpu')
    with pytest.raises(TypeError, match=r'path of a config, or a Config, not a dict'):
        load_recognizer(dict(model=dict(type='Recognizer2D')))
    with pytest.raises(ValueError, match=r'config has no model'):
        load_recognizer(Config(dict(load_from=None)))


def test_loading_a_config_object(model, tmp_path):
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'weights.pth')
    cfg = Config.fromfile('configs/demo/msnet_r18_motion.py')
    loaded = load_recognizer(cfg, tmp_path / 'weights.pth', 'cpu')
    assert loaded.state_dict().keys() == model.state_dict().keys()
    assert loaded.cfg.test_dataloader == cfg.test_dataloader


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(layers=['backbone.layer3']), r'are backbone\.layer1\.motion: backbone\.layer3 is'),
        (dict(frame_indices=(0, 1)), r'takes 4 frames'),
        (dict(frame_indices=(0, 1, 2, 9)), r'clip\.mp4 has 9 frames.*no frames \[0, 1, 2, 9\]'),
    ],
)
def test_wrong_arguments(model, video, kwargs, message):
    with pytest.raises(ValueError, match=message):
        motion_of_video(model, video, **kwargs)
