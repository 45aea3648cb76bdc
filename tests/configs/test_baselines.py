"""The rivals of Tables 1 and 2 learn with all parameters; test_sweep.py builds them all."""

from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

from msnet_mmaction.commands.benchmark.clips import clip_shape

ROOT = Path(__file__).parents[2]


def small(path):
    """A config's network on clips of few small frames."""
    cfg = Config.fromfile(path).model
    for part in (cfg.backbone.get('backbone', cfg.backbone), cfg.cls_head):
        if 'num_segments' in part and cfg.cls_head.type != 'TRNHead':
            part.num_segments = 2
    cfg.backbone.get('backbone', cfg.backbone).pop('pretrained', None)
    return MODELS.build(cfg)


@pytest.mark.parametrize(
    'name',
    [
        'tsn_r50_sthv1',
        'trn_r50_sthv1',
        'nl_i3d_r50_sthv1',
        'rep_flow_r2plus1d_r34_k400',
        'rep_flow_r50_hmdb51',
        'r2plus1d_r34_flow_k400',
        'resnet50_32f_flow_k400',
        'tsm_r50_16f_flow_sthv2',
    ],
)
def test_training_changes_every_parameter(name):
    torch.manual_seed(0)
    model = small(ROOT / 'configs' / 'baselines' / f'{name}.py')
    model.train()
    clips = torch.randn(2, *clip_shape(model, 32))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    # mmaction2's TRN keeps the batch norms of ImageNet.
    learnt = {key: p for key, p in model.named_parameters() if p.requires_grad}
    assert len(learnt) == len(list(model.parameters())) or 'trn' in name
    before = {key: p.detach().clone() for key, p in learnt.items()}
    # Flow and non-local blocks start at zero: a first step moves their normalisation alone.
    for _ in range(2):
        scores = model(clips, mode='tensor', stage='head')
        assert scores.shape == (2, model.cls_head.num_classes)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()
        optimizer.step()
    assert not [key for key, p in learnt.items() if torch.equal(p, before[key])]


def test_rep_flow_learns_its_flow_a_hundred_times_slower():
    cfg = Config.fromfile(ROOT / 'configs/baselines/rep_flow_r50_k400.py')
    model = MODELS.build(cfg.model)
    groups = build_optim_wrapper(model, cfg.optim_wrapper).optimizer.param_groups
    of = {id(p): (g['lr'], g['weight_decay']) for g in groups for p in g['params']}
    for key, parameter in model.named_parameters():
        if '.motion.flow.' in key:
            expected = (1e-4, 0)
        elif '.bn' in key or 'downsample.1' in key:
            expected = (0.01, 0)
        elif key.endswith('bias'):
            expected = (0.02, 0)
        else:
            expected = (0.01, 1e-4)
        assert of[id(parameter)] == pytest.approx(expected), key
