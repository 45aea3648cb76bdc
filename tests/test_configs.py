"""Every file under configs/ builds, and says one number of frames."""

from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS, TRANSFORMS
from mmengine.config import Config

from msnet_mmaction.commands.benchmark.clips import clip_shape
from msnet_mmaction.engine.hooks import check_frames

ROOT = Path(__file__).parent.parent / 'configs'
# The baselines, of other frames and samplers, are built in test_baselines.py; splits 2 and 3 are
# split 1 with other lists.
CONFIGS = sorted(
    str(path.relative_to(ROOT))
    for path in ROOT.rglob('*.py')
    if not {'_base_', 'baselines'} & set(path.parts) and '_split' not in path.stem
)
# Split 1 of every network on HMDB-51.
HMDB51 = sorted(
    str(path.relative_to(ROOT)) for path in ROOT.rglob('*_hmdb51.py') if '_split' not in path.stem
)


def load(name):
    return Config.fromfile(ROOT / name)


def frames_of(name):
    return 16 if '_16f_' in name else 4 if 'demo' in name else 8


@pytest.mark.parametrize('name', CONFIGS)
def test_builds_and_agrees(name):
    cfg = load(name)
    model = MODELS.build(cfg.model)
    check_frames(cfg, model)
    # A 3D network takes clips of any length, and its samplers are asked.
    assert getattr(model, 'num_segments', None) in (frames_of(name), None)
    for split in ('train', 'val', 'test'):
        dataset = cfg[f'{split}_dataloader'].dataset
        assert dataset.num_classes == model.cls_head.num_classes
        for transform in dataset.pipeline:
            TRANSFORMS.build(transform)
        sampler, layout = dataset.pipeline[0], dataset.pipeline[-2]
        assert layout.input_format == cfg.model.data_preprocessor.get('format_shape', 'NCHW')
        if layout.input_format == 'NCTHW':
            assert (sampler.type, sampler.clip_len) == ('UniformSample', frames_of(name))
        if dataset.get('modality') == 'Flow':
            assert model.backbone.in_channels == 2 * dataset.pipeline[0].clip_len
    assert cfg.custom_imports.imports == ['msnet_mmaction']
    assert any(hook.type == 'PreflightHook' for hook in cfg.custom_hooks)
    # With MotionSqueeze or without, as the name says; what an ablation adds is counted in
    # benchmark/test_complexity.py.
    if 'ablations' not in name:
        layers = [name for name, _ in model.named_modules() if name.endswith('.motion')]
        assert bool(layers) == ('msnet' in name)


# The ablations are trained in test_ablations.py.
@pytest.mark.parametrize('name', [name for name in CONFIGS if 'ablations' not in name])
def test_forward(name):
    model = MODELS.build(load(name).model).eval()
    with torch.inference_mode():
        clip = torch.randn(1, *clip_shape(model, 64))
        scores = model(clip, mode='tensor', stage='head')
    assert scores.shape == (1, model.cls_head.num_classes)


@pytest.mark.parametrize('name', HMDB51)
def test_splits_differ_in_their_lists_alone(name):
    # As prepare.py names the lists of videos; those of flow alike.
    kind = 'flow' if name.endswith('_flow_hmdb51.py') else 'videos'
    uses = dict(train='train', val='val', test='val')
    contents = []
    for number in (1, 2, 3):
        cfg = load(name if number == 1 else name.replace('hmdb51', f'split{number}_hmdb51'))
        for loader, use in uses.items():
            dataset = cfg[f'{loader}_dataloader'].dataset
            lists = f'data/hmdb51/hmdb51_{use}_split_{number}_{kind}.txt'
            assert dataset.pop('ann_file') == lists
        contents.append(cfg.to_dict())
    assert contents[0] == contents[1] == contents[2]


@pytest.mark.parametrize(
    ('name', 'epochs', 'milestones', 'lr', 'decay', 'clip'),
    [
        ('msnet_r50_sthv1.py', 40, [20, 30], 0.01, 5e-4, 200),
        ('tsm_r50_16f_sthv2.py', 40, [20, 30], 0.01, 5e-4, 200),
        ('msnet_r50_k400.py', 80, [40, 60], 0.01, 1e-4, 20),
        ('msnet_r50_16f_hmdb51.py', 35, [15, 30], 0.001, 1e-4, 20),
    ],
)
def test_schedules(name, epochs, milestones, lr, decay, clip):
    cfg = load(name)
    assert cfg.train_cfg.max_epochs == epochs
    assert [(s.type, s.milestones, s.gamma) for s in cfg.param_scheduler] == [
        ('MultiStepLR', milestones, 0.1)
    ]
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.lr, optimizer.momentum, optimizer.nesterov) == (lr, 0.9, True)
    assert optimizer.weight_decay == decay
    assert cfg.optim_wrapper.clip_grad.max_norm == clip
    assert cfg.train_dataloader.batch_size * 8 == cfg.auto_scale_lr.base_batch_size == 48


def test_optimizer_groups():
    from mmengine.optim import build_optim_wrapper

    cfg = load('msnet_r18_sthv1.py')
    model = MODELS.build(cfg.model)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    group_of = {
        id(p): (group['lr'], group['weight_decay'])
        for group in wrapper.optimizer.param_groups
        for p in group['params']
    }
    for name, parameter in model.named_parameters():
        if '.bn.' in name:
            expected = (0.01, 0)
        elif name.endswith('bias'):
            expected = (0.02, 0)
        else:
            expected = (0.01, 5e-4)
        assert group_of[id(parameter)] == expected, name


def test_resnet101_shifts_every_block_as_the_authors():
    model = MODELS.build(load('msnet_r101_sthv1.py').model)
    assert all(hasattr(block.conv1.conv, 'net') for block in model.backbone.layer3[:23])
