"""MotionSqueeze (Kwon, Kim, Kwak, Cho, ECCV 2020) for MMAction2.

Importing the package registers its layers, backbones, datasets and hooks in mmaction2's
registries: ``custom_imports = dict(imports=['msnet_mmaction'])`` in a config is all that it takes.
"""

from . import compat

compat.apply()

from . import checkpoints  # noqa: F401
from .datasets import (
    CheckedRawframeDataset,
    CheckedVideoDataset,
    DirectionAwareFlip,
    RandomClipsSampleFrames,
    SegmentSampleFrames,
)
from .engine.hooks import (
    BrokenFilesHook,
    OptimizeForInferenceHook,
    MotionVisualizationHook,
    PreflightHook,
)
from .engine.optimizers import FlowTSMOptimWrapperConstructor
from .evaluation import CheckedAccMetric
from .models.backbones import FastResNetTSM, InceptionI3D, MSNet, WideStemMobileNetV2
from .models.inference import optimize_for_inference
from .models.layers import (
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
from .models.recognizers import MotionRecognizer2D
from .ops import Matching, match
from .structures import MotionField
from .utils.config_names import register_configs
from .version import __version__

register_configs()

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
    'InceptionI3D',
    'KernelSoftArgmax',
    'MSNet',
    'Matching',
    'MotionField',
    'MotionOnlyFusion',
    'MotionRecognizer2D',
    'MotionSqueeze',
    'MotionVisualizationHook',
    'MultiplyFusion',
    'OptimizeForInferenceHook',
    'PreflightHook',
    'RandomClipsSampleFrames',
    'RepresentationFlow',
    'SegmentSampleFrames',
    'SoftArgmax',
    'WideStemMobileNetV2',
    '__version__',
    'match',
    'optimize_for_inference',
]
