"""Schedules, splits and optimisers of the configs; test_sweep.py builds them all."""

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import mmaction
import pytest
from mmaction.registry import HOOKS, MODELS
from mmengine.config import Config
from torch import nn

from msnet_mmaction import FlowTSMOptimWrapperConstructor

ROOT = Path(__file__).parents[2] / 'configs'
HMDB51 = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob('*_hmdb51.py'))


def load(name):
    return Config.fromfile(ROOT / name)


@pytest.fixture
def train_config(monkeypatch):
    """What mmaction2's train.py, run by its command line, makes of a config."""
    script = runpy.run_path(str(Path(mmaction.__file__).parent / '.mim' / 'tools' / 'train.py'))

    def parsed(name, *options):
        monkeypatch.setattr(sys, 'argv', ['train.py', str(ROOT / name), *options])
        monkeypatch.setenv('LOCAL_RANK', '0')  # else the script sets it
        return script['merge_args'](load(name), script['parse_args']())

    return parsed


@pytest.mark.parametrize('name', HMDB51)
def test_one_variable_chooses_the_split_of_all_three_loaders(name, train_config, monkeypatch):
    # As prepare.py names the lists of videos; those of flow alike.
    kind = 'flow' if name.endswith('_flow_hmdb51.py') else 'videos'
    uses = dict(train='train', val='val', test='val')
    monkeypatch.delenv('HMDB51_SPLIT', raising=False)
    contents = []
    for number in (1, 2, 3):
        if number > 1:
            monkeypatch.setenv('HMDB51_SPLIT', str(number))
        cfg = train_config(name, '--cfg-options', 'train_dataloader.batch_size=3')
        for loader, use in uses.items():
            dataset = cfg[f'{loader}_dataloader'].dataset
            lists = f'data/hmdb51/hmdb51_{use}_split_{number}_{kind}.txt'
            assert dataset.pop('ann_file') == lists
        for variable in ('ann_file_train', 'ann_file_val'):
            cfg.pop(variable)
        contents.append(cfg.to_dict())
    # The lists apart, nothing differs.
    assert contents[0] == contents[1] == contents[2]


def test_options_of_a_user_leave_the_preflight_check_on(train_config):
    cfg = train_config(
        'msnet_r50_hmdb51.py', '--cfg-options', "custom_hooks=[dict(type='EMAHook')]"
    )
    assert cfg.default_hooks.preflight == dict(
        type='PreflightHook', allow_missing=['cls_head.fc_cls']
    )


def test_the_old_place_of_the_preflight_check_is_an_error_that_names_the_new_one():
    old = dict(type='PreflightHook', allow_missing=['cls_head.fc_cls'])
    hooks = [
        HOOKS.build(hook) for hook in (load('msnet_r50_hmdb51.py').default_hooks.preflight, old)
    ]
    with pytest.raises(
        ValueError, match=r'take it out of custom_hooks.*default_hooks=dict\(preflight'
    ):
        hooks[0].before_run(SimpleNamespace(hooks=hooks))


def test_flow_networks_of_any_dimensions_get_their_rates():
    constructor = FlowTSMOptimWrapperConstructor(
        dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01, weight_decay=0)),
        dict(fc_lr5=False),
    )
    first, second = nn.Conv3d(2, 3, 1), nn.Conv2d(3, 4, 1)
    wrapper = constructor(nn.Sequential(first, second, nn.Linear(4, 5)))
    rates = {id(p): g['lr'] for g in wrapper.optimizer.param_groups for p in g['params']}
    assert rates[id(first.weight)] == pytest.approx(0.05)
    assert rates[id(second.weight)] == pytest.approx(0.01)
    with pytest.raises(ValueError, match='Sequential has no convolution'):
        constructor(nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 6)))


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
