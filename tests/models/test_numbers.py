"""Losses and gradients are finite whatever a clip shows; bfloat16 trains."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from torch.nn import functional as F

FRAMES = 3


def network(**layer):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='Recognizer2D',
            backbone=dict(
                type='MSNet',
                backbone=dict(type='ResNetTSM', depth=18, num_segments=FRAMES),
                layers=dict(layer1=dict(type='MotionSqueeze', in_channels=64, **layer)),
            ),
            cls_head=dict(
                type='TSMHead',
                num_classes=4,
                in_channels=512,
                num_segments=FRAMES,
                dropout_ratio=0.0,
            ),
            data_preprocessor=dict(
                type='ActionDataPreprocessor', mean=[114.75] * 3, std=[57.375] * 3
            ),
        )
    )


def batch(clips):
    samples = [ActionDataSample().set_gt_label(i % 4) for i in range(len(clips))]
    return dict(inputs=list(clips), data_samples=samples)


def clip(kind):
    shape = (FRAMES, 3, 48, 40)
    noise = torch.randint(256, shape, generator=torch.Generator().manual_seed(1))
    return dict(
        black=torch.zeros(shape, dtype=torch.uint8),
        white=torch.full(shape, 255, dtype=torch.uint8),
        noise=noise.to(torch.uint8),
        one_frame=noise[:1].expand(shape).to(torch.uint8),
    )[kind]


@pytest.mark.parametrize('kind', ['black', 'white', 'noise', 'one_frame'])
def test_losses_and_gradients_are_finite(kind):
    model = network().train()
    data = model.data_preprocessor(batch([clip(kind)] * 2), training=True)
    losses = model(**data, mode='loss')
    losses['loss_cls'].backward()
    assert losses['loss_cls'].isfinite()
    for name, parameter in model.named_parameters():
        # Every parameter takes part: DistributedDataParallel waits for each.
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def losses_of(model, bfloat16=False, steps=4):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    data = model.data_preprocessor(batch([clip('noise'), clip('black')]), training=True)
    model.train()
    losses = []
    for _ in range(steps):
        # Not by mode='loss': mmaction2's heads hand NumPy the scores, which knows no bfloat16.
        with torch.autocast('cpu', torch.bfloat16, enabled=bfloat16):
            features, _ = model.extract_feat(data['inputs'])
            scores = model.cls_head(features, num_segs=FRAMES)
        loss = F.cross_entropy(scores.float(), torch.tensor([0, 1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_bfloat16_tracks_float32():
    single, half = losses_of(network()), losses_of(network(), bfloat16=True)
    assert half != single
    assert single[-1] < single[0]
    assert half[-1] < half[0]
    # The next ones are of other weights.
    assert half[0] == pytest.approx(single[0], rel=0.15)


def test_deterministic_algorithms_give_the_same_bits_twice():
    torch.use_deterministic_algorithms(True)
    try:
        first, second = (losses_of(network()) for _ in range(2))
    finally:
        torch.use_deterministic_algorithms(False)
    assert first == second
