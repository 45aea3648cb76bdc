r"""Layouts of the keys of checkpoints, with their names in this package.

The new names are those of an MMAction2 recogniser whose backbone is a ``ResNetTSM`` with a motion
layer after ``layer2``. A shifted convolution has the name ``conv1.conv.net``.
"""

from dataclasses import dataclass

_STATE = r'(weight|bias|running_mean|running_var|num_batches_tracked)'


@dataclass(frozen=True)
class Layout:
    """One layout of keys.

    Attributes:
        mark: Pattern of a key that only this layout has.
        rules: Replacement of a key, by the pattern of the whole key.
        dead: Patterns of keys without use.
    """

    mark: str
    rules: dict[str, str]
    dead: tuple[str, ...] = ()


def _resnet(prefix: str, conv1: str) -> dict[str, str]:
    """Rules for a ResNet with torchvision's names.

    Args:
        prefix: Pattern of the prefix of each key.
        conv1: New name of the first convolution of each block.
    """
    block = prefix + r'layer([1-4])\.(\d+)\.'
    return {
        prefix + r'conv1\.weight': r'backbone.conv1.conv.weight',
        prefix + r'bn1\.' + _STATE: r'backbone.conv1.bn.\1',
        block + r'conv1\.weight': rf'backbone.layer\1.\2.{conv1}.weight',
        block + r'conv([23])\.weight': r'backbone.layer\1.\2.conv\3.conv.weight',
        block + r'bn([123])\.' + _STATE: r'backbone.layer\1.\2.conv\3.bn.\4',
        block + r'downsample\.0\.weight': r'backbone.layer\1.\2.downsample.conv.weight',
        block + r'downsample\.1\.' + _STATE: r'backbone.layer\1.\2.downsample.bn.\3',
    }


def _motion_layer(prefix: str) -> dict[str, str]:
    """Rules for the authors' MotionSqueeze module, whose convolutions count from 1."""
    here = 'backbone.layer2.motion'
    rules = {
        prefix + r'chnl_reduction\.0\.weight': f'{here}.reduction.conv.weight',
        prefix + r'chnl_reduction\.1\.' + _STATE: rf'{here}.reduction.bn.\1',
    }
    for index in range(4):
        theirs, ours = rf'{prefix}flow_refinement\.conv{index + 1}\.', f'{here}.transform.{index}.'
        rules |= {
            theirs + r'0\.weight': ours + 'depthwise.conv.weight',
            theirs + r'1\.' + _STATE: ours + r'depthwise.bn.\1',
            theirs + r'3\.weight': ours + 'pointwise.conv.weight',
            theirs + r'4\.' + _STATE: ours + r'pointwise.bn.\1',
        }
    return rules


_AUTHORS = r'(?:module\.)?base_model\.'

#: Layouts by their names.
LAYOUTS = {
    # The authors' (github.com/arunos728/MotionSqueeze), with or without DataParallel's `module.`,
    # with the MS module or without it (their TSM). They shift every block.
    'motionsqueeze': Layout(
        mark=r'(?:module\.)?(?:base_model|new_fc)\..+',
        rules={
            **_resnet(_AUTHORS, conv1='conv1.conv.net'),
            **_motion_layer(_AUTHORS),
            r'(?:module\.)?new_fc\.(weight|bias)': r'cls_head.fc_cls.\1',
        },
        # Their network builds a batch norm that it never calls.
        dead=(_AUTHORS + r'bn2\.' + _STATE,),
    ),
    # MMAction2's zoo, v0.x and v1.x, and checkpoints of this package.
    'mmaction2': Layout(
        mark=r'backbone\..+',
        rules={r'((?:backbone|neck|cls_head|data_preprocessor)\..+)': r'\1'},
    ),
    # Pre-trained on ImageNet. It is unknown which blocks will have a shift, so that conv1 keeps its
    # plain name, which a shifted convolution loads too.
    'torchvision': Layout(
        mark=r'(?:layer1\.0\.conv1|fc)\.weight',
        rules=_resnet('', conv1='conv1.conv'),
        # The classifier of ImageNet's 1000 classes.
        dead=(r'fc\.(weight|bias)',),
    ),
}

_TORCHVISION = 'https://download.pytorch.org/models'
_MMACTION2 = 'https://download.openmmlab.com/mmaction'

#: Suffixes of the files of TSM in MMAction2's zoo, v1.0: date and hash, by config.
_TSM = {
    'tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb': '20230317-be0fc26e',
    'tsm_imagenet-pretrained-r50_8xb16-1x1x16-50e_sthv2-rgb': '20230317-ec6696ad',
    'tsm_imagenet-pretrained-r101_8xb16-1x1x8-50e_sthv2-rgb': '20230320-efcc0d1b',
    'tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_kinetics400-rgb': '20220831-64d69186',
    'tsm_imagenet-pretrained-r50_8xb16-1x1x16-50e_kinetics400-rgb': '20220831-042b1748',
}

#: Suffixes of v0.24.1, the only version with Something-Something V1.
_TSM_V0 = {
    'tsm_r50_1x1x8_50e_sthv1_rgb': '20210203-01dce462',
    'tsm_r50_flip_1x1x8_50e_sthv1_rgb': '20210203-12596f16',
    'tsm_r50_flip_randaugment_1x1x8_50e_sthv1_rgb': '20210324-76937692',
    'tsm_r50_1x1x16_50e_sthv1_rgb': '20211202-b922e5d2',
}

#: Addresses of published checkpoints by their short names.
PUBLISHED = {
    # torchvision's IMAGENET1K_V1 weights.
    'torchvision/resnet18': f'{_TORCHVISION}/resnet18-f37072fd.pth',
    'torchvision/resnet34': f'{_TORCHVISION}/resnet34-b627a593.pth',
    'torchvision/resnet50': f'{_TORCHVISION}/resnet50-0676ba61.pth',
    'torchvision/resnet101': f'{_TORCHVISION}/resnet101-63fe2227.pth',
    **{
        f'tsm/{config}': f'{_MMACTION2}/v1.0/recognition/tsm/{config}/{config}_{suffix}.pth'
        for config, suffix in _TSM.items()
    },
    **{
        f'tsm/{config}': f'{_MMACTION2}/recognition/tsm/{config}/{config}_{suffix}.pth'
        for config, suffix in _TSM_V0.items()
    },
}
