import numpy as np
import torch

from msnet_mmaction.structures import MotionField


def test_pixels_of_a_frame_that_is_not_square():
    field = MotionField(torch.ones(1, 1, 2, 4, 10))
    pixels = field.in_pixels(height=12, width=50)
    assert (pixels[:, :, 0] == 5).all()
    assert (pixels[:, :, 1] == 3).all()


def test_resized_fields_keep_their_motion_in_pixels():
    ramp = torch.arange(4.0).expand(3, 2, 4, 4)
    field = MotionField(ramp, ramp[:, 0], backward=True)
    resized = field.resized(8, 12)
    assert resized.displacement.shape == (3, 2, 8, 12)
    assert resized.confidence.shape == (3, 8, 12)
    assert resized.backward
    pixels = resized.in_pixels(4, 4)
    assert pixels.max() == 3
    np.testing.assert_allclose(pixels[0, 0, 0, 1:-1], (np.arange(1, 11) + 0.5) / 3 - 0.5, atol=1e-6)
    torch.testing.assert_close(resized.confidence, pixels[:, 0])


def test_fields_of_parts_are_one_field():
    first, second = (MotionField(torch.full((t, 2, 3, 4), float(t))) for t in (2, 1))
    joined = MotionField.concatenate([first, second])
    assert joined.displacement[:, 0, 0, 0].tolist() == [2, 2, 1]
    assert joined.confidence is None
    sure = MotionField(second.displacement, torch.ones(1, 3, 4), backward=True)
    assert MotionField.concatenate([sure, sure]).confidence.shape == (2, 3, 4)
    assert MotionField.concatenate([sure, sure]).backward
