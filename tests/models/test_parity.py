"""The network against outputs of the authors' own code, through a config and the converter."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

import msnet_mmaction  # noqa: F401
from msnet_mmaction.checkpoints import convert
from tests.helpers.oracle import DATA, official_state_dict, seeded_clip, seeded_labels

CASES = {
    'r18_8f_224_ms': ('configs/msnet_r18_sthv1.py', 'a', 10),
    'r18_8f_224_tsm': ('configs/tsm_r18_sthv1.py', 'c', 30),
}


@pytest.fixture(scope='module')
def official():
    with np.load(DATA / 'official_r18.npz') as file:
        return dict(file)


def build(case):
    config, salt, seed = CASES[case]
    model = MODELS.build(Config.fromfile(config).model)
    model.cls_head.dropout = None
    official_weights = official_state_dict(salt, motion=case.endswith('ms'))
    model.load_state_dict(convert(official_weights), strict=True)
    return model, seed


def logits(model, clip):
    return model(clip, mode='tensor', stage='head')


def relative(found, expected):
    """Largest error, relative to the largest value."""
    found = found.detach().numpy()
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize('case', CASES)
def test_inference(case, official):
    model, seed = build(case)
    matchings = []
    if case.endswith('ms'):
        layer = model.backbone.layer2.motion
        layer.displacement.register_forward_hook(lambda *call: matchings.append(call[2]))
    with torch.inference_mode():
        found = logits(model.eval(), seeded_clip(seed, 2, 8))

    assert relative(found, official[f'{case}/eval_logits']) < 1e-4
    if matchings:
        displacement, confidence = matchings[0]
        flow = official[f'{case}/eval_flow']
        # Near-ties of the argmax may fall either way.
        off = np.abs(displacement.numpy() - flow).max(axis=1) > 1e-4 * np.abs(flow).max()
        assert off.mean() <= 1e-3
        assert relative(confidence, official[f'{case}/eval_conf']) < 1e-3


def official_key(key):
    """The official name of one of our parameters, written down apart from the converter."""
    key = key.replace('cls_head.fc_cls', 'new_fc').replace('backbone.', 'base_model.')
    key = key.replace('layer2.motion.reduction.conv', 'chnl_reduction.0')
    key = key.replace('layer2.motion.reduction.bn', 'chnl_reduction.1')
    place = {'depthwise.conv': 0, 'depthwise.bn': 1, 'pointwise.conv': 3, 'pointwise.bn': 4}
    key = re.sub(
        r'layer2\.motion\.transform\.(\d)\.(\w+\.\w+)',
        lambda m: f'flow_refinement.conv{int(m[1]) + 1}.{place[m[2]]}',
        key,
    )
    key = key.replace('downsample.conv', 'downsample.0').replace('downsample.bn', 'downsample.1')
    return re.sub(
        r'conv(\d)\.(conv(\.net)?|bn)\.',
        lambda m: f'bn{m[1]}.' if m[2] == 'bn' else f'conv{m[1]}.',
        key,
    )


@pytest.mark.parametrize('case', CASES)
def test_training_step(case, official):
    model, seed = build(case)
    found = logits(model.train(), seeded_clip(seed, 2, 8))
    loss = F.cross_entropy(found, seeded_labels(seed, 2))
    loss.backward()

    assert relative(found, official[f'{case}/train_logits']) < 1e-4
    assert loss.item() == pytest.approx(float(official[f'{case}/train_loss']), rel=1e-4)
    expected = {
        key.split('grad_norm/')[1]: float(norm)
        for key, norm in official.items()
        if key.startswith(f'{case}/grad_norm/')
    }
    norms = {official_key(name): float(p.grad.norm()) for name, p in model.named_parameters()}
    assert norms.keys() == expected.keys()
    errors = np.array([abs(norms[key] / expected[key] - 1) for key in expected])
    assert np.median(errors) < 1e-3
    assert errors.max() < 3e-2


@pytest.mark.slow
def test_five_steps_in_double_precision():
    """Model, gradients and optimiser groups: where rounding flips nothing, the same curve."""
    with np.load(DATA / 'official_curve64.npz') as file:
        official = dict(file)
    cfg = Config.fromfile('configs/msnet_r18_sthv1.py')
    cfg.model.cls_head.num_classes = 5
    model = MODELS.build(cfg.model)
    model.cls_head.dropout = None
    model.load_state_dict(convert(official_state_dict('g', num_classes=5)), strict=True)
    model.double().train()
    optim_wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    clip = seeded_clip(91, 3, 8, 64).double()

    losses = []
    for _ in range(5):
        loss = F.cross_entropy(logits(model, clip), torch.arange(3))
        losses.append(loss.item())
        optim_wrapper.update_params(loss)

    assert losses == pytest.approx(official.pop('loss'), rel=1e-9)
    found = {
        official_key(key): float(value.double().norm()) for key, value in model.state_dict().items()
    }
    expected = {
        key.removeprefix('w/'): float(norm)
        for key, norm in official.items()
        # In the file, and used nowhere.
        if not key.startswith('w/base_model.bn2.')
    }
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=1e-9)
