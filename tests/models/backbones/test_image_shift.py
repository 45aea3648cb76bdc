import pytest
import torch

from msnet_mmaction import MSNet

RESNET = dict(type='ResNet', depth=18, norm_eval=False)


def test_it_is_the_shift_of_tsm():
    """A 2D ResNet with the shift before its blocks is ResNetTSM, keys and numbers."""
    torch.manual_seed(0)
    tsm = MSNet(dict(type='ResNetTSM', depth=18, num_segments=4, pretrained2d=False), {})
    shifted = MSNet(RESNET, {}, num_segments=4, shift=dict(convs='layer*.conv1.conv'))
    assert shifted.state_dict().keys() == tsm.state_dict().keys()
    shifted.load_state_dict(tsm.state_dict())
    for network in (shifted, tsm):
        network.eval()
    x = torch.randn(8, 3, 32, 32)
    torch.testing.assert_close(shifted(x), tsm(x))


def test_weights_without_a_shift_load():
    plain = MSNet(RESNET, {})
    shifted = MSNet(RESNET, {}, num_segments=4, shift=dict(convs=['layer1.*.conv1.conv']))
    shifted.load_state_dict(plain.state_dict())
    assert type(shifted.layer1[0].conv1.conv).__name__ == 'TemporalShift'
    assert type(shifted.layer2[0].conv1.conv).__name__ == 'Conv2d'
    assert torch.equal(shifted.layer1[0].conv1.conv.net.weight, plain.layer1[0].conv1.conv.weight)


@pytest.mark.parametrize(
    ('shift', 'frames', 'message'),
    [
        (dict(convs='stages.*'), 4, r"called 'stages\.\*'; among its 20 are conv1\.conv"),
        (dict(convs='layer1.*.conv1'), 4, 'no 2D convolution'),
        (dict(convs='conv1.conv'), 4, 'takes 3 channels, of which shift_div=8 shifts none'),
        (dict(convs='layer*.conv1.conv'), None, 'set num_segments of MSNet'),
    ],
)
def test_wrong_shifts(shift, frames, message):
    with pytest.raises(ValueError, match=message):
        MSNet(RESNET, {}, num_segments=frames, shift=shift)
