"""The transform that reads frames from a folder of pictures."""

import os

import cv2
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from mmengine.fileio import get

from .errors import DataError


@TRANSFORMS.register_module()
class FrameFilesDecode(BaseTransform):
    """Read the sampled frames of a folder; in the place of mmaction2's ``RawFrameDecode`` (RGB).

    The frames are the same. A file that is missing, broken or truncated is named; OpenCV fills the
    rest of a truncated JPEG with grey and goes on.

    It reads ``frame_dir``, ``filename_tmpl`` and ``frame_inds``, and sets ``imgs``, a list of
    uint8 RGB (H, W, 3), ``original_shape`` and ``img_shape``.

    Args:
        backend_args: Where files come from; see :func:`mmengine.fileio.get`.

    Raises:
        DataError: If a frame can't be read.
    """

    def __init__(self, backend_args: dict | None = None) -> None:
        self.backend_args = backend_args

    def transform(self, results: dict) -> dict:
        """Read ``frame_inds``."""
        read: dict[int, np.ndarray] = {}
        images = []
        for index in np.ravel(results['frame_inds']).tolist():
            if index in read:
                images.append(read[index].copy())  # later transforms may work in place
                continue
            number = index + results.get('offset', 0)
            name = results['filename_tmpl'].format(number)
            read[index] = self._read(os.path.join(results['frame_dir'], name))
            images.append(read[index])
        results['imgs'] = images
        results['original_shape'] = results['img_shape'] = images[0].shape[:2]
        return results

    def _read(self, path: str) -> np.ndarray:
        try:
            data = get(path, self.backend_args)
        except OSError as error:
            raise DataError(f'the frame {path} can not be read ({error})') from error
        # A JPEG begins and ends with markers, the end perhaps followed by some padding.
        truncated = data[:2] == b'\xff\xd8' and b'\xff\xd9' not in data[-1024:]
        image = None
        if data and not truncated:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            what = 'empty' if not data else 'truncated' if truncated else 'not a picture'
            raise DataError(f'the frame {path} is {what}')
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
