"""Tokens on their grid and off it, for every order of them."""

import pytest
import torch

from msnet_mmaction import ClipLayer, CorrespondenceProposal, MotionSqueeze, RepresentationFlow
from msnet_mmaction.models.layers.tokens import TokenLayout

N, C, T, H, W = 2, 5, 3, 2, 4


def numbered(*shape):
    return torch.arange(torch.Size(shape).numel(), dtype=torch.float32).view(shape)


def with_class_token(tokens, count=1):
    return torch.cat([torch.full((len(tokens), count, tokens.shape[2]), -1.0), tokens], 1)


def cases():
    frames, clips = numbered(N * T, C, H, W), numbered(N, C, T, H, W)
    of_frames, of_clips = frames.flatten(2).mT, clips.flatten(2).mT
    time_last = clips.movedim(2, 4).flatten(2).mT
    yield 'frames', dict(grid=(H, W)), of_frames, frames
    yield 'class token', dict(grid=(H, W), class_tokens=1), with_class_token(of_frames), frames
    yield 'registers', dict(grid=(H, W), class_tokens=5), with_class_token(of_frames, 5), frames
    yield 'clips', dict(grid=(T, H, W)), of_clips, clips
    yield (
        'time last',
        dict(grid=(T, H, W), class_tokens=1, time_last=True),
        with_class_token(time_last),
        clips,
    )
    yield (
        'batch second',
        dict(grid=(H, W), class_tokens=1, batch_first=False),
        with_class_token(of_frames).transpose(0, 1),
        frames,
    )
    yield 'tuple', dict(class_tokens=1), (with_class_token(of_clips), (T, H, W)), clips
    yield 'list', dict(), [of_frames, torch.Size((H, W))], frames


CASES = list(cases())


def parts(x):
    return [x] if isinstance(x, torch.Tensor) else list(x)


@pytest.mark.parametrize(('layout', 'x', 'maps'), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_tokens_lie_on_their_grid(layout, x, maps):
    layout = TokenLayout(**layout)
    assert torch.equal(layout.to_maps(x), maps)
    back = layout.to_tokens(maps + 1, x)
    assert type(back) is type(x)
    tokens, given = parts(back)[0], parts(x)[0]
    assert torch.equal(tokens, torch.where(given < 0, given, given + 1))
    assert parts(back)[1:] == parts(x)[1:]


class AddFrameNumber(ClipLayer):
    """Adds to each frame its number in the clip."""

    def forward_clip(self, clip):
        return clip + torch.arange(clip.shape[1]).view(-1, 1, 1, 1)


@pytest.mark.parametrize(('layout', 'x', 'maps'), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_layer_sees_the_frames_of_a_clip(layout, x, maps):
    layer = AddFrameNumber(C, num_segments=T, tokens=layout)
    expected = AddFrameNumber(C, num_segments=T)(maps)
    assert torch.equal(TokenLayout(**layout).to_maps(layer(x)), expected)
    assert layer.clip_view(x).shape == (N, T, C, H, W)


@pytest.mark.parametrize('kind', [MotionSqueeze, CorrespondenceProposal, RepresentationFlow])
def test_every_layer_takes_tokens(kind):
    layer = kind(16, num_segments=2, tokens=dict(grid=(4, 3), class_tokens=1)).eval()
    x = torch.randn(4, 13, 16)
    out = layer(x)
    assert out.shape == x.shape
    assert torch.equal(out[:, 0], x[:, 0])


@pytest.mark.parametrize(
    ('tokens', 'shape', 'message'),
    [
        (dict(grid=(2, 4)), (6, 9, 5), r'\(2, 4\) of the tokens has 8 places.* 9 tokens'),
        (dict(grid=(2, 4), class_tokens=2), (6, 9, 5), r'7 tokens besides 2 class tokens: set'),
        (dict(), (6, 8, 5), r'set grid=\(H, W\)'),
        (dict(grid=(2, 4)), (6, 5, 2, 4), r'stages that put out tokens \(N, L, C\), got \(6, 5'),
        (dict(grid=(2, 4)), (6, 8, 7), r'in_channels=5 and got features of 7 channels'),
    ],
)
def test_tokens_that_do_not_fit(tokens, shape, message):
    with pytest.raises(ValueError, match=message):
        AddFrameNumber(5, num_segments=3, tokens=tokens)(torch.randn(shape))


def test_arguments_that_contradict():
    with pytest.raises(ValueError, match='not both'):
        AddFrameNumber(5, channels_last=True, tokens=dict(grid=(2, 4)))
    with pytest.raises(ValueError, match=r'\(H, W\) or \(T, H, W\), got \(4,\)'):
        AddFrameNumber(5, tokens=dict(grid=(4,)))
