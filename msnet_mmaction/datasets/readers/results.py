"""The keys that mmaction2's decoders set in a sample."""

import numpy as np


def set_images(results: dict, images: list[np.ndarray]) -> None:
    """Set ``imgs``, ``original_shape`` and ``img_shape``, and scale boxes to pixels.

    Args:
        results: The sample. Its ``frame_inds`` become (N,). Its ``gt_bboxes`` and ``proposals``,
            (..., 4), in shares of width and height, become float32, in pixels.
        images: N frames, (H, W, C).
    """
    results['frame_inds'] = np.ravel(results['frame_inds'])
    height, width = images[0].shape[:2]
    results['imgs'] = images
    results['original_shape'] = results['img_shape'] = (height, width)
    if 'gt_bboxes' not in results:
        return
    for key in ('gt_bboxes', 'proposals'):
        if results.get(key) is not None:
            scale = np.array([width, height, width, height])
            results[key] = (results[key] * scale).astype(np.float32)
