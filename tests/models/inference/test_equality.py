"""One law: a model gives the same numbers however it is run.

With gradients recorded, without, in inference mode, as a copy optimised for inference, copied,
after more training, compiled and exported; whatever its backbone, norms, convolutions, hooks.
"""

import copy
import io

import pytest
import torch
import torch._inductor.config
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmcv.cnn.bricks import ConvWS2d
from mmengine.model import revert_sync_batchnorm
from torch import nn
from torch.nn.utils import parametrizations, prune, spectral_norm

from msnet_mmaction import AddFusion, optimize_for_inference
from msnet_mmaction.models.inference import FusedConv, FusedResidualBlock, FusedStem
from msnet_mmaction.models.inference.optimize import count_fused

FRAMES, SIZE = 4, 32

#: Backbone, where a layer is put, its channels, whether clips are (N, C, T, H, W).
BACKBONES = {
    'FastResNetTSM-18': (dict(type='FastResNetTSM', depth=18), 'layer2', 128, False),
    'FastResNetTSM-50': (dict(type='FastResNetTSM', depth=50), 'layer2', 512, False),
    'FastResNetTSM, two stages out': (
        dict(type='FastResNetTSM', depth=18, out_indices=(1, 3)),
        'layer2',
        128,
        False,
    ),
    'one stage': (
        dict(
            type='FastResNetTSM',
            depth=18,
            num_stages=1,
            strides=(1,),
            dilations=(1,),
            out_indices=(0,),
        ),
        'layer1',
        64,
        False,
    ),
    'ResNetTSM-18': (dict(type='ResNetTSM', depth=18, pretrained2d=False), 'layer2', 128, False),
    'ResNet-18': (dict(type='ResNet', depth=18), 'layer2', 128, False),
    'MobileNetV2TSM': (
        dict(type='MobileNetV2TSM', pretrained2d=False, pretrained=None),
        'layer3',
        32,
        False,
    ),
    'WideStemMobileNetV2': (dict(type='WideStemMobileNetV2'), 'layer3', 32, False),
    'InceptionI3D': (dict(type='InceptionI3D'), 'inc_b', 480, True),
    'ResNet3d-18': (
        dict(type='ResNet3d', depth=18, pretrained2d=False, conv_cfg=dict(type='Conv3d')),
        'layer2',
        128,
        True,
    ),
    'C2D': (dict(type='C2D', depth=18), 'layer2', 128, True),
}
WITH_SEGMENTS = {'FastResNetTSM', 'ResNetTSM', 'MobileNetV2TSM'}


def network(name='FastResNetTSM-18', **layer):
    torch.manual_seed(0)
    backbone, stage, channels, _ = BACKBONES[name]
    backbone = dict(backbone)
    if backbone['type'] in WITH_SEGMENTS:
        backbone['num_segments'] = FRAMES
    layer = dict(
        type='MotionSqueeze',
        in_channels=channels,
        reduced_channels=8,
        # Without a best match, which rounding could flip.
        displacement=dict(type='SoftArgmax', max_displacement=1, temperature=0.05),
        **layer,
    )
    model = MODELS.build(
        dict(type='MSNet', backbone=backbone, layers={stage: layer}, num_segments=FRAMES)
    )
    randomize_norms(model)
    for module in motion(model).transform.modules():
        if isinstance(module, nn.BatchNorm2d):
            # Else little of the motion reaches the outputs.
            module.weight.data.mul_(3)
    model.eval()
    return model


def randomize_norms(model):
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1)
            nn.init.uniform_(module.bias, -0.3, 0.3)


def clips(name='FastResNetTSM-18', batch=2):
    generator = torch.Generator().manual_seed(1)
    shape = (
        (batch, 3, FRAMES, SIZE, SIZE) if BACKBONES[name][3] else (batch * FRAMES, 3, SIZE, SIZE)
    )
    return torch.randn(shape, generator=generator)


def motion(model):
    return next(m for name, m in model.named_modules() if name.endswith('motion'))


def outputs(model, x):
    found = model(x)
    return found if isinstance(found, tuple) else (found,)


def assert_same(found, expected, tolerance=2e-5):
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        assert (a - b).abs().max() <= tolerance * b.abs().max()


def saved_and_loaded(model):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


def assert_equal_in_all_modes(model, x, copies=True):
    """The law. Returns the optimised copy."""
    expected = tuple(out.detach() for out in outputs(model, x))
    assert all(out.isfinite().all() for out in expected)
    optimized = optimize_for_inference(model)
    copied = [copy.deepcopy(model), copy.deepcopy(optimized)] if copies else []
    for run in (model, optimized, *copied):
        assert_same(outputs(run, x), expected)
        with torch.no_grad():
            assert_same(outputs(run, x), expected)
        with torch.inference_mode():
            assert_same(outputs(run, x), expected)
    assert_same(outputs(model, x), expected, tolerance=0)
    return optimized


@pytest.mark.parametrize('name', BACKBONES)
def test_backbones(name):
    model, x = network(name), clips(name)
    optimized = assert_equal_in_all_modes(model, x)
    convolutions = sum(isinstance(m, nn.Conv2d | nn.Conv3d) for m in model.modules())
    # Every convolution of these networks is followed by its norm.
    assert count_fused(optimized) == convolutions
    with torch.no_grad():
        assert_same(outputs(saved_and_loaded(optimized), x), outputs(model, x))
        # Double precision shows that the fusion itself is exact.
        exact = optimize_for_inference(model.double())
        assert_same(outputs(exact, x.double()), outputs(model, x.double()), tolerance=1e-12)


@pytest.mark.parametrize(
    'backbone',
    [
        dict(type='FastResNetTSM', depth=18, num_segments=FRAMES),
        dict(type='ResNetTSM', depth=18, num_segments=FRAMES, pretrained2d=False),
        dict(type='ResNet', depth=18),
        dict(type='MobileNetV2'),
    ],
    ids=lambda backbone: backbone['type'],
)
def test_frozen_stages(backbone):
    model = MODELS.build(dict(backbone, frozen_stages=1))
    model.eval()
    randomize_norms(model)
    optimized = assert_equal_in_all_modes(model, clips())
    expected = outputs(optimized, clips())
    optimized.eval()
    assert_same(outputs(optimized, clips()), expected, tolerance=0)


def test_what_a_resnet_is_made_of():
    optimized = optimize_for_inference(network('FastResNetTSM-50'))
    assert isinstance(optimized.conv1, FusedStem)
    blocks = [block for name in optimized.res_layers for block in getattr(optimized, name)]
    # One of them is the motion layer.
    assert sum(isinstance(block, FusedResidualBlock) for block in blocks) == len(blocks) - 1
    assert isinstance(motion(optimized).reduction, FusedConv)


class Adapted(nn.Conv2d):
    """A convolution with something added, as LoRA does."""

    def forward(self, x):
        return super().forward(x) + 0.3 * x.mean(dim=1, keepdim=True)


class ScaledFusion(AddFusion):
    def forward(self, features, motion):
        return features + 0.5 * motion


def like(conv, kind, **kwargs):
    return kind(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        padding=conv.padding,
        groups=conv.groups,
        bias=False,
        **kwargs,
    )


def sync_bn(model):
    return nn.SyncBatchNorm.convert_sync_batchnorm(model)


def reverted_sync_bn(model):
    return revert_sync_batchnorm(nn.SyncBatchNorm.convert_sync_batchnorm(model))


def group_norm(model):
    motion(model).reduction.bn = nn.GroupNorm(2, 8)
    model.layer3[0].conv1.bn = nn.GroupNorm(2, 256)


def identity_norm(model):
    motion(model).reduction.bn = nn.Identity()


def norms_that_adapt(model):
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.train()
            module.momentum = 0.0


def norm_of_the_batch(model):
    motion(model).reduction.bn = nn.BatchNorm2d(8, track_running_stats=False)
    model.layer3[0].conv1.bn = nn.BatchNorm2d(256, track_running_stats=False)
    model.eval()


def other_eps(model):
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 0.1


def weight_standardisation(model):
    motion(model).reduction.conv = like(motion(model).reduction.conv, ConvWS2d)


def subclass_of_a_convolution(model):
    motion(model).reduction.conv = like(motion(model).reduction.conv, Adapted)
    model.layer3[0].conv2.conv = like(model.layer3[0].conv2.conv, Adapted)


def patched_forward(model):
    conv = model.layer3[0].conv2.conv
    weight = conv.weight
    conv.forward = lambda x: F.conv2d(x, 2 * weight, padding=1)


def convolution_in_a_sequential(model):
    motion(model).reduction.conv = nn.Sequential(motion(model).reduction.conv)
    model.layer3[0].conv2.conv = nn.Sequential(model.layer3[0].conv2.conv)


def circular_padding(model):
    first = motion(model).transform[0].depthwise
    first.conv = like(first.conv, nn.Conv2d, padding_mode='circular')


def pruned(model):
    prune.l1_unstructured(motion(model).reduction.conv, 'weight', amount=0.5)
    prune.l1_unstructured(model.layer3[0].conv2.conv, 'weight', amount=0.5)


def parametrized(model):
    parametrizations.weight_norm(motion(model).reduction.conv)
    model.layer3[0].conv2.conv.weight.data.mul_(0.5)
    parametrizations.weight_norm(model.layer3[0].conv2.conv)


def with_spectral_norm(model):
    spectral_norm(model.layer3[0].conv2.conv)
    model.eval()


def hook_that_changes(model):
    motion(model).reduction.bn.register_forward_hook(lambda m, args, out: 2 * out)
    model.layer3[0].conv1.register_forward_hook(lambda m, args, out: out + 1)
    model.layer4[0].register_forward_pre_hook(lambda m, args: (args[0] * 0.9,))
    model.conv1.conv.register_forward_hook(lambda m, args, out: out * 1.1)
    model.layer1[0].relu.register_forward_hook(lambda m, args, out: out * 1.1)


def other_activation(model):
    motion(model).reduction.relu = nn.GELU()
    model.layer3[0].conv1.activate = nn.LeakyReLU(0.3)
    model.layer3[1].relu = nn.GELU()


def no_stage(model):
    model.layer4 = nn.Identity()


def stage_with_more(model):
    model.layer4 = nn.Sequential(model.layer4, nn.Conv2d(512, 8, 1))


def own_fusion(model):
    motion(model).fusion = ScaledFusion(128)


def other_pooling(model):
    model.maxpool = nn.MaxPool2d(2, ceil_mode=True)


def shared_convolution(model):
    model.layer1[1].conv1 = model.layer1[0].conv1


def no_shift_in_a_block(model):
    model.layer1[0].conv1.conv = model.layer1[0].conv1.conv.net


CHANGES = [
    sync_bn,
    reverted_sync_bn,
    group_norm,
    identity_norm,
    norms_that_adapt,
    norm_of_the_batch,
    other_eps,
    weight_standardisation,
    subclass_of_a_convolution,
    patched_forward,
    convolution_in_a_sequential,
    circular_padding,
    pruned,
    parametrized,
    with_spectral_norm,
    hook_that_changes,
    other_activation,
    no_stage,
    stage_with_more,
    own_fusion,
    other_pooling,
    shared_convolution,
    no_shift_in_a_block,
]
SAME_NUMBERS = (sync_bn, reverted_sync_bn, convolution_in_a_sequential)


@pytest.mark.parametrize('change', CHANGES, ids=lambda change: change.__name__)
def test_changed_networks(change):
    model, x = network(), clips()
    with torch.no_grad():
        before = outputs(model, x)
    model = change(model) or model
    # torch itself can't copy what these two compute before each call.
    copies = change not in (pruned, with_spectral_norm)
    optimized = assert_equal_in_all_modes(model, x, copies)
    assert count_fused(optimized) > 0 or change is norms_that_adapt
    if change not in SAME_NUMBERS:
        with torch.no_grad():
            after = outputs(model, x)
        # The change is one: a model that ignores it would pass the rest.
        assert after[0].shape != before[0].shape or (after[0] - before[0]).abs().max() > 1e-3


@pytest.mark.parametrize(
    'layer',
    [
        dict(zero_init=True),
        dict(transform=dict(type='ConvTransform'), zero_init=True),
        dict(fusion=dict(type='MultiplyFusion')),
        dict(fusion=dict(type='ConcatFusion')),
        dict(fusion=dict(type='MotionOnlyFusion')),
        dict(backward_displacement=True),
        dict(confidence=False),
    ],
    ids=str,
)
def test_layers(layer):
    assert_equal_in_all_modes(network(**layer), clips())


def test_hooks_fire_whatever_the_mode():
    model, x, heard = network(), clips(), []
    for name, module in model.named_modules():
        module.register_forward_hook(lambda m, args, out, name=name: heard.append(name))
    outputs(model, x)
    expected, heard[:] = list(heard), []
    assert len(expected) > 100
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            outputs(model, x)
        assert heard == expected
        heard.clear()
    with torch.no_grad():
        outputs(optimize_for_inference(model), x)
    # With a hook on every module, nothing can be fused.
    assert heard == expected


OPTIMIZERS = {
    'SGD': lambda p: torch.optim.SGD(p, 0.1, momentum=0.9),
    'SGD, fused': lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, fused=True),
    'AdamW': lambda p: torch.optim.AdamW(p, 0.01),
    'AdamW, fused': lambda p: torch.optim.AdamW(p, 0.01, fused=True),
}


@pytest.mark.parametrize('optimizer', OPTIMIZERS)
@pytest.mark.parametrize('name', ['FastResNetTSM-18', 'MobileNetV2TSM'])
def test_after_more_training(name, optimizer):
    model, x = network(name), clips(name)
    before = assert_equal_in_all_modes(model, x)
    step = OPTIMIZERS[optimizer](model.parameters())
    for _ in range(2):
        model.train()
        outputs(model, x)[-1].square().mean().backward()
        step.step()
        step.zero_grad()
        model.eval()
    after = assert_equal_in_all_modes(model, x)
    with torch.no_grad():
        # A copy stays what it was.
        change = (outputs(after, x)[0] - outputs(before, x)[0]).abs().max()
    assert change > 1e-3


def test_after_new_statistics_and_weights_written_past_autograd():
    model, x = network('MobileNetV2TSM'), clips('MobileNetV2TSM')
    assert_equal_in_all_modes(model, x)
    randomize_norms(model)
    assert_equal_in_all_modes(model, x)
    for parameter in model.parameters():
        parameter.data.copy_(0.8 * parameter.data)
    model.eval()
    assert_equal_in_all_modes(model, x)


@pytest.mark.parametrize('batch', [1, 3])
def test_other_sizes(batch):
    model = network()
    optimized = optimize_for_inference(model)
    for height, width in ((32, 48), (40, 24), (33, 47)):
        x = torch.randn(batch * FRAMES, 3, height, width)
        with torch.no_grad():
            assert_same(outputs(optimized, x), outputs(model, x))


def test_autocast():
    model, x = network(), clips()
    optimized = optimize_for_inference(model)
    with torch.no_grad():
        (expected,) = outputs(model, x)
        with torch.autocast('cpu', torch.bfloat16):
            (plain,), (fused,) = outputs(model, x), outputs(optimized, x)
    scale = expected.abs().max()
    assert (plain - expected).abs().max() < 0.05 * scale
    assert (fused - expected).abs().max() < 0.05 * scale


def test_gradient_of_the_input():
    model, x = network(), clips().requires_grad_()
    gradients = [
        torch.autograd.grad(outputs(m, x)[0].square().sum(), x)[0]
        for m in (model, optimize_for_inference(model))
    ]
    assert_same(gradients[1:], gradients[:1], tolerance=1e-4)


def one_block():
    """One of each part of a network: inductor takes seconds for each convolution."""
    model = network('one stage', transform=dict(type='ConvTransform', kernel_size=3))
    model.layer1[1] = nn.Identity()
    return model


@pytest.fixture
def inductor():
    """The compiler in this process: workers import torch, compiled headers pay for many kernels."""
    torch._dynamo.reset()
    with torch._inductor.config.patch(compile_threads=1, cpp_cache_precompile_headers=False):
        yield


@pytest.mark.slow
@pytest.mark.usefixtures('inductor')
def test_compiled_by_inductor():
    for model in (one_block(), optimize_for_inference(one_block())):
        # One pair of frames as well: the matching's outputs must have the strides promised.
        x = clips(batch=1)
        with torch.no_grad():
            assert_same(outputs(torch.compile(model), x), outputs(model, x), tolerance=1e-4)


@pytest.mark.slow
@pytest.mark.usefixtures('inductor')
def test_training_compiled_by_inductor():
    model, x = one_block(), clips()
    compiled = torch.compile(copy.deepcopy(model))
    for m in (model, compiled):
        outputs(m, x)[0].square().mean().backward()
    for a, b in zip(compiled.parameters(), model.parameters(), strict=True):
        assert (a.grad - b.grad).abs().max() <= 1e-3 * b.grad.abs().max() + 1e-7


@pytest.mark.parametrize('optimize', [False, True])
def test_exported(optimize):
    model, x = network(), clips()
    with torch.no_grad():
        expected = outputs(model, x)
        exported = torch.export.export(optimize_for_inference(model) if optimize else model, (x,))
        assert_same((exported.module()(x),), expected, tolerance=1e-4)


@pytest.mark.filterwarnings("ignore:match.. runs on 'export'")
def test_modules_made_elsewhere():
    with torch.device('meta'):
        shape = network()(clips().to('meta')).shape
    assert shape == (2 * FRAMES, 512, 1, 1)


def test_the_model_is_left_as_it_was():
    model = network().train()
    keys = list(model.state_dict())
    optimized = optimize_for_inference(model)
    assert model.training
    assert list(model.state_dict()) == keys
    assert not any(module.training for module in optimized.modules())
    with pytest.raises(RuntimeError, match='cannot be trained'):
        optimized.train()
