"""MotionSqueeze (Kwon, Kim, Kwak, Cho, ECCV 2020) for MMAction2.

Importing the package registers its layers, backbones, datasets and hooks in mmaction2's
registries: ``custom_imports = dict(imports=['msnet_mmaction'])`` in a config is all that it takes.
"""

from . import compat

compat.apply()

from . import checkpoints  # noqa: E402, F401
from .backbones import FastResNetTSM, MSNet  # noqa: E402
from .datasets import CheckedRawframeDataset, CheckedVideoDataset, DirectionAwareFlip  # noqa: E402
from .hooks import FoldBatchNormsHook, MotionVisualizationHook, PreflightHook  # noqa: E402
from .inference import fold_batch_norms  # noqa: E402
from .layers import (  # noqa: E402
    AddFusion,
    ClipLayer,
    ConcatFusion,
    ConvTransform,
    DepthwiseSeparableTransform,
    KernelSoftArgmax,
    MotionOnlyFusion,
    MotionSqueeze,
    MultiplyFusion,
    SoftArgmax,
)
from .ops import Matching, match  # noqa: E402
from .recognizers import MotionRecognizer2D  # noqa: E402
from .version import __version__  # noqa: E402

__all__ = [
    'AddFusion',
    'CheckedRawframeDataset',
    'CheckedVideoDataset',
    'ClipLayer',
    'ConcatFusion',
    'ConvTransform',
    'DepthwiseSeparableTransform',
    'DirectionAwareFlip',
    'FastResNetTSM',
    'FoldBatchNormsHook',
    'KernelSoftArgmax',
    'MSNet',
    'Matching',
    'MotionOnlyFusion',
    'MotionRecognizer2D',
    'MotionSqueeze',
    'MotionVisualizationHook',
    'MultiplyFusion',
    'PreflightHook',
    'SoftArgmax',
    '__version__',
    'fold_batch_norms',
    'match',
]
