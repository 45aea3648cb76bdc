"""The transforms that open a video and decode its frames."""

from collections.abc import Sequence

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from mmengine.fileio import get

from ...utils.video_files import video_path
from ..readers.video import READERS, open_video


@TRANSFORMS.register_module()
class VideoInit(BaseTransform):
    """Open a video; in the place of mmaction2's ``DecordInit``.

    It sets ``video_reader``, ``total_frames`` and ``avg_fps``.

    Args:
        backends: Names of the readers, in the order in which they are tried on a file:
            :class:`.video_readers.PyAVReader` is ``pyav``, :class:`.video_readers.DecordReader` is
            ``decord``.
        backend_args: Where files come from; see :func:`mmengine.fileio.get`.

    Raises:
        ValueError: If there is no backend of a name.
    """

    def __init__(
        self, backends: Sequence[str] = tuple(READERS), backend_args: dict | None = None
    ) -> None:
        unknown = set(backends) - READERS.keys()
        if unknown or not backends:
            raise ValueError(f'backends must be some of {list(READERS)}, got {list(backends)}')
        self.backends = tuple(backends)
        self.backend_args = backend_args

    def transform(self, results: dict) -> dict:
        """Open ``filename``."""
        path = video_path(results['filename'])
        reader = open_video(get(path, self.backend_args), path, self.backends)
        results['video_reader'] = reader
        results['total_frames'] = reader.num_frames
        results['avg_fps'] = reader.frame_rate
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(backends={self.backends})'


@TRANSFORMS.register_module()
class VideoDecode(BaseTransform):
    """Decode the sampled frames, each of them once; in the place of mmaction2's ``DecordDecode``.

    It reads ``video_reader`` and ``frame_inds``, and sets ``imgs``, a list of uint8 RGB
    (H, W, 3), ``original_shape`` and ``img_shape``.
    """

    def transform(self, results: dict) -> dict:
        """Decode ``frame_inds``."""
        indices = np.ravel(results['frame_inds'])
        distinct, places = np.unique(indices, return_inverse=True)
        frames = results['video_reader'].read(distinct.tolist())
        results['video_reader'] = None
        # A frame that is shown again is a copy: later transforms may work in place.
        seen: set[int] = set()
        images = []
        for place in places.tolist():
            images.append(frames[place].copy() if place in seen else frames[place])
            seen.add(place)
        results['imgs'] = images
        results['original_shape'] = results['img_shape'] = images[0].shape[:2]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
