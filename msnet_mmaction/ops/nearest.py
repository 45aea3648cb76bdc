"""The nearest features in other frames of a clip (Liu, Lee, Jin, CVPR 2019)."""

import torch
from torch import Tensor

from .torch_features import without_autocast


def nearest_in_other_frames(features: Tensor, k: int) -> Tensor:
    """Find, for each feature of a clip, the k nearest ones in all other frames.

    The distance is L2. The search is in float32 or wider and has no gradient.

    Args:
        features: (N, T, P, C), P positions a frame.
        k: How many to find.

    Returns:
        (N, T * P, k), in no order, indices into the T * P features, frame by frame.

    Raises:
        ValueError: If the other frames hold fewer than k features.
    """
    t, p, c = features.shape[1:]
    if (t - 1) * p < k:
        raise ValueError(
            f'{k} nearest features are to be found, but the other frames of a clip of {t} frames '
            f'of {p} positions hold {(t - 1) * p}'
        )
    with torch.no_grad(), without_autocast(features.device):
        features = features.to(torch.promote_types(features.dtype, torch.float32))
        points = features.reshape(-1, t * p, c)
        square = points.square().sum(dim=2).unsqueeze(1)
        found = []
        # One frame at a time: the distances of all frames would take T times the memory.
        for frame in range(t):
            # Minus the squared distance, without the term that is equal for all candidates.
            nearness = 2 * (features[:, frame] @ points.transpose(1, 2)) - square
            nearness[:, :, frame * p : (frame + 1) * p] = -torch.inf
            found.append(nearness.topk(k, sorted=False).indices)
        return torch.cat(found, dim=1)
