import pytest
import torch
from torch import nn

from msnet_mmaction.models.layers import (
    ClipLayer,
    EstimatesMotion,
    MotionSqueeze,
    motion_layers,
    record_motion,
)
from msnet_mmaction.structures import MotionField


class Still(ClipLayer):
    """A layer of somebody else, which says nothing of its confidence."""

    def forward_clip(self, clip):
        return clip

    def estimate_motion(self, clip):
        n, t, _, h, w = clip.shape
        return [MotionField(clip.new_zeros(n, t - 1, 2, h, w))]


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return MotionSqueeze(
        8, 3, reduced_channels=None, displacement=dict(max_displacement=2, dilation=2),
        backward_displacement=True,
    ).eval()  # fmt: skip


def test_fields_are_those_that_the_layer_uses_in_positions(layer):
    clip = torch.randn(2, 3, 8, 6, 5)
    used = layer.motion_fields(clip)
    found = layer.estimate_motion(clip)
    assert [field.backward for field in found] == [False, True]
    for field, maps in zip(found, used.split(3, dim=2), strict=True):
        # 2 steps of 2 positions are the largest displacement.
        torch.testing.assert_close(field.displacement, 4 * maps[:, :, :2])
        torch.testing.assert_close(field.confidence, maps[:, :, 2])


@pytest.mark.parametrize('shift', [(1, 2), (-2, 1)])
def test_a_rolled_clip_is_exactly_its_displacement(shift):
    """x then y, positive to the right and down, backward the other way: zero to rounding."""
    torch.manual_seed(0)
    layer = MotionSqueeze(32, 2, reduced_channels=None, backward_displacement=True).eval()
    first = torch.randn(1, 32, 16, 20)
    dx, dy = shift
    clip = torch.stack([first, first.roll((dy, dx), (2, 3))], dim=1)
    for field, sign in zip(layer.estimate_motion(clip), (1, -1), strict=True):
        inner = field.displacement[0, 0, :, 3:-3, 3:-3]
        expected = sign * torch.tensor([dx, dy])[:, None, None].expand_as(inner)
        torch.testing.assert_close(inner, expected.float(), atol=1e-5, rtol=0)
        torch.testing.assert_close(
            field.confidence[0, 0, 3:-3, 3:-3], torch.ones(10, 14), atol=1e-5, rtol=0
        )


def test_recording_both_layouts_and_other_layers(layer):
    network = nn.Sequential(layer, Still(8, 3), nn.ReLU()).eval()
    x = torch.randn(6, 8, 6, 5)
    with record_motion(network) as of_2d:
        out = network(x)
    with record_motion(network, ['0']) as of_3d:
        network(x.unflatten(0, (2, 3)).transpose(1, 2))
    assert list(of_2d) == ['0', '1']
    assert list(of_3d) == ['0']
    torch.testing.assert_close(of_2d['0'], of_3d['0'])
    assert of_2d['1'][0].confidence is None
    assert isinstance(network[1], EstimatesMotion)
    # Nothing is left behind, and nothing was disturbed.
    of_2d.clear()
    torch.testing.assert_close(network(x), out)
    assert not of_2d


def test_what_cannot_be_recorded(layer):
    with pytest.raises(ValueError, match=r'ReLU that estimate motion are \(none\)'):
        motion_layers(nn.ReLU())
    network = nn.Sequential(layer, nn.ReLU())
    with pytest.raises(ValueError, match='estimate motion are 0: 1 is not among them'):
        motion_layers(network, ['1'])
    network.train()
    with pytest.raises(RuntimeError, match='evaluation alone'), record_motion(network):
        network(torch.randn(3, 8, 6, 5))
