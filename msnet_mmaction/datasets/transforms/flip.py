"""Horizontal flips of videos whose classes may name a direction."""

import numpy as np
from mmaction.datasets.transforms import Flip
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..labels.classes import flip_label_map, load_classes


@TRANSFORMS.register_module()
class DirectionAwareFlip(BaseTransform):
    """mmaction2's horizontal ``Flip`` with a rule for classes that name a direction.

    These classes are found by their names, in any order of the labels. The x component of optical
    flow changes its sign.

    Args:
        classes: Class list: see :func:`msnet_mmaction.datasets.load_classes`.
        flip_ratio: Probability of a flip.
        directions: The rule for videos of a class that has a counterpart with left and right
            swapped. ``keep`` never flips them, as the authors of TSM and MotionSqueeze. ``swap``
            flips them and swaps their labels, as mmaction2's configs.

    Raises:
        ValueError: If there is no such class list or rule.
    """

    def __init__(self, classes: str, flip_ratio: float = 0.5, directions: str = 'keep') -> None:
        if directions not in ('keep', 'swap'):
            raise ValueError(f"directions must be 'keep' or 'swap', got {directions!r}")
        self.classes = classes
        self.directions = directions
        mirrored = flip_label_map(load_classes(classes))
        self.kept = mirrored.keys() if directions == 'keep' else ()
        self.flip = _Flip(flip_ratio=flip_ratio, flip_label_map=mirrored)
        self.no_flip = _Flip(flip_ratio=0)

    def transform(self, results: dict) -> dict:
        """Flip ``imgs``, and the label, with the probability ``flip_ratio``."""
        flip = self.no_flip if results['label'] in self.kept else self.flip
        return flip.transform(results)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(classes={self.classes!r}, '
            f'flip_ratio={self.flip.flip_ratio}, directions={self.directions!r})'
        )


class _Flip(Flip):
    """mmaction2's ``Flip`` with a correct flip of optical flow.

    Since its frames of flow hold x and y together (open-mmlab/mmaction2#2631), mmaction2 inverts
    x and y of every second frame; it should invert x of every frame.
    """

    def _flip_imgs(self, imgs: list[np.ndarray], modality: str) -> list[np.ndarray]:
        imgs = super()._flip_imgs(imgs, 'RGB')
        if modality == 'Flow':
            for img in imgs:
                # Quantised values are symmetric around 127.5: this is -x.
                img[..., 0] = 255 - img[..., 0]
        return imgs
