"""The rivals of Tables 1 and 2: they build, fit their data, learn with all parameters, and tell."""

from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

from msnet_mmaction.commands.benchmark.clips import clip_shape
from msnet_mmaction.commands.reproduce.configs import pipeline_shape
from msnet_mmaction.commands.reproduce.experiments import load_paper
from msnet_mmaction.engine.hooks import check_frames

ROOT = Path(__file__).parent.parent
# Other splits differ in their lists alone: test_configs.py.
CONFIGS = sorted(
    path for path in (ROOT / 'configs' / 'baselines').glob('*.py') if '_split' not in path.stem
)
ROWS = {
    network.config: (experiment, dataset, place)
    for experiment in load_paper().experiments.values()
    for dataset, networks in experiment.networks.items()
    for place, network in enumerate(networks)
    if 'baselines' in network.config
}
CLASSES = dict(sthv1=174, sthv2=174, k400=400, hmdb51=51)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_builds_and_fits_its_data_and_its_row(path):
    cfg = Config.fromfile(path)
    experiment, dataset, place = ROWS[path.relative_to(ROOT).as_posix()]
    model = MODELS.build(cfg.model)
    check_frames(cfg, model)
    assert cfg.custom_imports.imports == ['msnet_mmaction']
    assert any(hook.type == 'PreflightHook' for hook in cfg.custom_hooks)

    flow = 'flow' in path.stem and 'rep_flow' not in path.stem
    frames = int(experiment.frames.split('+')[place if '+' in experiment.frames else 0])
    for split in ('train', 'val', 'test'):
        data = cfg[f'{split}_dataloader'].dataset
        assert data.num_classes == model.cls_head.num_classes == CLASSES[dataset]
        assert (data.get('modality') == 'Flow') == flow
        assert dataset[:4] in data.ann_file.replace('kinetics400', 'k400')
        for transform in data.pipeline:
            TRANSFORMS.build(transform)
        layout = next(t for t in data.pipeline if t.type == 'FormatShape').input_format
        assert layout == cfg.model.data_preprocessor.get('format_shape', 'NCHW')
    shape = pipeline_shape(cfg, model)
    # (T, C, H, W), or (1, C, T, H, W).
    assert shape[-4 if len(shape) == 4 else 2] == frames

    sampler = next(t for t in cfg.test_dataloader.dataset.pipeline if 'Sample' in t.type)
    if experiment.table == 'table2':
        spread = sampler.get('num_sample_positions', sampler.get('num_clips'))
        assert spread == experiment.clips

    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    learnt = {id(p) for group in wrapper.optimizer.param_groups for p in group['params']}
    assert learnt == {id(p) for p in model.parameters()}


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
