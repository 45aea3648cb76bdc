"""The transforms that open a video and decode its frames."""

from collections.abc import Sequence

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ...utils.video_files import video_path
from ..readers.results import set_images
from ..readers.storage import read_bytes, storage_arguments
from ..readers.video import READERS, open_video


@TRANSFORMS.register_module()
class VideoInit(BaseTransform):
    """Open a video; it replaces mmaction2's ``DecordInit`` and ``PyAVInit``.

    It sets ``video_reader``, ``total_frames`` and ``avg_fps``. A sample that has ``imgs`` already,
    such as of a camera, is not changed.

    Args:
        io_backend: Name of the storage of the files, as in mmaction2. With ``disk``, the prefix of
            a path selects it, such as that of a URL.
        num_threads: Number of threads that decode a video, in each worker of a dataloader.
        backends: Names of the readers, in the order in which they are tried on a file: ``pyav``
            (:class:`.pyav_reader.PyAVReader`), ``decord`` (:class:`.video.DecordReader`).
        backend_args: Storage of the files, as mmengine's own transforms take it; it replaces
            ``io_backend``. See :func:`mmengine.fileio.get`.
        **kwargs: Arguments of the storage.

    Raises:
        ValueError: If there is no reader of a name.
    """

    def __init__(
        self,
        io_backend: str = 'disk',
        num_threads: int = 1,
        backends: Sequence[str] = tuple(READERS),
        backend_args: dict | None = None,
        **kwargs: object,
    ) -> None:
        unknown = set(backends) - READERS.keys()
        if unknown or not backends:
            raise ValueError(f'backends must be some of {list(READERS)}, got {list(backends)}')
        self.io_backend = io_backend
        self.num_threads = num_threads
        self.backends = tuple(backends)
        self.backend_args = storage_arguments(io_backend, backend_args, kwargs)

    def transform(self, results: dict) -> dict:
        """Open ``filename``."""
        if 'imgs' in results:
            return results
        path = video_path(results['filename'])
        data = read_bytes(path, self.backend_args)
        reader = open_video(data, path, self.backends, self.num_threads)
        results['video_reader'] = reader
        results['total_frames'] = reader.num_frames
        results['avg_fps'] = reader.frame_rate
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(io_backend={self.io_backend}, '
            f'num_threads={self.num_threads}, backends={self.backends})'
        )


@TRANSFORMS.register_module()
class VideoDecode(BaseTransform):
    """Decode the sampled frames; it replaces mmaction2's ``DecordDecode`` and ``PyAVDecode``.

    It reads ``video_reader`` and ``frame_inds``, and sets ``imgs``, a list of uint8 RGB
    (H, W, 3), ``original_shape`` and ``img_shape``. ``gt_bboxes`` and ``proposals`` are scaled to
    pixels. Each frame is decoded once.

    A sample that has ``imgs`` already, such as of a camera, is not changed.

    Args:
        mode: ``accurate`` or ``efficient``. In mmaction2 the latter may return key frames instead
            of the sampled frames. Here both return the sampled frames.
        multi_thread: An argument of ``PyAVDecode``, without effect here: see ``num_threads`` of
            :class:`VideoInit`.

    Raises:
        ValueError: If there is no such mode.
    """

    def __init__(self, mode: str = 'accurate', multi_thread: bool = False) -> None:
        if mode not in ('accurate', 'efficient'):
            raise ValueError(f"mode must be 'accurate' or 'efficient', got {mode!r}")
        self.mode = mode
        self.multi_thread = multi_thread

    def transform(self, results: dict) -> dict:
        """Decode ``frame_inds``."""
        if 'imgs' in results:
            return results
        indices = np.ravel(results['frame_inds'])
        distinct, places = np.unique(indices, return_inverse=True)
        frames = results['video_reader'].read(distinct.tolist())
        results['video_reader'] = None
        # Repeated frames are copies: later transforms may work in place.
        seen: set[int] = set()
        images = []
        for place in places.tolist():
            images.append(frames[place].copy() if place in seen else frames[place])
            seen.add(place)
        set_images(results, images)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(mode={self.mode})'
