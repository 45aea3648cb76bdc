"""The backbones of docs/backbones.md, and what its tables say of each.

``python -m tests.helpers.backbone_zoo`` writes the tables again.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from mmaction.registry import MODELS
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from msnet_mmaction.models.backbones.known_networks import facts_of
from msnet_mmaction.models.backbones.stage_outputs import dry_run

PAGE = Path(__file__).parents[2] / 'docs' / 'backbones.md'
FRAMES = 8


class Entry(NamedTuple):
    """A backbone, and a stage of it.

    Attributes:
        backbone: Its config.
        stage: Where the layer is put.
        small: What is another number in the training step.
        shape: Of the input of that step.
        num_segments: T, for a 2D network that does not say it.
        layer: More arguments of the layer.
        full: Shape of the input at full size, where the network does not tell it.
    """

    backbone: dict[str, Any]
    stage: str
    shape: tuple[int, ...]
    small: dict[str, Any] = {}
    num_segments: int | None = None
    layer: dict[str, Any] = {}
    full: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        return self.backbone['type']

    def build(self, small: bool = False, layer: bool = True) -> nn.Module:
        backbone = {**self.backbone, **(self.small if small else {})}
        config = dict(type='MotionSqueeze', **self.layer)
        return MODELS.build(
            dict(
                type='MSNet',
                backbone=backbone,
                layers={self.stage: config} if layer else {},
                num_segments=self.num_segments,
            )
        )


def _2d(kind: str, stage: str, frames: int | None = None, **backbone: Any) -> Entry:
    """A network of images, on a clip of 8 frames of 64 x 64."""
    return Entry(dict(type=kind, **backbone), stage, (FRAMES, 3, 64, 64), num_segments=frames)


def _3d(kind: str, stage: str, **backbone: Any) -> Entry:
    return Entry(dict(type=kind, **backbone), stage, (1, 3, 16, 64, 64))


_RESNET3D = dict(depth=50, pretrained=None, pretrained2d=False, norm_eval=False)
_PATHWAY = dict(
    type='resnet3d', depth=50, pretrained=None, conv1_stride_t=1, pool1_stride_t=1, norm_eval=False
)

MMACTION = [
    # Its pooling halves the frames before layer2.
    Entry(dict(type='C2D', depth=50), 'layer2', (1, 3, 16, 64, 64), num_segments=FRAMES),
    Entry(dict(type='C3D', out_dim=8192), 'conv3b', (1, 3, 16, 112, 112)),
    Entry(
        dict(type='MViT', arch='tiny'),
        'blocks.2',
        (1, 3, 4, 64, 64),
        dict(
            arch=dict(embed_dims=16, num_layers=4, num_heads=1, downscale_indices=[1, 3]),
            temporal_size=4,
            spatial_size=64,
        ),
    ),
    _2d('MobileNetV2', 'layer3', FRAMES),
    _2d('MobileNetV2TSM', 'layer3', num_segments=FRAMES, pretrained2d=False),
    Entry(dict(type='OmniResNet', layers=[3, 4, 6, 3]), 'layer2', (1, 3, 8, 64, 64)),
    _2d('ResNet', 'layer2', FRAMES, depth=50, norm_eval=False),
    _3d(
        'ResNet2Plus1d',
        'layer2',
        **{**_RESNET3D, 'depth': 34},
        conv_cfg=dict(type='Conv2plus1d'),
        norm_cfg=dict(type='BN3d'),
        conv1_kernel=(3, 7, 7),
        conv1_stride_t=1,
        pool1_stride_t=1,
        inflate=(1, 1, 1, 1),
        spatial_strides=(1, 2, 2, 2),
        temporal_strides=(1, 2, 2, 2),
        zero_init_residual=False,
    ),
    _3d('ResNet3d', 'layer2', **_RESNET3D),
    Entry(
        dict(type='ResNet3dLayer', depth=50, pretrained=None, stage=2, norm_eval=False),
        'layer3',
        (1, 512, 4, 8, 8),
        full=(1, 512, 16, 28, 28),
    ),
    _3d('ResNet3dCSN', 'layer2', depth=50, pretrained=None, pretrained2d=False, norm_eval=False),
    _3d(
        'ResNet3dSlowFast',
        'fast_path.layer2',
        pretrained=None,
        slow_pathway=dict(
            **_PATHWAY,
            lateral=True,
            conv1_kernel=(1, 7, 7),
            dilations=(1, 1, 1, 1),
            inflate=(0, 0, 1, 1),
        ),
        fast_pathway=dict(**_PATHWAY, lateral=False, base_channels=8, conv1_kernel=(5, 7, 7)),
    ),
    _3d(
        'ResNet3dSlowOnly',
        'layer2',
        depth=50,
        pretrained=None,
        lateral=False,
        conv1_kernel=(1, 7, 7),
        inflate=(0, 0, 1, 1),
        norm_eval=False,
    ),
    _2d('ResNetTSM', 'layer2', depth=50, num_segments=FRAMES, pretrained2d=False, norm_eval=False),
    Entry(
        dict(type='SwinTransformer3D', arch='tiny', pretrained2d=False, window_size=(8, 7, 7)),
        'layers.0',
        (1, 3, 8, 64, 64),
        dict(arch=dict(embed_dims=24, depths=[2, 2], num_heads=[2, 4]), out_indices=(1,)),
    ),
    _2d('TANet', 'layer2', depth=50, num_segments=FRAMES, norm_eval=False),
    Entry(
        dict(type='TimeSformer', num_frames=8, img_size=224, patch_size=16),
        'transformer_layers.layers.5',
        (1, 3, 8, 32, 32),
        dict(img_size=32, embed_dims=48, num_heads=2, num_transformer_layers=7),
    ),
    Entry(
        dict(type='UniFormer', depth=[3, 4, 8, 3], pretrained2d=False),
        'blocks2.3',
        (1, 3, 4, 64, 64),
    ),
    Entry(
        dict(type='UniFormerV2', clip_pretrained=False, t_size=8),
        'transformer.resblocks.5',
        (1, 3, 8, 32, 32),
        dict(input_resolution=32, width=48, heads=2, n_dim=48, n_head=2),
    ),
    Entry(
        dict(type='VisionTransformer', num_frames=16),
        'blocks.5',
        (1, 3, 8, 32, 32),
        dict(img_size=32, num_frames=8, embed_dims=48, num_heads=2),
    ),
    _3d('X3D', 'layer2', gamma_w=1, gamma_b=2.25, gamma_d=2.2, norm_eval=False),
]

OURS = [
    _2d('FastResNetTSM', 'layer2', depth=50, num_segments=FRAMES),
    _3d('InceptionI3D', 'inc_b'),
    Entry(
        dict(type='WideStemMobileNetV2'),
        'layer3',
        (FRAMES, 3, 64, 64),
        num_segments=FRAMES,
        layer=dict(reduced_channels=None),
    ),
]

TIMM = [
    _2d('timm.resnet50', 'layer2', FRAMES),
    _2d('timm.resnext50_32x4d', 'layer2', FRAMES),
    _2d('timm.densenet121', 'features.transition1', FRAMES),
    _2d('timm.regnety_016', 's2', FRAMES),
    _2d('timm.efficientnet_b0', 'blocks.2', FRAMES),
    _2d('timm.mobilenetv3_large_100', 'blocks.2', FRAMES),
    _2d('timm.convnext_tiny', 'stages.1', FRAMES),
    _2d('timm.convnextv2_nano', 'stages.1', FRAMES),
    Entry(
        dict(type='timm.swin_tiny_patch4_window7_224'),
        'layers.1',
        (FRAMES, 3, 56, 56),
        dict(img_size=56, embed_dim=24, depths=(1, 1, 1, 1), window_size=7),
        FRAMES,
    ),
    _2d('timm.pvt_v2_b1', 'stages.1', FRAMES),
    Entry(
        dict(type='timm.vit_small_patch16_224'),
        'blocks.5',
        (FRAMES, 3, 64, 64),
        dict(img_size=64),
        FRAMES,
    ),
    Entry(
        dict(type='timm.vit_small_patch14_reg4_dinov2'),
        'blocks.5',
        (FRAMES, 3, 56, 56),
        dict(img_size=56),
        FRAMES,
    ),
]

OTHERS = [
    _2d('torchvision.resnet18', 'layer2', FRAMES),
    _2d('torchvision.mobilenet_v3_small', 'features.3', FRAMES),
    _2d('torchvision.convnext_tiny', 'features.3', FRAMES),
    _2d('torchvision.swin_t', 'features.3', FRAMES),
    Entry(
        dict(type='torchvision.vit_b_16'),
        'encoder.layers.encoder_layer_5',
        (FRAMES, 3, 64, 64),
        dict(image_size=64),
        FRAMES,
    ),
    _2d('mmpretrain.ResNet', 'layer2', FRAMES, depth=18),
    _2d('mmpretrain.ConvNeXt', 'stages.1', FRAMES, arch='atto'),
    _2d('mmpretrain.SwinTransformer', 'stages.1', FRAMES, arch='tiny', pad_small_map=True),
    Entry(
        dict(type='mmpretrain.VisionTransformer', arch='deit-tiny'),
        'layers.5',
        (FRAMES, 3, 64, 64),
        dict(img_size=64),
        FRAMES,
    ),
    # MMAction2 has it where mmpretrain is installed.
    _2d('MobileOneTSM', 'stage1', num_segments=FRAMES, arch='s0'),
]

#: Those that no layer is put into here, and why.
LEFT_OUT = {
    'AAGCN': 'takes graphs of joints, no frames',
    'STGCN': 'takes graphs of joints, no frames',
    'ResNetAudio': 'takes spectrograms, no frames',
    'RGBPoseConv3D': 'takes frames and heat maps at once: give `in_channels=512` after '
    '`rgb_path.layer2`; not trained here',
    'ResNetTIN': 'needs `tin_shift` of `mmcv.ops`, which has no kernel for a CPU; not trained here',
}


def train_step(entry: Entry) -> None:
    """One step of SGD of the small network; every parameter of the layer gets a gradient."""
    torch.manual_seed(0)
    network = entry.build(small=True)
    network.train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    outputs = list(_tensors(network(torch.randn(entry.shape))))
    # Not the mean or the norm, of which the gradient vanishes after a normalisation.
    loss = sum((out * torch.randn_like(out)).mean() for out in outputs)
    loss.backward()
    layer = network.get_submodule(entry.stage).motion
    unused = [name for name, p in layer.named_parameters() if p.grad is None or not p.grad.any()]
    assert not unused, f'{entry.name}: {unused} have no gradient'
    optimizer.step()
    assert all(torch.isfinite(p).all() for p in network.parameters())


def _tensors(out: Any) -> Iterator[torch.Tensor]:
    if isinstance(out, torch.Tensor):
        yield out
    else:
        for part in out:
            yield from _tensors(part)


def row(entry: Entry) -> str:
    """The row of a table: counted on the meta device, at full size."""
    network = entry.build()
    layer = network.get_submodule(entry.stage).motion
    frames = entry.num_segments or getattr(network, 'num_segments', None)
    shape = entry.full or facts_of(network, frames).input_shape
    plain, whole = (_flops(each, shape) for each in (entry.build(layer=False), network))
    out = dry_run(network, [f'{entry.stage}.motion'], shape)[f'{entry.stage}.motion']
    maps = layer.clip_view(out)
    layout = 'tokens' if layer.tokens else 'channels last' if layer.channels_last else 'maps'
    sizes = ' x '.join(map(str, shape))
    return (
        f'| `{entry.name}` | `{entry.stage}` | {layout} | {layer.in_channels} | '
        f'{maps.shape[-2]} x {maps.shape[-1]} | {sizes} | {plain / 1e9:.1f} | '
        f'{(whole - plain) / 1e9:.2f} | yes |'
    )


def _flops(network: nn.Module, shape: tuple[int, ...]) -> int:
    """Multiply-adds, each counted as one."""
    with FlopCounterMode(display=False) as counter:
        dry_run(network, [], shape)
    return counter.get_total_flops() // 2


TABLES = {'mmaction2': MMACTION, 'ours': OURS, 'timm': TIMM, 'others': OTHERS}


def write_tables() -> None:
    """Put the tables into the page, each after its mark."""
    text = PAGE.read_text()
    for mark, entries in TABLES.items():
        rows = '\n'.join(map(row, entries))
        pattern = rf'(<!-- {mark} -->\n\n\|[^\n]*\n\|[-|]+\n)(\|[^\n]*\n)*'
        text, count = re.subn(pattern, lambda m, rows=rows: f'{m[1]}{rows}\n', text)
        assert count == 1, mark
    PAGE.write_text(text)


if __name__ == '__main__':
    from mmengine.registry import init_default_scope

    init_default_scope('mmaction')
    write_tables()
