"""What the network is shown: 240 x 320, then the crops of the authors' code."""

import random
from itertools import product

import numpy as np
import pytest
from mmaction.registry import TRANSFORMS
from mmengine.config import Config
from mmengine.dataset import Compose

from tests.helpers.videos import video

NAMES = ['sthv1', 'sthv2', 'k400', 'hmdb51']
HEIGHT, WIDTH, CROP = 240, 320, 224


def authors_crops():
    """All boxes (left, top, right, bottom) that MotionSqueeze's GroupMultiScaleCrop draws from.

    Sides of 1, 7/8, 3/4 and 0.66 of the shorter side, height and width at most one step apart, at
    13 places: a grid of quarters of what is left over, without the places between its lines.
    """
    sides = [240, 210, 180, 158]
    quarters = set(product((0, 2, 4), repeat=2)) | set(product((1, 3), repeat=2))
    return {
        (x * dx, y * dy, x * dx + w, y * dy + h)
        for (i, h), (j, w) in product(enumerate(sides), repeat=2)
        if abs(i - j) <= 1
        for dx, dy in [((WIDTH - w) // 4, (HEIGHT - h) // 4)]
        for x, y in quarters
    }


@pytest.mark.parametrize('name', NAMES)
def test_the_crops_of_training_are_those_of_the_authors(name):
    pipeline = Config.fromfile(f'configs/msnet_r50_{name}.py').train_dataloader.dataset.pipeline
    (resize, crop, resize_again) = (t for t in pipeline if t.type in ('Resize', 'MultiScaleCrop'))
    assert (resize.scale, resize.keep_ratio) == ((WIDTH, HEIGHT), False)
    assert (resize_again.scale, resize_again.keep_ratio) == ((CROP, CROP), False)
    crop = TRANSFORMS.build(crop)
    random.seed(0)
    drawn = {
        tuple(crop.transform(dict(img_shape=(HEIGHT, WIDTH)))['crop_bbox'].tolist())
        for _ in range(5000)
    }
    assert drawn == authors_crops()


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('split', ['val', 'test'])
def test_the_centre_is_tested(name, split):
    pipeline = Config.fromfile(f'configs/msnet_r50_{name}.py')[f'{split}_dataloader']
    kept = [t for t in pipeline.dataset.pipeline if t.type in ('Resize', 'CenterCrop')]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    frame = np.stack([rows, columns % 256, columns // 256], axis=-1).astype(np.uint8)
    results = dict(imgs=[frame], img_shape=(HEIGHT, WIDTH), modality='RGB')
    (image,) = Compose([TRANSFORMS.build(t) for t in kept])(results)['imgs']
    assert image.shape == (CROP, CROP, 3)
    assert image[0, 0].tolist() == [8, 48, 0]
    assert image[-1, -1].tolist() == [8 + CROP - 1, (48 + CROP - 1) % 256, 1]


@pytest.mark.parametrize(
    ('name', 'split', 'frames'), [('sthv2', 'train', 8), ('sthv2', 'test', 8), ('k400', 'val', 80)]
)
@pytest.mark.parametrize('length', [1, 3, 40])
def test_whole_pipelines(name, split, frames, length, tmp_path):
    (tmp_path / 'a.mp4').write_bytes(video(frames=length))
    loader = Config.fromfile(f'configs/msnet_r50_{name}.py')[f'{split}_dataloader']
    pipeline = Compose([TRANSFORMS.build(t) for t in loader.dataset.pipeline])
    sample = dict(filename=str(tmp_path / 'a.mp4'), label=0, start_index=0, modality='RGB')
    inputs = pipeline(sample)['inputs']
    assert tuple(inputs.shape) == (frames, 3, CROP, CROP)
    assert inputs.element_size() == 1  # bytes, until the device makes them floats
