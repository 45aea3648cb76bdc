import pytest
import torch
from mmaction.models.backbones.resnet_tsm import TemporalShift

from msnet_mmaction.ops import shifted_in_place, temporal_shift
from msnet_mmaction.ops.temporal_shift.functional import _exportable
from msnet_mmaction.ops.temporal_shift.operator import temporal_shift_op


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('frames', [1, 2, 5])
def test_equals_mmaction2s_bit_by_bit(memory_format, frames):
    x = torch.randn(2 * frames, 20, 3, 5)
    found = temporal_shift(x.to(memory_format=memory_format), frames)
    assert torch.equal(found, TemporalShift.shift(x, frames, shift_div=8))
    assert found.is_contiguous(memory_format=memory_format)


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('frames', [1, 2, 5])
def test_in_place_for_a_while(memory_format, frames):
    x = torch.randn(2 * frames, 20, 3, 5).to(memory_format=memory_format)
    before = x.clone()
    with shifted_in_place(x, frames):
        assert torch.equal(x, TemporalShift.shift(before, frames, shift_div=8))
    assert torch.equal(x, before)
    with pytest.raises(KeyboardInterrupt), shifted_in_place(x, frames):
        raise KeyboardInterrupt
    assert torch.equal(x, before)


def test_gradient():
    x = torch.randn(6, 8, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda t: temporal_shift(t, 3, 4), x)
    assert torch.autograd.gradgradcheck(lambda t: temporal_shift(t, 3, 4), x)


def test_registration_and_exportable_form():
    x = torch.randn(6, 16, 2, 3, requires_grad=True)
    torch.library.opcheck(temporal_shift_op, (x, 3, 2, False))
    assert torch.equal(_exportable(x, 3, 2), temporal_shift(x, 3))


def test_frames_must_fit():
    with pytest.raises(ValueError, match=r'5 frames.*multiple of num_segments=2'):
        temporal_shift(torch.randn(5, 8, 2, 2), 2)
