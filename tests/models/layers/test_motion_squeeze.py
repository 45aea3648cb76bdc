import copy

import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from msnet_mmaction import AddFusion, MotionSqueeze
from msnet_mmaction.models.layers.conv import ConvNormReLU
from msnet_mmaction.models.layers.transforms import DepthwiseSeparableTransform

SMALL = dict(in_channels=8, reduced_channels=6, displacement=dict(max_displacement=2))


def layer(**kwargs):
    torch.manual_seed(0)
    return MotionSqueeze(**{**SMALL, **kwargs})


@pytest.mark.parametrize('frames', [2, 3, 5])
@pytest.mark.parametrize('size', [(6, 9), (9, 6), (1, 4)])
def test_2d_and_3d_layouts_agree(frames, size):
    module = layer(num_segments=frames).eval()
    clips = torch.randn(2, frames, 8, *size)
    folded = module(clips.flatten(0, 1))
    volume = module(clips.transpose(1, 2))
    assert folded.shape == (2 * frames, 8, *size)
    torch.testing.assert_close(folded.unflatten(0, (2, frames)), volume.transpose(1, 2))


def test_channels_last_agrees():
    module = layer(num_segments=4).eval()
    x = torch.randn(8, 8, 6, 7)
    out = module(x.to(memory_format=torch.channels_last))
    torch.testing.assert_close(out, module(x))
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_clips_do_not_mix():
    module = layer(num_segments=3).eval()
    one, other = torch.randn(2, 3, 8, 6, 6)
    together = module(torch.cat([one, other]))
    torch.testing.assert_close(together, torch.cat([module(one), module(other)]))


def test_last_frame_repeats_the_displacement_before_the_transform():
    module = layer(num_segments=3).eval()
    inputs = []
    module.transform.register_forward_pre_hook(lambda m, args: inputs.append(args[0]))
    module(torch.randn(6, 8, 6, 6))
    fields = inputs[0].unflatten(0, (2, 3))
    assert torch.equal(fields[:, 2], fields[:, 1])
    assert not torch.equal(fields[:, 1], fields[:, 0])


def test_known_motion_is_found_with_its_sign():
    # Without a reduction the features are what is matched: the second frame is the first one,
    # moved by 1 to the right and 2 up.
    module = layer(reduced_channels=None, num_segments=2, displacement=dict(max_displacement=2))
    frame = torch.randn(8, 12, 12).relu()
    moved = frame.roll((-2, 1), dims=(1, 2))
    field = module.motion_fields(torch.stack([frame, moved])[None])[0, 0]
    inside = field[:, 3:-3, 3:-3]
    torch.testing.assert_close(inside[0], torch.full((6, 6), 0.5), atol=1e-3, rtol=0)
    torch.testing.assert_close(inside[1], torch.full((6, 6), -1.0), atol=1e-3, rtol=0)
    torch.testing.assert_close(inside[2], torch.ones(6, 6), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ('confidence', 'backward', 'channels'),
    [(False, False, 2), (True, False, 3), (False, True, 4), (True, True, 6)],
)
def test_arguments_choose_channels(confidence, backward, channels):
    module = layer(num_segments=3, confidence=confidence, backward_displacement=backward)
    reduced = torch.randn(1, 3, 6, 5, 5)
    fields = module.motion_fields(reduced)
    assert fields.shape == (1, 2, channels, 5, 5)
    assert module.transform[0].depthwise.conv.in_channels == channels
    if backward:
        again = module.displacement(reduced[0, 1:], reduced[0, :-1])
        torch.testing.assert_close(fields[0, :, channels // 2 :][:, :2], again.displacement)


@pytest.mark.parametrize(
    'fusion', ['AddFusion', 'MultiplyFusion', 'ConcatFusion', 'MotionOnlyFusion']
)
@pytest.mark.parametrize(
    'transform',
    [
        dict(type='DepthwiseSeparableTransform'),
        dict(type='ConvTransform', kernel_size=3),
        dict(type='ConvTransform', widths=(4, 4, 4), kernel_size=3),
    ],
)
@pytest.mark.parametrize('displacement', ['KernelSoftArgmax', 'SoftArgmax'])
def test_parts_are_replaceable_and_all_learn(fusion, transform, displacement):
    module = layer(
        num_segments=3,
        fusion=dict(type=fusion),
        transform=transform,
        displacement=dict(type=displacement, max_displacement=2),
    ).train()
    x = torch.randn(6, 8, 7, 5)
    out = module(x)
    assert out.shape == x.shape
    out.square().sum().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_fusions_are_what_the_paper_says():
    f, m = torch.randn(2, 3, 8, 4, 4)
    build = {
        name: MODELS.build(dict(type=name, in_channels=8))
        for name in ('AddFusion', 'MultiplyFusion', 'MotionOnlyFusion', 'ConcatFusion')
    }
    assert torch.equal(build['AddFusion'](f, m), f + m)
    assert torch.equal(build['MultiplyFusion'](f, m), f * m)
    assert torch.equal(build['MotionOnlyFusion'](f, m), m)
    project = build['ConcatFusion'].project
    halves = project.weight[:, :8, 0, 0], project.weight[:, 8:, 0, 0]
    expected = sum(torch.einsum('oc,nchw->nohw', w, t) for w, t in zip(halves, (f, m), strict=True))
    torch.testing.assert_close(build['ConcatFusion'](f, m), expected)


@torch.no_grad()
def test_a_motion_that_somebody_keeps_is_not_overwritten():
    module = layer(num_segments=3).eval()
    x = torch.randn(6, 8, 7, 5)
    expected, before = module(x), x.clone()
    kept = []
    module.transform.register_forward_hook(lambda m, args, out: kept.append((out, out.clone())))
    torch.testing.assert_close(module(x), expected)
    assert torch.equal(x, before)
    ((motion, copy),) = kept
    assert torch.equal(motion, copy)
    torch.testing.assert_close(expected, x + motion)


def test_zero_init_starts_as_the_identity_and_learns():
    module = layer(num_segments=3, zero_init=True).train()
    x = torch.randn(6, 8, 7, 5)
    assert torch.equal(module(x), x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    # The first step moves the last normalisation alone; from then on, all of it learns.
    for _ in range(2):
        optimizer.zero_grad()
        (module(x) - torch.roll(x, 1, dims=0)).square().mean().backward()
        optimizer.step()
    assert not torch.equal(module(x), x)
    for name, parameter in module.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_autocast_keeps_the_matching_in_float32(dtype):
    module = layer(num_segments=3).train()
    dtypes = []
    module.displacement.register_forward_hook(
        lambda m, args, out: dtypes.extend([args[0].dtype, out.displacement.dtype])
    )
    with torch.autocast('cpu', dtype):
        out = module(torch.randn(6, 8, 6, 6))
    assert torch.isfinite(out).all()
    assert dtypes[1] == torch.float32


def test_half_precision_module():
    module = layer(num_segments=3).eval().bfloat16()
    assert module(torch.randn(6, 8, 6, 6).bfloat16()).dtype == torch.bfloat16


def test_deepcopy_and_repr():
    module = layer(num_segments=3).eval()
    x = torch.randn(3, 8, 5, 5)
    torch.testing.assert_close(copy.deepcopy(module)(x), module(x))
    assert 'max_displacement=2' in repr(module)
    assert isinstance(module.fusion, AddFusion)
    assert isinstance(module.transform, DepthwiseSeparableTransform)


@pytest.mark.parametrize(
    ('kwargs', 'shape', 'message'),
    [
        (dict(num_segments=4), (6, 8, 5, 5), 'multiple of its num_segments=4'),
        (dict(num_segments=3), (6, 7, 5, 5), 'in_channels=8'),
        (dict(num_segments=None), (6, 8, 5, 5), 'set num_segments'),
        (dict(num_segments=3), (6, 8, 5), 'takes.*as the tokens of a transformer'),
        # Channels last: what the message says must not make a wrong network of it.
        (dict(), (2, 4, 5, 5, 8), r'features of 4 channels.*channels last.*channels_last=True'),
        (dict(), (2, 4, 5, 5, 16), r'in_channels=4.*channels_last=True and in_channels=16'),
        (dict(channels_last=True), (2, 8, 4, 5, 5), r'5 channels.*channels_last=False'),
        (dict(), (2, 8, 1, 5, 5), 'at least 2 frames, got 1'),
    ],
)
def test_wrong_input_has_a_clear_error(kwargs, shape, message):
    with pytest.raises(ValueError, match=message):
        layer(**kwargs)(torch.randn(shape))


def test_one_frame_clips_fail_when_built():
    with pytest.raises(ValueError, match='at least 2 frames'):
        layer(num_segments=1)


def test_kernel_sizes_must_fit_the_widths():
    with pytest.raises(ValueError, match='one kernel size a layer'):
        layer(transform=dict(type='DepthwiseSeparableTransform', kernel_sizes=(7, 3)))


@pytest.mark.parametrize('shape', [(6, 8, 7, 5), (2, 8, 3, 7, 5)])
def test_channels_last_is_the_same_in_another_order(shape):
    first = layer(num_segments=3).eval()
    last = layer(num_segments=3, channels_last=True).eval()
    last.load_state_dict(first.state_dict())
    x = torch.randn(shape)
    torch.testing.assert_close(last(x.movedim(1, -1)), first(x).movedim(1, -1))
    with pytest.raises(ValueError, match=r'takes a tensor .*got a tuple'):
        first((x, x))


@pytest.mark.parametrize(
    'make',
    [
        lambda channels: nn.Conv2d(3, channels, 1),
        lambda channels: nn.Sequential(ConvNormReLU(3, channels), nn.Conv2d(channels, channels, 1)),
    ],
    ids=['without a block', 'a block that is not the last'],
)
def test_zero_init_needs_a_transform_that_ends_in_a_block(make):
    class Transform(nn.Module):
        def __init__(self, in_channels, out_channels):
            super().__init__()
            self.body = make(out_channels)

        def forward(self, x):
            return self.body(x)

    MODELS.register_module(name='OtherTransform', module=Transform, force=True)
    transform = dict(type='OtherTransform')
    assert layer(num_segments=3, transform=transform)(torch.randn(6, 8, 7, 5)).shape == (6, 8, 7, 5)
    with pytest.raises(ValueError, match=r'zero_init.*ends in a ConvNormReLU.*Transform.*does not'):
        layer(num_segments=3, transform=transform, zero_init=True)
