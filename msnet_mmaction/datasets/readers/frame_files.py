"""The transform that reads frames from a folder of pictures."""

import os

import cv2
import mmcv
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..errors import DataError
from .results import set_images
from .storage import read_bytes, storage_arguments

_DECODING_BACKENDS = ('cv2', 'pillow', 'turbojpeg', 'tifffile')


@TRANSFORMS.register_module()
class FrameFilesDecode(BaseTransform):
    """Read the sampled frames of a folder; it replaces mmaction2's ``RawFrameDecode``.

    The frames are equal. A missing, broken or truncated file is an error that names it; OpenCV
    fills the rest of a truncated JPEG with grey.

    It reads ``frame_dir``, ``filename_tmpl``, ``modality`` and ``frame_inds``, and sets ``imgs``,
    ``original_shape`` and ``img_shape``. The images are uint8: (H, W, 3) of ``RGB``; (H, W, 2), x
    and y, of ``Flow``, whose components are two grey pictures, named by ``x`` or ``y`` and a
    number.

    ``gt_bboxes`` and ``proposals`` are scaled to pixels. A sample that has ``imgs`` already, such
    as of a camera, is not changed.

    Args:
        io_backend: Name of the storage of the files, as in mmaction2. With ``disk``, the prefix of
            a path selects it, such as that of a URL.
        decoding_backend: Decoder of pictures, as in mmaction2: ``cv2``, ``pillow``, ``turbojpeg``
            or ``tifffile``.
        backend_args: Storage of the files, as mmengine's own transforms take it; it replaces
            ``io_backend``. See :func:`mmengine.fileio.get`.
        **kwargs: Arguments of the storage.

    Raises:
        ValueError: If there is no such ``decoding_backend``.
        DataError: If a frame can't be read.
    """

    def __init__(
        self,
        io_backend: str = 'disk',
        decoding_backend: str = 'cv2',
        backend_args: dict | None = None,
        **kwargs: object,
    ) -> None:
        if decoding_backend not in _DECODING_BACKENDS:
            raise ValueError(
                f'decoding_backend must be one of {_DECODING_BACKENDS}, got {decoding_backend!r}'
            )
        self.io_backend = io_backend
        self.decoding_backend = decoding_backend
        self.backend_args = storage_arguments(io_backend, backend_args, kwargs)

    def transform(self, results: dict) -> dict:
        """Read ``frame_inds``."""
        if 'imgs' in results:
            return results
        read: dict[int, np.ndarray] = {}
        images = []
        for index in np.ravel(results['frame_inds']).tolist():
            if index in read:
                images.append(read[index].copy())  # later transforms may work in place
                continue
            read[index] = self._read_frame(results, index + results.get('offset', 0))
            images.append(read[index])
        set_images(results, images)
        return results

    def _read_frame(self, results: dict, number: int) -> np.ndarray:
        folder, template = results['frame_dir'], results['filename_tmpl']
        if results['modality'] == 'Flow':
            paths = [os.path.join(folder, template.format(axis, number)) for axis in 'xy']
            return np.stack([self._read(path, gray=True) for path in paths], axis=-1)
        return self._read(os.path.join(folder, template.format(number)))

    def _read(self, path: str, gray: bool = False) -> np.ndarray:
        return read_frame_file(path, gray, self.backend_args, self.decoding_backend)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(io_backend={self.io_backend}, '
            f'decoding_backend={self.decoding_backend})'
        )


def read_frame_file(
    path: str | os.PathLike,
    gray: bool = False,
    backend_args: dict | None = None,
    decoding_backend: str = 'cv2',
) -> np.ndarray:
    """Read a picture.

    Args:
        path: The file. If there is none, the same name with a suffix in capitals is tried.
        gray: Whether to read it as grey.
        backend_args: Its storage; see :func:`mmengine.fileio.get`.
        decoding_backend: See :func:`mmcv.imfrombytes`.

    Returns:
        uint8, RGB (H, W, 3) or grey (H, W).

    Raises:
        DataError: If it can't be read, or is broken or truncated.
    """
    try:
        data = _read_bytes(str(path), backend_args)
    except OSError as error:
        raise DataError(f'the frame {path} can not be read ({error})') from error
    try:
        return decode_picture(data, gray, decoding_backend)
    except DataError as error:
        raise DataError(f'the frame {path} {error}') from error


def _read_bytes(path: str, backend_args: dict | None) -> bytes:
    try:
        return read_bytes(path, backend_args)
    except FileNotFoundError as error:
        stem, suffix = os.path.splitext(path)
        if suffix.isupper():
            raise
        try:
            return read_bytes(stem + suffix.upper(), backend_args)
        except FileNotFoundError:
            raise error from None


def decode_picture(data: bytes, gray: bool = False, decoding_backend: str = 'cv2') -> np.ndarray:
    """Decode a picture.

    Args:
        data: The content of a file.
        gray: Whether to decode it as grey.
        decoding_backend: See :func:`mmcv.imfrombytes`.

    Returns:
        uint8, RGB (H, W, 3) or grey (H, W).

    Raises:
        DataError: If it is empty, truncated or not a picture. The message is a predicate, such as
            "is empty", for the caller to put after a name.
    """
    if not data:
        raise DataError('is empty')
    if data.startswith(b'\xff\xd8') and not _has_jpeg_end(data):
        raise DataError('is truncated')  # OpenCV would fill the rest with grey
    flag = 'grayscale' if gray else 'color'
    try:
        image = mmcv.imfrombytes(data, flag, channel_order='rgb', backend=decoding_backend)
    except (cv2.error, OSError) as error:  # of OpenCV; of Pillow and TurboJPEG
        raise DataError('is not a picture') from error
    if image is None:
        raise DataError('is not a picture')
    return image


def _has_jpeg_end(data: bytes) -> bool:
    """Whether a JPEG has its end marker; other bytes may follow it.

    A preview in a header has an end marker too, so the headers are skipped: each is a marker (2
    bytes), its size (2 bytes) and its content. The coded pixels never contain the marker.
    """
    place = 2
    while data[place : place + 1] == b'\xff' and data[place : place + 2] != b'\xff\xda':
        place += 2 + int.from_bytes(data[place + 2 : place + 4], 'big')
    return data.rfind(b'\xff\xd9', place) >= 0
