"""The transform that reads frames from a folder of pictures."""

import os

import cv2
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from mmengine.fileio import get

from ..errors import DataError


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
            return np.stack([self._read(path, gray=True) for path in paths], axis=-1)
        return self._read(os.path.join(folder, template.format(number)))

    def _read(self, path: str, gray: bool = False) -> np.ndarray:
        return read_frame_file(path, gray, self.backend_args)

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'


def read_frame_file(
    path: str | os.PathLike, gray: bool = False, backend_args: dict | None = None
) -> np.ndarray:
    """Read a picture.

    Args:
        path: The file; where there is none, it is looked for with its suffix in capitals.
        gray: Whether to read it as grey.
        backend_args: Where it comes from; see :func:`mmengine.fileio.get`.

    Returns:
        uint8, RGB (H, W, 3) or grey (H, W).

    Raises:
        DataError: If it can't be read, or is broken or truncated.
    """
    try:
        data = _get_frame(str(path), backend_args)
    except OSError as error:
        raise DataError(f'the frame {path} can not be read ({error})') from error
    # A JPEG begins and ends with markers, the end perhaps followed by some padding.
    truncated = data[:2] == b'\xff\xd8' and b'\xff\xd9' not in data[-1024:]
    image = None
    if data and not truncated:
        flag = cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if image is None:
        what = 'empty' if not data else 'truncated' if truncated else 'not a picture'
        raise DataError(f'the frame {path} is {what}')
    return image if gray else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _get_frame(path: str, backend_args: dict | None) -> bytes:
    try:
        return get(path, backend_args)
    except FileNotFoundError as error:
        stem, suffix = os.path.splitext(path)
        if suffix.isupper():
            raise
        try:
            return get(stem + suffix.upper(), backend_args)
        except FileNotFoundError:
            raise error from None
