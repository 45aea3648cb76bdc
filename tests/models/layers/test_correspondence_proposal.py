import copy

import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from msnet_mmaction import CorrespondenceProposal


def layer(channels=8, learnt=True, **kwargs):
    """A layer; ``learnt``: with a last batch norm that is no longer zero."""
    torch.manual_seed(0)
    module = CorrespondenceProposal(channels, **{'k': 3, **kwargs})
    if learnt:
        nn.init.normal_(module.bn.weight)
        nn.init.normal_(module.bn.bias)
    return module


def embed(block, vector):
    """Convolution, batch norm of inference and ReLU of one vector."""
    out = block.conv.weight[:, :, 0, 0] @ vector
    norm = block.bn
    out = (out - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
    return (out * norm.weight + norm.bias).clamp(min=0)


def propose_by_loops(module, clip):
    """The module's formula for one clip (T, C, H, W), position by position."""
    frames, _, height, width = clip.shape
    places = [(t, y, x) for t in range(frames) for y in range(height) for x in range(width)]
    size = torch.tensor([frames, height, width], dtype=clip.dtype)
    out = clip.clone()
    for own in places:
        feature = clip[own[0], :, own[1], own[2]]
        others = sorted(
            (place for place in places if place[0] != own[0]),
            key=lambda place: float((clip[place[0], :, place[1], place[2]] - feature).norm()),
        )
        embedded = []
        for place in others[: module.k]:
            offset = (torch.tensor(place) - torch.tensor(own)).to(clip.dtype) / size
            vector = torch.cat([offset, feature, clip[place[0], :, place[1], place[2]]])
            for block in module.embedding:
                vector = embed(block, vector)
            embedded.append(vector)
        strongest = torch.stack(embedded).max(dim=0).values
        motion = module.project.weight[:, :, 0, 0] @ strongest
        norm = module.bn
        motion = (motion - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
        out[own[0], :, own[1], own[2]] += motion * norm.weight + norm.bias
    return out


@pytest.mark.parametrize('frames', [2, 3])
@pytest.mark.parametrize('size', [(2, 5), (4, 3)])
def test_is_the_formula(frames, size):
    module = layer(num_segments=frames).double()
    for block in module.embedding:
        nn.init.normal_(block.bn.running_mean)
        nn.init.uniform_(block.bn.running_var, 0.5, 2)
    module.eval()
    clips = torch.randn(2, frames, 8, *size, dtype=torch.float64)
    expected = torch.stack([propose_by_loops(module, clip) for clip in clips])
    torch.testing.assert_close(module(clips.flatten(0, 1)), expected.flatten(0, 1))
    torch.testing.assert_close(module(clips.transpose(1, 2)), expected.transpose(1, 2))


def test_defaults_are_those_of_the_original():
    module = CorrespondenceProposal(128)
    widths = [block.conv.out_channels for block in module.embedding]
    assert (module.k, widths) == (8, [32, 64])
    assert module.embedding[0].conv.in_channels == 3 + 2 * 128


@pytest.mark.parametrize('training', [True, False])
def test_starts_as_the_identity(training):
    module = layer(learnt=False, num_segments=3).train(training)
    x = torch.randn(6, 8, 4, 5)
    assert torch.equal(module(x), x)


def test_starts_as_the_identity_whatever_the_backbone_initialises():
    backbone = dict(type='ResNetTSM', depth=18, num_segments=4, pretrained2d=False)
    motion = dict(type='CorrespondenceProposal', in_channels=128)
    network = MODELS.build(dict(type='MSNet', backbone=backbone, layers=dict(layer2=motion)))
    network.init_weights()
    assert network.layer2.motion.bn.weight.abs().max() == 0
    assert network.layer2[0].conv1.bn.weight.min() == 1


def test_two_steps_change_every_parameter():
    module = layer(learnt=False, num_segments=3).train()
    before = copy.deepcopy(module.state_dict())
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    # The first moves the last batch norm alone.
    for _ in range(2):
        x = torch.randn(6, 8, 4, 5)
        optimizer.zero_grad()
        (module(x) - x.roll(1, dims=0)).square().mean().backward()
        optimizer.step()
    for name, parameter in module.named_parameters():
        assert not torch.equal(parameter, before[name]), name


def test_gradients():
    module = layer(channels=4, num_segments=2, k=2).double().eval()
    clip = torch.randn(2, 4, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (clip,))


def test_clips_do_not_mix():
    module = layer(num_segments=3).eval()
    one, other = torch.randn(2, 3, 8, 4, 5)
    together = module(torch.cat([one, other]))
    torch.testing.assert_close(together, torch.cat([module(one), module(other)]))


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_autocast(dtype):
    module = layer(num_segments=3).train()
    x = torch.randn(6, 8, 4, 5)
    with torch.autocast('cpu', dtype):
        out = module(x)
    assert out.shape == x.shape
    assert torch.isfinite(out).all()
    assert layer(num_segments=3).eval().to(dtype)(x.to(dtype)).dtype == dtype


def test_exports_with_a_free_batch():
    module = layer(num_segments=3).eval()
    batch = 3 * torch.export.Dim('clips', max=64)
    exported = torch.export.export(
        module, (torch.randn(6, 8, 4, 5),), dynamic_shapes=({0: batch},)
    ).module()
    x = torch.randn(12, 8, 4, 5)
    torch.testing.assert_close(exported(x), module(x))


def test_deepcopy_and_repr():
    module = layer(num_segments=3).eval()
    x = torch.randn(3, 8, 4, 5)
    assert torch.equal(copy.deepcopy(module)(x), module(x))
    assert 'k=3' in repr(module)


def test_distances_are_held_for_one_frame_at_a_time(monkeypatch):
    # At ResNet-18's 8 x 28 x 28, all of them at once would be 157 MB a clip; a frame is 20 MB.
    frames, places = 8, 28 * 28
    sizes = []
    topk = torch.Tensor.topk

    def spy(self, *args, **kwargs):
        sizes.append(self.numel())
        return topk(self, *args, **kwargs)

    monkeypatch.setattr(torch.Tensor, 'topk', spy)
    layer(channels=4, num_segments=frames).eval()(torch.randn(frames, 4, 28, 28))
    assert sizes == [places * frames * places] * frames
