import copy
from collections import OrderedDict

import mmengine.model
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import nn

from msnet_mmaction import MotionSqueeze

LAYER = dict(type='MotionSqueeze', in_channels=128, displacement=dict(max_displacement=2))


def resnet_tsm(**kwargs):
    return dict(type='ResNetTSM', depth=18, num_segments=4, pretrained2d=False, **kwargs)


def build(backbone, layers=None, **kwargs):
    layers = dict(layer2=LAYER) if layers is None else layers
    return MODELS.build(dict(type='MSNet', backbone=backbone, layers=layers, **kwargs))


@pytest.mark.parametrize('kind', ['ResNetTSM', 'FastResNetTSM'])
@pytest.mark.parametrize('depth', [18, 34, 50, 101])
def test_keys_of_the_backbone_are_kept(kind, depth):
    backbone = dict(type=kind, depth=depth, num_segments=4, pretrained2d=False)
    plain = MODELS.build({**backbone, 'type': 'ResNetTSM'})
    channels = 128 if depth < 50 else 512
    network = build(backbone, dict(layer2={**LAYER, 'in_channels': channels}))
    added = network.state_dict().keys() - plain.state_dict().keys()
    assert added
    assert all(key.startswith('layer2.motion.') for key in added)
    result = network.load_state_dict(plain.state_dict(), strict=False)
    assert set(result.missing_keys) <= added
    assert not result.unexpected_keys


def test_starts_as_exactly_the_tsm_it_is_loaded_from():
    torch.manual_seed(0)
    tsm = MODELS.build(resnet_tsm())
    tsm.init_weights()
    network = build(resnet_tsm(), dict(layer2={**LAYER, 'zero_init': True}))
    network.init_weights()
    network.load_state_dict(tsm.state_dict(), strict=False)
    x = torch.randn(4, 3, 64, 64)
    for mode in (False, True):
        for module in (tsm, network):
            module.train(mode)
        assert torch.equal(network(x), tsm(x))


@pytest.mark.parametrize('init', ['default', 'pretrained'])
def test_zero_init_survives_the_initialisation_of_the_backbone(init, tmp_path):
    backbone = resnet_tsm()
    if init == 'pretrained':
        path = tmp_path / 'tsm.pth'
        torch.save(MODELS.build(resnet_tsm()).state_dict(), path)
        backbone['init_cfg'] = dict(type='Pretrained', checkpoint=str(path))
    network = build(backbone, dict(layer2={**LAYER, 'zero_init': True}))
    network.init_weights()
    assert network.layer2.motion.transform[-1].pointwise.bn.weight.abs().max() == 0
    assert network.layer2.motion.transform[0].pointwise.bn.weight.min() == 1


def test_layers_are_run_after_their_stages():
    network = build(
        resnet_tsm(),
        dict(layer1={**LAYER, 'in_channels': 64}, layer3={**LAYER, 'in_channels': 256}),
    )
    shapes = []
    for stage in (network.layer1, network.layer3):
        stage.motion.register_forward_hook(lambda m, args, out: shapes.append(tuple(out.shape)))
    network(torch.randn(8, 3, 64, 64))
    assert shapes == [(8, 64, 16, 16), (8, 256, 4, 4)]


class _Stage(nn.Module):
    """A stage that is no Sequential, as those of transformers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, x):
        return self.conv(x)


class _Backbone(BaseModule):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([_Stage(), nn.Sequential(nn.Conv2d(8, 8, 1))])

    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return x


@pytest.mark.parametrize('stage', ['stages.0', 'stages.1'])
def test_any_stage_of_any_backbone(stage):
    if 'StubBackbone' not in MODELS:
        MODELS.register_module(name='StubBackbone', module=_Backbone)
    layer = dict(type='MotionSqueeze', in_channels=8, displacement=dict(max_displacement=1))
    network = build(dict(type='StubBackbone'), {stage: layer}, num_segments=2)
    assert _Backbone().state_dict().keys() <= network.state_dict().keys()
    copied = copy.deepcopy(network).eval()
    network.eval()
    calls = []
    layer_name = f'{stage}.motion'
    copied.get_submodule(layer_name).register_forward_hook(lambda *_: calls.append('copy'))
    network.get_submodule(layer_name).register_forward_hook(lambda *_: calls.append('original'))
    x = torch.randn(4, 3, 6, 6)
    torch.testing.assert_close(copied(x), network(x))
    assert calls == ['copy', 'original']


def test_3d_networks_need_no_frames():
    backbone = dict(
        type='ResNet3d',
        depth=18,
        pretrained=None,
        pretrained2d=False,
        conv1_kernel=(1, 7, 7),
        norm_eval=False,
        inflate=(0, 0, 0, 0),
        conv_cfg=dict(type='Conv3d'),
    )
    plain = MODELS.build(backbone)
    network = build(backbone)
    assert plain.state_dict().keys() <= network.state_dict().keys()
    assert network(torch.randn(1, 3, 4, 64, 64)).shape[:2] == (1, 512)


def test_no_layers_are_the_backbone_alone():
    network = build(resnet_tsm(), {})
    assert network.state_dict().keys() == MODELS.build(resnet_tsm()).state_dict().keys()


def test_2d_backbone_without_shift():
    network = build(dict(type='ResNet', depth=18), num_segments=4)
    assert network.num_segments == 4
    assert network(torch.randn(8, 3, 64, 64)).shape == (8, 512, 2, 2)


def test_imagenet_start_of_mmaction2s_resnet_still_works(tmp_path):
    # Its loader looks every mmcv ConvModule below it up in the file: no layer of ours may be one.
    plain = MODELS.build(dict(type='ResNet', depth=18))
    torchvision = {}
    for key, value in plain.state_dict().items():
        key = key.replace('downsample.conv.', 'downsample.0.').replace(
            'downsample.bn.', 'downsample.1.'
        )
        for i in (1, 2):
            key = key.replace(f'conv{i}.conv.', f'conv{i}.').replace(f'conv{i}.bn.', f'bn{i}.')
        torchvision[key] = value
    path = tmp_path / 'resnet18.pth'
    torch.save(torchvision, path)
    network = build(dict(type='ResNet', depth=18, pretrained=str(path)), num_segments=4)
    network.init_weights()
    assert torch.equal(network.layer3[0].conv1.conv.weight, plain.layer3[0].conv1.conv.weight)


@pytest.mark.parametrize(
    ('backbone', 'layers', 'kwargs', 'message'),
    [
        (resnet_tsm(), dict(res3=LAYER), {}, "no stage 'res3'"),
        (
            dict(
                type='ResNet',
                depth=18,
                num_stages=3,
                out_indices=(2,),
                strides=(1, 2, 2),
                dilations=(1, 1, 1),
            ),
            dict(layer4=LAYER),
            {},
            "no stage 'layer4'",
        ),
        (resnet_tsm(), dict(layer2=dict(LAYER, num_segments=8)), {}, r'ResNetTSM.*4.*layer2.*8'),
        (resnet_tsm(), None, dict(num_segments=16), r'ResNetTSM.*4.*MSNet.*16'),
        ({**resnet_tsm(), 'num_segments': 1}, None, {}, 'at least 2 frames'),
        (resnet_tsm(), ['layer2'], {}, r"by the name of its stage.*got \['layer2'\]"),
        (resnet_tsm(), dict(layer2='MotionSqueeze'), {}, "after 'layer2'.*got 'MotionSqueeze'"),
    ],
)
def test_wrong_configs_fail_when_built(backbone, layers, kwargs, message):
    with pytest.raises(ValueError, match=message):
        build(backbone, layers, **kwargs)


def test_a_stage_takes_one_layer():
    network = build(resnet_tsm())
    assert isinstance(network.layer2.motion, MotionSqueeze)
    from msnet_mmaction.models.backbones.msnet import _put_after

    with pytest.raises(ValueError, match='already'):
        _put_after(network, 'layer2', MODELS.build(LAYER))


class _Backwards(nn.Sequential):
    """A Sequential with a forward of its own."""

    def forward(self, x):
        for module in reversed(self):
            x = module(x)
        return x


class _OwnBackwards(mmengine.model.Sequential):
    forward = _Backwards.forward


class _NamedSequential(nn.Sequential):
    """A Sequential that adds nothing to how it runs."""

    kind = 'named'


def backbone_of(stage):
    class Backbone(BaseModule):
        def __init__(self):
            super().__init__()
            self.stage = stage
            self.stages = nn.ModuleList([nn.Conv2d(8, 8, 1)])

        def forward(self, x):
            return self.stages[0](self.stage(x))

    MODELS.register_module(name='BackboneOfStage', module=Backbone, force=True)
    return dict(type='BackboneOfStage')


SMALL = dict(type='MotionSqueeze', in_channels=8, displacement=dict(max_displacement=1))


@pytest.mark.parametrize('kind', [_Backwards, _OwnBackwards])
def test_a_sequential_with_a_forward_of_its_own_is_not_guessed_about(kind):
    stage = kind(nn.Conv2d(8, 8, 1), nn.Conv2d(3, 8, 1))
    message = rf"'stage' of Backbone is a {kind.__name__}.*forward of its own.*'stage.1'"
    with pytest.raises(ValueError, match=message):
        build(backbone_of(stage), dict(stage=SMALL), num_segments=2)


class _Checkpointed(nn.Sequential):
    """A Sequential whose own forward runs its children one after the other, and says so."""

    runs_children_in_order = True

    def forward(self, x):
        for module in self:
            x = module(x)
        return x


@pytest.mark.parametrize('kind', [_NamedSequential, _Checkpointed])
def test_a_subclass_of_sequential_keeps_its_class(kind):
    stage = kind(OrderedDict(conv=nn.Conv2d(3, 8, 1)))
    network = build(backbone_of(stage), dict(stage=SMALL), num_segments=2)
    assert network.stage is stage
    calls = []
    stage.motion.register_forward_hook(lambda *_: calls.append(1))
    network(torch.randn(4, 3, 6, 6))
    assert calls == [1]


def test_a_list_of_stages_is_no_stage():
    stage = nn.Conv2d(3, 8, 1)
    with pytest.raises(ValueError, match=r"'stages' of Backbone is a ModuleList.*'stages\.0'"):
        build(backbone_of(stage), dict(stages=SMALL), num_segments=2)


SWIN = dict(
    type='SwinTransformer3D',
    arch=dict(embed_dims=8, depths=[1, 1], num_heads=[1, 1]),
    patch_size=(2, 4, 4),
    window_size=(2, 2, 2),
    pretrained2d=False,
    out_indices=(1,),
    out_after_downsample=True,
)


def swin(stage='layers.0', **layer):
    return build(SWIN, {stage: {**SMALL, 'in_channels': 16, **layer}})


def test_channels_last_stages_must_be_said_to_be():
    with pytest.raises(ValueError, match=r"'layers\.0' of SwinTransformer3D.*channels_last=True"):
        swin()
    # Whoever takes the frames for channels is stopped as well.
    with pytest.raises(ValueError, match='channels_last=True'):
        swin(in_channels=4)


def test_a_layer_after_a_channels_last_stage():
    network = swin(channels_last=True)
    network.eval()
    layer = network.layers[0].motion
    seen = []
    layer.register_forward_hook(lambda m, args, out: seen.append((args[0], out)))
    x = torch.randn(1, 3, 8, 32, 32)
    with torch.no_grad():
        assert network(x).shape[:2] == (1, 16)
    ((given, out),) = seen
    assert given.shape == out.shape == (1, 4, 4, 4, 16)
    # The same as of the channels-first features.
    layer.channels_last = False
    with torch.no_grad():
        expected = layer(given.movedim(-1, 1))
    torch.testing.assert_close(out, expected.movedim(1, -1))
    assert not torch.equal(out, given)


@pytest.mark.parametrize(
    ('backbone', 'stage', 'shape', 'message'),
    [
        (
            dict(
                type='MViT',
                arch=dict(embed_dims=8, num_layers=2, num_heads=1, downscale_indices=[]),
                spatial_size=32,
                temporal_size=4,
                out_scales=[0],
            ),
            'blocks.0',
            (1, 3, 4, 32, 32),
            r'takes a tensor of .*got a tuple',
        ),
        (
            dict(
                type='TimeSformer',
                num_frames=4,
                img_size=32,
                patch_size=16,
                embed_dims=8,
                num_heads=1,
                num_transformer_layers=1,
            ),
            'transformer_layers',
            (1, 3, 4, 32, 32),
            r'got a tensor of \(1, 17, 8\), as the tokens of a transformer',
        ),
    ],
    ids=['MViT', 'TimeSformer'],
)
def test_what_has_no_rows_and_columns_is_refused(backbone, stage, shape, message):
    network = build(backbone, {stage: SMALL})
    with pytest.raises(ValueError, match=message):
        network(torch.randn(shape))


def replaced(network, name, replacement):
    parent, _, child = name.rpartition('.')
    setattr(network.get_submodule(parent), child, replacement)


BACKBONES = [
    (resnet_tsm(), 'layer2', 128, 'layer4', 512, (4, 3, 64, 64)),
    (dict(type='ResNet', depth=18), 'layer2', 128, 'layer4', 512, (4, 3, 64, 64)),
    (
        dict(type='MobileNetV2TSM', num_segments=4, pretrained2d=False),
        'layer3',
        32,
        'layer7',
        320,
        (4, 3, 64, 64),
    ),
    (dict(type='WideStemMobileNetV2'), 'layer3', 32, 'layer7', 320, (4, 3, 64, 64)),
    (
        dict(type='ResNet3d', depth=18, pretrained=None, pretrained2d=False, norm_eval=False),
        'layer2',
        128,
        'layer4',
        512,
        (1, 3, 8, 64, 64),
    ),
]


@pytest.mark.parametrize('case', BACKBONES, ids=lambda case: case[0]['type'])
def test_stages_may_be_replaced(case):
    backbone, stage, channels, last, last_channels, shape = case
    network = build(backbone, {stage: {**LAYER, 'in_channels': channels}}, num_segments=4)
    network.eval()
    x = torch.randn(shape)
    with torch.no_grad():
        expected = network(x)
        # Something more after the stage that holds the layer, and after the last one.
        for name in (stage, last):
            replaced(network, name, nn.Sequential(network.get_submodule(name), nn.Identity()))
        torch.testing.assert_close(network(x), expected)
        marks = []
        more = nn.Identity()
        more.register_forward_hook(lambda m, args, out: marks.append(tuple(out.shape)))
        replaced(network, last, more)
        if last_channels == 512:
            assert network(x).shape[1] == 256
            assert marks


@pytest.mark.parametrize('case', BACKBONES, ids=lambda case: case[0]['type'])
def test_the_layer_may_be_taken_out_again(case):
    backbone, stage, channels, _, _, shape = case
    network = build(backbone, {stage: {**LAYER, 'in_channels': channels}}, num_segments=4)
    plain = MODELS.build(backbone)
    plain.load_state_dict(network.state_dict(), strict=False)
    network.eval()
    plain.eval()
    network.get_submodule(stage).motion = nn.Identity()
    x = torch.randn(shape)
    with torch.no_grad():
        torch.testing.assert_close(network(x), plain(x))
