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
    """Read the sampled frames of a folder; in the place of mmaction2's ``RawFrameDecode``.

    The frames are the same. A file that is missing, broken or truncated is named; OpenCV fills the
    rest of a truncated JPEG with grey and goes on.

    It reads ``frame_dir``, ``filename_tmpl``, ``modality`` and ``frame_inds``, and sets ``imgs``,
    ``original_shape`` and ``img_shape``. The images are uint8: (H, W, 3) of ``RGB``; of ``Flow``
    (H, W, 2), x and y, each from a grey picture of its own, named by ``x`` or ``y`` and a number.

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
            read[index] = self._read_frame(results, index + results.get('offset', 0))
            images.append(read[index])
        results['imgs'] = images
        results['original_shape'] = results['img_shape'] = images[0].shape[:2]
        return results

    def _read_frame(self, results: dict, number: int) -> np.ndarray:
        folder, template = results['frame_dir'], results['filename_tmpl']
        if results['modality'] == 'Flow':
            paths = [os.path.join(folder, template.format(axis, number)) for axis in 'xy']
            return np.stack([self._read(path, cv2.IMREAD_GRAYSCALE) for path in paths], axis=-1)
        image = self._read(os.path.join(folder, template.format(number)), cv2.IMREAD_COLOR)
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

    def _read(self, path: str, flag: int) -> np.ndarray:
        try:
            data = get(path, self.backend_args)
        except OSError as error:
            raise DataError(f'the frame {path} can not be read ({error})') from error
        # A JPEG begins and ends with markers, the end perhaps followed by some padding.
        truncated = data[:2] == b'\xff\xd8' and b'\xff\xd9' not in data[-1024:]
        image = None
        if data and not truncated:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
        if image is None:
            what = 'empty' if not data else 'truncated' if truncated else 'not a picture'
            raise DataError(f'the frame {path} is {what}')
        return image

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
