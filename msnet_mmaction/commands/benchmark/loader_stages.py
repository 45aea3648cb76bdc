"""A pipeline whose stages are timed."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from mmaction.registry import TRANSFORMS
from mmengine.dataset import pseudo_collate
from mmengine.fileio.backends import LocalBackend

from ...datasets.readers.frame_cache import FrameCache

STAGES = ('reading', 'decoding', 'resizing', 'cropping', 'collating', 'copying')

#: Stage of each transform. Opening a video lists its packets, which is part of decoding.
_STAGE_OF = {
    'DecordInit': 'decoding',
    'DecordDecode': 'decoding',
    'VideoInit': 'decoding',
    'VideoDecode': 'decoding',
    'FrameCacheInit': 'decoding',
    'RawFrameDecode': 'decoding',
    'FrameFilesDecode': 'decoding',
    'Resize': 'resizing',
    'MultiScaleCrop': 'cropping',
    'CenterCrop': 'cropping',
    'Flip': 'cropping',
    'DirectionAwareFlip': 'cropping',
    'FormatShape': 'collating',
    'PackActionInputs': 'collating',
}

#: Functions that read files, inside of transforms.
_READERS = ((LocalBackend, 'get'), (FrameCache, '_query'))


class StagedPipeline:
    """A pipeline that loads batches as a dataloader's worker does.

    Times are CPU times of all threads of the process. So they do not depend on other programs, and
    include the threads of a decoder.

    Args:
        transforms: Configs of the transforms.
    """

    def __init__(self, transforms: Sequence[dict]) -> None:
        self.transforms = [TRANSFORMS.build(transform) for transform in transforms]
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def load(self, samples: Sequence[dict], seed: int) -> tuple[dict[str, float], list]:
        """Load a batch of each of the samples alone, like a test loader.

        Args:
            samples: Samples of a dataset before its pipeline.
            seed: Seed of all random numbers, with which pipelines sample the same frames.

        Returns:
            Seconds of each stage, and the inputs.
        """
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002  (the generator that mmaction2 draws from)
        self._seconds = defaultdict(float)
        inputs = []
        with self._reading_timed():
            for sample in samples:
                results = dict(sample)
                for transform in self.transforms:
                    stage = _STAGE_OF.get(type(transform).__name__, 'decoding')
                    results = self._timed(stage, transform, results)
                batch = self._timed('collating', pseudo_collate, [results])
                inputs += self._timed('copying', _share, batch['inputs'])
        return {stage: self._seconds[stage] for stage in STAGES}, inputs

    def _timed(self, stage: str, function: Callable, *args: Any) -> Any:
        reading, start = self._seconds['reading'], time.process_time()
        result = function(*args)
        seconds = time.process_time() - start
        self._seconds[stage] += seconds - (self._seconds['reading'] - reading)
        return result

    @contextmanager
    def _reading_timed(self) -> Iterator[None]:
        def timed(read: Callable) -> Callable:
            def reading(*args: Any, **kwargs: Any) -> Any:
                start = time.process_time()
                result = read(*args, **kwargs)
                self._seconds['reading'] += time.process_time() - start
                return result

            return reading

        with ExitStack() as stack:
            for owner, name in _READERS:
                stack.enter_context(patch.object(owner, name, timed(getattr(owner, name))))
            yield


def _share(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    """Copy a batch to shared memory, as a worker does."""
    return [tensor.share_memory_() for tensor in tensors]
