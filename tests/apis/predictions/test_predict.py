"""``predict``: files, folders, lists, tables, arrays; windows; features and motion."""

import copy
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
import torch
from mmaction.apis import inference_recognizer
from mmaction.apis.inferencers import MMAction2Inferencer
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction.apis import (
    Prediction,
    class_names,
    find_inputs,
    iter_predictions,
    load_recognizer,
    merge_windows,
    predict,
)
from msnet_mmaction.datasets import DataError, VideoFrames, load_classes
from msnet_mmaction.datasets.readers import windows as windows_module
from tests.helpers.moving_textures import moving_texture, write_frames, write_video
from tests.helpers.videos import number_of, video

CONFIG = 'configs/demo/msnet_r18_motion.py'


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    cfg = Config.fromfile(CONFIG)
    model = MODELS.build(cfg.model).eval()
    # So that scores differ from video to video.
    torch.nn.init.normal_(model.cls_head.fc_cls.weight, std=0.05)
    model.cfg = cfg
    return model


@contextmanager
def other_pipeline(model, change):
    """The model with a changed test pipeline."""
    cfg = model.cfg
    model.cfg = copy.deepcopy(cfg)
    dataset = model.cfg.test_dataloader.dataset
    dataset.pipeline = change(list(dataset.pipeline))
    yield
    model.cfg = cfg


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    root = tmp_path_factory.mktemp('my videos')
    for number in range(3):
        write_video(root / 'nach links' / f'{number} ä.mp4', (number, 1), 12, seed=number)
    return root


def test_as_mmaction_does(model, videos, tmp_path):
    """The scores are those of mmaction2's own functions."""
    path = str(videos / 'nach links' / '0 ä.mp4')
    (prediction,) = predict(model, path)
    expected = inference_recognizer(model, path).pred_score.numpy()
    np.testing.assert_allclose(prediction.scores, expected, rtol=1e-5)
    assert prediction.label == expected.argmax()
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'weights.pth')
    inferencer = MMAction2Inferencer(CONFIG, str(tmp_path / 'weights.pth'), device='cpu')
    (found,) = inferencer(path)['predictions']
    np.testing.assert_allclose(found['rec_scores'][0], expected, rtol=1e-3)


def test_batches_and_workers_change_nothing(model, videos):
    one = predict(model, videos, features='backbone', motion=True)
    many = predict(model, videos, batch_size=3, workers=1, features='backbone', motion=True)
    assert [p.name for p in one] == [str(p) for p in sorted(videos.rglob('*.mp4'))]
    layer = 'backbone.layer1.motion'
    for a, b in zip(one, many, strict=True):
        np.testing.assert_allclose(a.scores, b.scores, rtol=1e-4)
        np.testing.assert_allclose(a.features, b.features, rtol=1e-3, atol=1e-5)
        assert a.features.shape == (512,)
        assert a.motion[layer].displacement.shape == (3, 2, 16, 16)
        torch.testing.assert_close(
            a.motion[layer].displacement, b.motion[layer].displacement, rtol=1e-3, atol=1e-3
        )
        assert a.input_size == (64, 64)
        np.testing.assert_allclose(a.frame_times, np.array([1, 4, 7, 10]) / 12)
    assert abs(one[0].scores - one[1].scores).max() > 1e-3


def test_kinds_of_inputs(model, videos, tmp_path):
    frames = moving_texture((2, 1), 12)
    write_frames(tmp_path / 'frames' / '1', (2, 1), 12)
    (tmp_path / 'frames' / '1' / 'notes.txt').write_text('')
    (tmp_path / 'list.txt').write_text(f'frames/1 12 3\n{videos}/nach links/0 ä.mp4\n')
    (tmp_path / 'table.csv').write_text('label,path\nx,frames/1\n')
    found = predict(model, [tmp_path / 'list.txt', str(tmp_path / 'table.csv'), frames, [frames]])
    assert [p.name for p in found] == [
        f'{tmp_path}/frames/1', f'{videos}/nach links/0 ä.mp4', f'{tmp_path}/frames/1',
        'array 0', 'array 1',
    ]  # fmt: skip
    assert found[0].error is None
    np.testing.assert_array_equal(found[0].scores, found[2].scores)
    np.testing.assert_array_equal(found[3].scores, found[4].scores)
    # A folder of JPEGs shows nearly the same.
    np.testing.assert_allclose(found[0].scores, found[3].scores, atol=0.05)
    assert list(find_inputs(tmp_path / 'frames')) == [f'{tmp_path}/frames/1']
    with pytest.raises(TypeError, match='not of a int'):
        predict(model, 3)
    with pytest.raises(ValueError, match='array 0: frames are uint8'):
        predict(model, frames.astype(float))
    (tmp_path / 'empty').mkdir()
    with pytest.raises(DataError, match='holds neither videos nor'):
        predict(model, tmp_path / 'empty')


def test_a_network_of_folders_of_frames_reads_videos(model, videos):
    path = str(videos / 'nach links' / '0 ä.mp4')
    expected = predict(model, path)

    def of_frames(pipeline):
        opened, sampler, decoder, *rest = pipeline
        assert (opened.type, decoder.type) == ('VideoInit', 'VideoDecode')
        return [sampler, dict(type='FrameFilesDecode'), *rest]

    with other_pipeline(model, of_frames):
        found = predict(model, path)
    np.testing.assert_array_equal(found[0].scores, expected[0].scores)


def test_broken_files_do_not_stop_the_rest(model, videos, tmp_path):
    (tmp_path / 'text.mp4').write_text('text')
    (tmp_path / 'empty.mp4').touch()
    good = videos / 'nach links' / '0 ä.mp4'
    paths = [tmp_path / 'text.mp4', good, tmp_path / 'empty.mp4', tmp_path / 'none.mp4']
    for kwargs in (dict(), dict(window=0.5), dict(batch_size=4)):
        found = predict(model, paths, **kwargs)
        by_name = {p.name: p for p in found}
        assert by_name[str(good)].error is None
        for path in (paths[0], *paths[2:]):
            assert path.name in by_name[str(path)].error
            with pytest.raises(ValueError, match='could not be read'):
                by_name[str(path)].top(1)


def test_clips_and_crops(model, videos):
    path = videos / 'nach links' / '0 ä.mp4'
    (one,), (several,) = predict(model, path), predict(model, path, clips=3)
    assert abs(one.scores - several.scores).max() > 1e-5
    assert predict(model, path, clips=3)[0].scores.tolist() == several.scores.tolist()
    with pytest.raises(ValueError, match='has no crop'):
        predict(model, path, crops=3)
    crop = dict(type='CenterCrop', crop_size=32)
    with other_pipeline(model, lambda steps: [*steps[:4], crop, *steps[4:]]):
        crops = {n: predict(model, path, crops=n)[0].scores for n in (1, 3, 10)}
        (features,) = predict(model, path, crops=3, features='backbone', motion=True)
    assert abs(crops[1] - crops[3]).max() > 1e-5
    assert abs(crops[3] - crops[10]).max() > 1e-5
    assert features.motion['backbone.layer1.motion'].displacement.shape == (3, 2, 8, 8)


def test_windows_are_the_frames_that_they_say(model, tmp_path, monkeypatch):
    """Each frame shows its number: 40 of them, 12 a second."""
    path = tmp_path / 'numbered.mp4'
    path.write_bytes(video('mp4', frames=40))
    seen, most = [], 0
    closed = windows_module._Open.closed

    def spy(self, reader):
        nonlocal most
        most = max(most, len(self.images))
        seen.append({self.first + i: number_of(image) for i, image in self.images.items()})
        return closed(self, reader)

    monkeypatch.setattr(windows_module._Open, 'closed', spy)
    found = predict(model, path, window=1, step=0.5, batch_size=2)
    assert [p.start for p in found] == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5])
    assert [p.end for p in found] == pytest.approx([1, 1.5, 2, 2.5, 3, 40 / 12])
    assert all(frame == number for window in seen for frame, number in window.items())
    assert most == 5  # those of the network, and the first: not those of the window
    # A window is what the same frames are alone.
    frames = VideoFrames(path).read([6 + n for n in (1, 4, 7, 10)])
    (alone,) = predict(model, np.stack(frames))
    np.testing.assert_allclose(found[1].scores, alone.scores, rtol=1e-4)


def test_windows_of_frames_and_of_short_videos(model, videos, tmp_path):
    frames = moving_texture((2, 1), 12)
    found = predict(model, frames, window=0.5, fps=12, step=0.5)
    assert [(p.start, p.end) for p in found] == [(0, 0.5), (0.5, 1.0)]
    (short,) = predict(model, videos / 'nach links' / '0 ä.mp4', window=60)
    assert short.end == pytest.approx(1)
    with pytest.raises(ValueError, match='give fps'):
        predict(model, frames, window=0.5)
    with pytest.raises(ValueError, match='must be positive'):
        predict(model, frames, window=-1, fps=12)
    (stream,) = predict(model, 'rtsp://127.0.0.1:9/none', window=1)
    assert 'cannot be opened as a video' in stream.error
    (whole,) = predict(model, 'rtsp://127.0.0.1:9/none')
    assert 'read in windows' in whole.error
    (tmp_path / 'sound.wav').write_bytes(b'RIFF$\0\0\0WAVEfmt \x10\0\0\0')
    (sound,) = predict(model, tmp_path / 'sound.wav', window=1)
    assert 'sound.wav' in sound.error


def window(start, end, *scores, name='a'):
    return Prediction(name, np.array(scores), start=start, end=end)


def test_merging_windows():
    found = merge_windows(
        [
            window(0, 4, 0.9, 0.1), window(2, 6, 0.7, 0.3), window(4, 8, 0.2, 0.8),
            window(6, 10, 0.55, 0.45), window(8, 12, 0.8, 0.2),
            Prediction('b', error='broken'), window(0, 4, 0.6, 0.4, name='c'),
        ],
        threshold=0.6,
    )  # fmt: skip
    found = [(p.name, p.start, p.end, p.error or p.scores.tolist()) for p in found]
    assert found == [
        ('a', 0, 5, pytest.approx([0.8, 0.2])),
        ('a', 5, 8, [0.2, 0.8]),
        ('a', 8, 12, [0.8, 0.2]),
        ('b', None, None, 'broken'),
        ('c', 0, 4, [0.6, 0.4]),
    ]


def test_names_of_the_classes(model, videos, tmp_path):
    path = videos / 'nach links' / '0 ä.mp4'
    assert predict(model, path)[0].class_name(3) == 'class 3'
    names = [f'Klasse {n}' for n in range(8)]
    assert predict(model, path, classes=names)[0].top(1)[0][0].startswith('Klasse')
    with pytest.raises(ValueError, match='2 names of classes, the network has 8'):
        predict(model, path, classes=['a', 'b'])
    (tmp_path / 'label_map.txt').write_text('\n'.join(names))
    cfg = Config.fromfile(CONFIG)
    cfg.test_dataloader.dataset.data_root = str(tmp_path)
    # What a checkpoint says comes first.
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'plain.pth')
    meta = dict(dataset_meta=dict(classes=names[::-1]))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), tmp_path / 'named.pth')
    assert class_names(load_recognizer(cfg, tmp_path / 'plain.pth', 'cpu')) == names
    assert class_names(load_recognizer(cfg, tmp_path / 'named.pth', 'cpu')) == names[::-1]
    cfg.model.cls_head.num_classes = 174
    assert class_names(load_recognizer(cfg, device='cpu')) is None
    cfg.test_dataloader.dataset.classes = 'sthv2'
    assert class_names(load_recognizer(cfg, device='cpu')) == load_classes('sthv2')


def test_wrong_arguments(model, videos):
    for kwargs, message in (
        (dict(batch_size=0), 'batch_size must be positive'),
        (dict(features='backbone.layer9'), "no layer 'backbone.layer9'; among its layers"),
        (dict(motion=['backbone.layer9']), r'estimate motion are backbone\.layer1\.motion'),
        (dict(crops=2), '1, 3 or 10 crops'),
    ):
        with pytest.raises(ValueError, match=message):
            next(iter_predictions(model, videos, **kwargs))
    model.train()
    with pytest.raises(ValueError, match=r'call model\.eval'):
        predict(model, videos)
    model.eval()


def test_frames_of_a_camera_size(model):
    """Arrays of another size than the others of a batch are run on their own."""
    frames = moving_texture((2, 1), 12)
    large = np.stack([cv2.resize(frame, (128, 96)) for frame in frames])
    with other_pipeline(model, lambda steps: [s for s in steps if s.type != 'Resize']):
        both = predict(model, [frames, large], batch_size=2)
        alone = [predict(model, one)[0] for one in (frames, large)]
    for a, b in zip(both, alone, strict=True):
        np.testing.assert_allclose(a.scores, b.scores, rtol=1e-4)
