"""One training step of each network of the paper's ablations changes every parameter."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.optim import build_optim_wrapper

from msnet_mmaction.commands.benchmark.clips import clip_shape

ROOT = Path(__file__).parents[2] / 'configs' / 'ablations'
NAMES = sorted(str(path.relative_to(ROOT).with_suffix('')) for path in ROOT.rglob('*.py'))


def is_another(name):
    """Whether a config only names another one: a row that is the default."""
    lines = [
        line
        for line in (ROOT / f'{name}.py').read_text().splitlines()
        if line and not line.startswith('#')
    ]
    return len(lines) == 1 and lines[0].startswith('_base_')


ROWS = {
    'table3': ['s', 'ks', 'ks_cm', 'ks_cm_bd'],
    'table4': ['res2', 'res3', 'res4', 'res5', 'res2_res3_res4'],
    'table5': ['ms_only', 'multiply', 'concat', 'add'],
    'table6': ['flow_1', 'flow_1_low_fps', 'flow_5'],
    'table7': ['conv1x1', 'conv3x3', 'conv3x3_x4', 'depthwise_separable'],
    'table8': ['cp', 'ms'],
    'figure4': [f'p{size}' for size in (3, 5, 7, 9, 11, 13, 15, 17, 19, 21)],
    'figure5': [
        f'{backbone}{layer}'
        for backbone in ('resnet18', 'tsm_resnet18', 'mobilenet_v2', 'i3d')
        for layer in ('', '_ms')
    ],
}


@pytest.mark.parametrize('folder', ROWS)
def test_each_row_of_the_paper_has_a_config(folder):
    assert {path.stem for path in (ROOT / folder).glob('*.py')} == set(ROWS[folder])


@pytest.mark.parametrize('size', [3, 5, 7, 9, 11, 13, 15, 17, 19, 21])
def test_patches_have_the_size_of_their_names(size):
    cfg = Config.fromfile(ROOT / f'figure4/p{size}.py')
    layer = MODELS.build(cfg.model.backbone.layers.layer2)
    assert 2 * layer.displacement.max_displacement + 1 == size


#: Patch sizes between the smallest and the largest; all are built by test_sweep.py.
BETWEEN = {f'figure4/p{size}' for size in range(5, 20, 2)}


@pytest.mark.parametrize(
    'name', [name for name in NAMES if not is_another(name) and name not in BETWEEN]
)
def test_training_changes_every_parameter(name):
    torch.manual_seed(0)
    cfg = Config.fromfile(ROOT / f'{name}.py')
    model = MODELS.build(cfg.model).train()
    # Without decay, what has no gradient stays as it is.
    cfg.optim_wrapper.optimizer.weight_decay = 0
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    before = {key: value.clone() for key, value in model.named_parameters()}
    clips = torch.randint(256, (2, *clip_shape(model, 64)), dtype=torch.uint8)
    samples = [ActionDataSample().set_gt_label(label) for label in (0, 1)]
    # CP starts as the identity: the first step moves its last batch norm alone.
    for _ in range(2 if name == 'table8/cp' else 1):
        loss = model.train_step(dict(inputs=list(clips), data_samples=samples), wrapper)['loss']
        assert torch.isfinite(loss)
    for key, value in model.named_parameters():
        assert torch.isfinite(value).all(), key
        assert not torch.equal(value, before[key]), key


@pytest.mark.parametrize('split', ['train', 'val', 'test'])
def test_3d_networks_get_one_clip_of_a_frame_a_segment(split, tmp_path):
    # 16 frames, of which each is as bright as its number says: two a segment.
    for number in range(1, 17):
        frame = np.full((100, 120, 3), 10 * number, np.uint8)
        cv2.imwrite(str(tmp_path / f'{number:05}.jpg'), frame)
    dataset = Config.fromfile(ROOT / 'figure5/i3d_ms.py')[f'{split}_dataloader'].dataset
    pipeline = Compose(dataset.pipeline)
    video = dict(
        frame_dir=str(tmp_path),
        total_frames=16,
        start_index=1,
        offset=0,
        filename_tmpl=dataset.filename_tmpl,
        modality='RGB',
        label=0,
    )
    clip = pipeline(video)['inputs']
    assert clip.shape == (1, 3, 8, 224, 224)
    numbers = clip.float().mean(dim=(0, 1, 3, 4)) / 10
    segments = (numbers - 1) / (15 / 8)
    assert ((segments > torch.arange(8) - 0.3) & (segments < torch.arange(8) + 1.3)).all()


@pytest.mark.parametrize('name', ['table8/cp', 'figure5/i3d_ms', 'figure5/mobilenet_v2_ms'])
def test_scores_do_not_depend_on_the_batch(name):
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(ROOT / f'{name}.py').model).eval()
    clips = torch.randn(2, *clip_shape(model, 64))
    with torch.inference_mode():
        together = model(clips, mode='tensor', stage='head')
        alone = [model(clip[None], mode='tensor', stage='head') for clip in clips]
    assert together.shape == (2, 174)
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)
