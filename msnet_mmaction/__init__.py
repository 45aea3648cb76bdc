"""MotionSqueeze (Kwon, Kim, Kwak, Cho, ECCV 2020) for MMAction2.

Importing the package registers its layers, backbones, datasets and hooks in mmaction2's
registries: ``custom_imports = dict(imports=['msnet_mmaction'])`` in a config is all that it takes.
"""

from . import compat

compat.apply()

from . import checkpoints  # noqa: E402, F401
from .backbones import FastResNetTSM, InceptionI3D, MSNet, WideStemMobileNetV2  # noqa: E402
from .datasets import (  # noqa: E402
    CheckedRawframeDataset,
    CheckedVideoDataset,
    DirectionAwareFlip,
    RandomClipsSampleFrames,
    SegmentSampleFrames,
)
from .evaluation import CheckedAccMetric  # noqa: E402
from .hooks import (  # noqa: E402
    BrokenFilesHook,
    FoldBatchNormsHook,
    MotionVisualizationHook,
    PreflightHook,
)
from .inference import fold_batch_norms  # noqa: E402
from .layers import (  # noqa: E402
    AddFusion,
    ClipLayer,
    ConcatFusion,
    ConvTransform,
    CorrespondenceProposal,
    DepthwiseSeparableTransform,
    KernelSoftArgmax,
    MotionOnlyFusion,
    MotionSqueeze,
    MultiplyFusion,
    RepresentationFlow,
    SoftArgmax,
)
from .ops import Matching, match  # noqa: E402
from .optim import FlowTSMOptimWrapperConstructor  # noqa: E402
from .recognizers import MotionRecognizer2D  # noqa: E402
from .version import __version__  # noqa: E402

__all__ = [
    'AddFusion',
    'BrokenFilesHook',
    'CheckedAccMetric',
    'CheckedRawframeDataset',
    'CheckedVideoDataset',
    'ClipLayer',
    'ConcatFusion',
    'ConvTransform',
    'CorrespondenceProposal',
    'DepthwiseSeparableTransform',
    'DirectionAwareFlip',
    'FastResNetTSM',
    'FlowTSMOptimWrapperConstructor',
    'FoldBatchNormsHook',
    'InceptionI3D',
    'KernelSoftArgmax',
    'MSNet',
    'Matching',
    'MotionOnlyFusion',
    'MotionRecognizer2D',
    'MotionSqueeze',
    'MotionVisualizationHook',
    'MultiplyFusion',
    'PreflightHook',
    'RandomClipsSampleFrames',
    'RepresentationFlow',
    'SegmentSampleFrames',
    'SoftArgmax',
    'WideStemMobileNetV2',
    '__version__',
    'fold_batch_norms',
    'match',
]
