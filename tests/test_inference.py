import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from torch import nn

from msnet_mmaction import fold_batch_norms


def network(config):
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(config).model)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return model.eval()


@pytest.mark.parametrize('config', ['configs/msnet_r18_sthv1.py', 'configs/tsm_r50_sthv1.py'])
def test_folding_keeps_the_outputs(config):
    model = network(config)
    clip = torch.randn(1, 8, 3, 64, 64)
    with torch.inference_mode():
        expected = model(clip, mode='tensor', stage='head')
        assert fold_batch_norms(model) is model
        found = model(clip, mode='tensor', stage='head')
    assert not any(isinstance(m, nn.BatchNorm2d) for m in model.modules())
    assert (found - expected).abs().max() < 1e-4 * expected.abs().max()


def test_folded_networks_do_not_train():
    model = fold_batch_norms(network('configs/msnet_r18_sthv1.py'))
    assert not model.training
