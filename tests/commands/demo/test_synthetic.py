"""The synthetic clips: files, true displacement, and that nothing but motion tells the class."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cv2
import decord
import numpy as np
import pytest

from msnet_mmaction.commands.cli import main
from msnet_mmaction.commands.demo import motion_data as synthetic
from msnet_mmaction.commands.demo.motion_clips import (
    CLASSES,
    HEIGHT,
    NUM_FRAMES,
    WIDTH,
    displacement_between,
    draw_views,
    render,
)
from msnet_mmaction.commands.demo.motion_data import displacement, generate
from msnet_mmaction.commands.demo.textures import SPLITS, load_texture, texture_id

#: Every class in both containers; two textures a split.
NUM = {'train': 16, 'val': 16}


def entries(root, split):
    lines = (root / f'{split}.txt').read_text().splitlines()
    return [(name, int(label)) for name, label in (line.split() for line in lines)]


def contents(root):
    return {p.relative_to(root): p.read_bytes() for p in root.rglob('*') if p.is_file()}


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('motion'), NUM['train'], NUM['val'], workers=1)


def test_same_arguments_give_the_same_bytes(root, tmp_path):
    generate(tmp_path, NUM['train'], NUM['val'], workers=2)
    assert contents(tmp_path) == contents(root)


def test_another_seed_gives_other_clips(root, tmp_path):
    generate(tmp_path, 8, 8, seed=1, workers=1)
    assert not set(contents(root / 'val').values()) & set(contents(tmp_path / 'val').values())


def test_other_numbers_in_the_same_folder_are_an_error_in_a_line(root, capsys):
    assert main(['motion-data', str(root), '--train', '8', '--val', '8']) == 2
    error = capsys.readouterr().err
    assert error.startswith(
        f"error: {root} holds a data set made with {{'version': 1, 'num_train': 16"
    )
    assert error.count('\n') == 1
    assert main(['demo', '--data', str(root), '--clips', '8']) == 2
    assert 'choose another folder' in capsys.readouterr().err


def test_lists_are_balanced_and_complete(root):
    assert (root / 'label_map.txt').read_text().split() == list(CLASSES)
    for split, num in NUM.items():
        clips = entries(root, split)
        assert len(clips) == num
        assert set(Counter(label for _, label in clips).values()) == {num // len(CLASSES)}
        # Both containers hold every class.
        kinds = Counter((name.rsplit('.')[-1], label) for name, label in clips)
        assert set(kinds) == {(k, n) for k in ('mp4', 'webm') for n in range(len(CLASSES))}
        files = [p for p in (root / split).iterdir() if p.suffix != '.npz']
        assert {root / name for name, _ in clips} == set(files)


def test_names_do_not_tell_the_class(root):
    clips = entries(root, 'train')
    assert sorted(Path(name).stem for name, _ in clips) == [f'{n:05d}' for n in range(NUM['train'])]
    labels = [label for _, label in sorted(clips)]
    assert any(labels[i] != labels[i + len(CLASSES)] for i in range(len(CLASSES)))


def test_splits_share_no_texture_and_classes_share_all(root):
    recorded = json.loads((root / 'dataset.json').read_text())['textures']
    by_split = {}
    for split in SPLITS:
        by_class = {}
        for name, label in entries(root, split):
            with np.load((root / name).with_suffix('.npz')) as motion:
                assert motion['label'] == label
                by_class.setdefault(label, []).append(str(motion['texture']))
        assert all(sorted(t) == sorted(recorded[split]) for t in by_class.values())
        by_split[split] = set(recorded[split])
    assert not by_split['train'] & by_split['val']
    many = [{texture_id(split, index) for index in range(60)} for split in SPLITS]
    assert not many[0] & many[1]


def test_every_file_decodes(root):
    for split in SPLITS:
        for name, _ in entries(root, split):
            frames = decord.VideoReader(str(root / name)).get_batch(range(NUM_FRAMES)).asnumpy()
            assert frames.shape == (NUM_FRAMES, HEIGHT, WIDTH, 3)
            assert frames.std() > 5
            with np.load((root / name).with_suffix('.npz')) as motion:
                assert motion['views'].shape == (NUM_FRAMES, 2, 3)
                assert motion['views'].dtype == np.float64
                assert tuple(motion['size']) == (HEIGHT, WIDTH)


def test_encodes_where_decord_was_imported_before(tmp_path):
    code = """
import sys
import decord
import numpy as np
from msnet_mmaction.commands.demo.motion_data import encode
frames = np.random.default_rng(0).integers(0, 255, (4, 32, 48, 3), dtype=np.uint8)
sys.stdout.buffer.write(encode(frames, 'webm'))"""
    run = subprocess.run([sys.executable, '-c', code], capture_output=True)
    assert run.returncode == 0, run.stderr.decode()
    (tmp_path / 'clip.webm').write_bytes(run.stdout)
    assert len(decord.VideoReader(str(tmp_path / 'clip.webm'))) == 4


def photometric_error(frame, next_frame, field):
    """Mean difference of a frame from the next one, warped back with a field (2, H, W)."""
    x, y = field + np.stack(np.meshgrid(np.arange(field.shape[2]), np.arange(field.shape[1])))
    inside = (x >= 0) & (y >= 0) & (x <= field.shape[2] - 1) & (y <= field.shape[1] - 1)
    warped = cv2.remap(next_frame, x.astype('f4'), y.astype('f4'), cv2.INTER_LINEAR)
    return np.abs(warped.astype(float) - frame)[inside].mean()


@pytest.mark.parametrize('size', [(HEIGHT, WIDTH), (64, 64)])
def test_field_explains_the_decoded_frames(root, size):
    height, width = size
    errors = {'true': [], 'zero': [], 'negated': []}
    for name, _ in entries(root, 'train'):
        video = decord.VideoReader(str(root / name), width=width, height=height)
        frame, next_frame = video.get_batch([6, 10]).asnumpy()
        field = displacement(root / name, 6, 10, height, width)
        assert field.shape == (2, height, width)
        for kind, factor in (('true', 1), ('zero', 0), ('negated', -1)):
            errors[kind].append(photometric_error(frame, next_frame, factor * field))
    errors = {kind: np.array(values) for kind, values in errors.items()}
    assert (errors['true'] < 0.6 * errors['zero']).all()
    assert (errors['true'] < 0.6 * errors['negated']).all()
    assert errors['true'].mean() < 0.25 * errors['zero'].mean()


def test_field_has_the_sign_and_the_reach_of_its_class():
    middle = {'left': (0, -1), 'right': (0, 1), 'up': (1, -1), 'down': (1, 1)}
    for motion in CLASSES:
        for seed in range(20):
            views = draw_views(np.random.default_rng(seed), motion, (512, 512))
            # At the 64 x 64 pixels and 4 frames that the demo samples.
            x, y = displacement_between(views[6], views[10], 64, 64)
            if motion in middle:
                axis, sign = middle[motion]
                along, across = (x, y) if axis == 0 else (y, x)
                assert (along * sign > 6).all()
                assert np.abs(across).max() < 1e-9
            elif motion in ('in', 'out'):
                sign = 1 if motion == 'in' else -1
                assert (sign * x[:, -1] > 0).all()
                assert (sign * x[:, 0] < 0).all()
                assert (sign * y[-1] > 0).all()
                assert (sign * y[0] < 0).all()
            else:
                # Seen on the screen: clockwise, what is on top goes right.
                sign = 1 if motion == 'clockwise' else -1
                assert (sign * x[0] > 0).all()
                assert (sign * x[-1] < 0).all()
                assert (sign * y[:, -1] > 0).all()
            assert 4 < np.hypot(x, y).max() < 28


def test_field_backwards_is_the_inverse(root):
    clip = root / entries(root, 'val')[0][0]
    assert np.abs(displacement(clip, 3, 3)).max() < 1e-9
    views = draw_views(np.random.default_rng(0), 'left', (512, 512))
    there, back = displacement_between(views[0], views[9]), displacement_between(views[9], views[0])
    np.testing.assert_allclose(there, -back, atol=1e-9)


def test_interrupted_run_resumes(root, tmp_path, monkeypatch):
    write_group = synthetic._write_group
    done = []

    def stop_after_two(group):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(group)
        write_group(group)

    monkeypatch.setattr(synthetic, '_write_group', stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, NUM['train'], NUM['val'], workers=1)
    assert not json.loads((tmp_path / 'dataset.json').read_text())['complete']
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / 'train').iterdir()}
    assert kept

    monkeypatch.setattr(synthetic, '_write_group', write_group)
    generate(tmp_path, NUM['train'], NUM['val'], workers=1)
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    assert contents(tmp_path) == contents(root)


def test_complete_set_is_left_alone_and_another_refused(root, monkeypatch):
    monkeypatch.setattr(synthetic, 'atomic_write_bytes', lambda *_: pytest.fail('wrote again'))
    assert generate(root, NUM['train'], NUM['val']) == root
    with pytest.raises(ValueError, match='holds a data set made with'):
        generate(root, NUM['train'], NUM['val'], seed=1)


@pytest.mark.parametrize('num', [0, 12, -8])
def test_numbers_that_do_not_balance_are_refused(tmp_path, num):
    with pytest.raises(ValueError, match='num_val must be a positive multiple of 8'):
        generate(tmp_path, 8, num)


def frame_statistics(frame):
    """What one frame shows: brightness, contrast, detail at four scales; and 8 x 8 pixels."""
    gray = frame.mean(axis=-1, dtype=np.float32)
    values = [gray.mean(), gray.std(), *frame.std(axis=(0, 1))]
    for step in (1, 2, 4, 8):
        coarse = cv2.resize(gray, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
        values += [np.log(np.square(np.diff(coarse, axis=axis)).mean()) for axis in (0, 1)]
    values.append(np.log(np.square(cv2.Laplacian(gray, cv2.CV_32F)).mean()))
    return np.array(values), cv2.resize(gray, (8, 8), interpolation=cv2.INTER_AREA).ravel()


def single_frames(split, num_textures):
    """One random frame of many clips: statistics, small pictures, labels."""
    statistics, pictures, labels = [], [], []
    for index in range(num_textures):
        texture = load_texture(split, index, seed=7)
        for label, motion in enumerate(CLASSES):
            for take in range(2):
                rng = np.random.default_rng([SPLITS.index(split), index, label, take])
                views = draw_views(rng, motion, texture.shape[:2])
                frame = render(rng, texture, views[[rng.integers(NUM_FRAMES)]])[0]
                values, picture = frame_statistics(frame)
                statistics.append(values)
                pictures.append(picture)
                labels.append(label)
    return np.array(statistics), np.array(pictures), np.array(labels)


@pytest.mark.slow
def test_no_single_frame_tells_the_class():
    train, val = single_frames('train', 40), single_frames('val', 40)
    labels, val_labels = train[2], val[2]
    chance = 1 / len(CLASSES)
    deviation = (chance * (1 - chance) / len(val_labels)) ** 0.5
    for inputs, val_inputs in zip(train[:2], val[:2], strict=True):
        mean, std = inputs.mean(axis=0), inputs.std(axis=0)
        inputs, val_inputs = (inputs - mean) / std, (val_inputs - mean) / std
        # Nearest centroid, and least squares with a constant and a little weight decay.
        centroids = np.stack([inputs[labels == n].mean(axis=0) for n in range(len(CLASSES))])
        distance = np.square(val_inputs[:, None] - centroids).sum(axis=-1)
        inputs = np.c_[inputs, np.square(inputs), np.ones(len(inputs))]
        val_inputs = np.c_[val_inputs, np.square(val_inputs), np.ones(len(val_inputs))]
        gram = inputs.T @ inputs + 5 * np.eye(inputs.shape[1])
        weights = np.linalg.solve(gram, inputs.T @ np.eye(len(CLASSES))[labels])
        for guess in (distance.argmin(axis=1), (val_inputs @ weights).argmax(axis=1)):
            assert (guess == val_labels).mean() < chance + 3.5 * deviation
