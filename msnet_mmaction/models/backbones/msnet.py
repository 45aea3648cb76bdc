"""MSNet (Section 3.2): any registered backbone with layers after some of its stages."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from mmaction.models import SwinTransformer3D
from mmaction.registry import MODELS
from mmengine.model import BaseModule, Sequential
from torch import nn

from .image_shift import shift_before
from .known_networks import facts_of
from .sources import build_backbone
from .stage_outputs import complete_layers, find_stage

#: Name of the layer in its stage, and in the keys of a checkpoint: ``layer2.motion.*``.
LAYER_NAME = 'motion'


@MODELS.register_module()
def MSNet(
    backbone: Mapping[str, Any],
    layers: Mapping[str, Mapping[str, Any]],
    num_segments: int | None = None,
    shift: Mapping[str, Any] | None = None,
) -> nn.Module:
    """Build a backbone with layers after some of its stages.

    ::

        MSNet(backbone=dict(type='ResNetTSM', depth=50, num_segments=8),
              layers=dict(layer2=dict(type='MotionSqueeze', in_channels=512)))

        conv1 ─ layer1 ─ layer2 ─ layer2.motion ─ layer3 ─ layer4

    The result is the backbone itself. It keeps its class and all keys, so that its checkpoints load
    unchanged; only the keys ``<stage>.motion.*`` are missing in them.

    A layer without ``in_channels`` gets them, and the layout of its stage (channels last, the grid
    of tokens), from a run of the network without values, on the meta device. A layer with
    ``in_channels`` is told the layout, too.

    Example:
        >>> import torch
        >>> from msnet_mmaction import MSNet
        >>> network = MSNet(
        ...     backbone=dict(type='FastResNetTSM', depth=18, num_segments=2),
        ...     layers=dict(layer2=dict(type='MotionSqueeze', in_channels=128)),
        ... )
        >>> type(network).__name__, type(network.layer2.motion).__name__
        ('FastResNetTSM', 'MotionSqueeze')
        >>> tuple(network.eval()(torch.randn(2, 3, 64, 64)).shape)
        (2, 512, 2, 2)

    Args:
        backbone: Config of a backbone that is registered in mmaction2, or of one of ``timm``,
            ``torchvision`` or ``mmpretrain`` by that prefix, see :func:`.build_backbone`.
        layers: Config of the layer to put after a stage, by the name of the stage: any submodule,
            such as ``layer2`` or ``layer3.0``. After a stage that puts out its channels last, such
            as those of ``SwinTransformer3D``, the layer needs ``channels_last=True``; after one
            that puts out tokens, it needs ``tokens``, see :class:`.ClipLayer`. An empty dict gives
            the backbone alone.
        num_segments: T, the frames of a clip. Needed for a 2D backbone without ``num_segments``,
            such as a ``ResNet`` without shift. 3D backbones do not need it.
        shift: Arguments ``convs`` and ``shift_div`` of :func:`.shift_before`: a temporal shift for
            a 2D convolutional network that has none.

    Returns:
        The backbone.

    Raises:
        ValueError: If ``layers`` is not a dict of configs, if the backbone has no such stage or the
            stage cannot take a layer, if its channels or layout cannot be known, or if two places
            disagree on the frames of a clip.
        ImportError: If the package of the backbone's prefix is not installed.
    """
    _check_layers(layers)
    network: Any = build_backbone(backbone)
    own = getattr(network, 'num_segments', None) or facts_of(network, None).num_segments
    named = {
        f"the backbone's ({backbone['type']}) num_segments": own,
        "MSNet's num_segments": num_segments,
        **{
            f"the num_segments of the layer after '{stage}' ({layer['type']})": layer.get(
                'num_segments'
            )
            for stage, layer in layers.items()
        },
    }
    frames = resolve_num_segments(named)
    if shift is not None:
        shift_before(network, num_segments=frames, **shift)
    for stage, layer in complete_layers(network, layers, frames).items():
        _put_after(network, stage, MODELS.build({**layer, 'num_segments': frames}))
    if own is None and frames is not None:
        network.num_segments = frames
    return network


def resolve_num_segments(named: Mapping[str, int | None]) -> int | None:
    """The number of frames of a clip that all places agree on.

    Args:
        named: The number of each place, by the name of the place; None where it has none.

    Returns:
        The number; None if no place has one.

    Raises:
        ValueError: If two places disagree; it names both.
    """
    said = [(place, frames) for place, frames in named.items() if frames is not None]
    for place, frames in said[1:]:
        if frames != said[0][1]:
            raise ValueError(
                f'the frames of a clip disagree: {said[0][0]} is {said[0][1]}, {place} is '
                f'{frames}. Set both to one number.'
            )
    return said[0][1] if said else None


def _check_layers(layers: Mapping[str, Mapping[str, Any]]) -> None:
    example = "dict(layer2=dict(type='MotionSqueeze', in_channels=512))"
    if not isinstance(layers, Mapping):
        raise ValueError(
            f'MSNet takes the config of each layer by the name of its stage, such as '
            f'layers={example}; got {layers!r}'
        )
    for stage, layer in layers.items():
        if not isinstance(layer, Mapping) or 'type' not in layer:
            raise ValueError(
                f"MSNet takes the config of the layer after '{stage}' as a dict with its type, "
                f'such as layers={example}; got {layer!r}'
            )


def _put_after(network: nn.Module, stage_name: str, layer: nn.Module) -> None:
    stage = find_stage(network, stage_name)
    if hasattr(stage, LAYER_NAME):
        raise ValueError(f"'{stage_name}' has a child named '{LAYER_NAME}' already")

    _check_stage(network, stage_name, stage)
    if isinstance(network, SwinTransformer3D) and getattr(layer, 'channels_last', None) is False:
        raise ValueError(
            f"'{stage_name}' of {type(network).__name__} puts out (N, T, H, W, C), its channels "
            f'last: set channels_last=True of the {type(layer).__name__} after it'
        )

    if type(stage) is nn.Sequential and isinstance(network, BaseModule):
        # mmengine's Sequential, unlike torch's, calls init_weights() of the layer.
        stage = Sequential(OrderedDict(stage.named_children()))
        parent_name, _, name = stage_name.rpartition('.')
        setattr(network.get_submodule(parent_name), name, stage)
    stage.add_module(LAYER_NAME, layer)
    if not isinstance(stage, nn.Sequential):
        stage.register_forward_hook(_run_layer)


def _check_stage(network: nn.Module, name: str, stage: nn.Module) -> None:
    """Check that a layer that is put into this stage runs once, at the end of it."""
    kind, children = type(stage), [f"'{name}.{child}'" for child, _ in stage.named_children()]
    where = f"'{name}' of {type(network).__name__} is a {kind.__name__}"
    if isinstance(stage, nn.ModuleList | nn.ModuleDict):
        raise ValueError(
            f'{where}, which is not run as a whole: put the layer after one of its members '
            f'{", ".join(children)}'
        )
    own_forward = isinstance(stage, nn.Sequential) and kind.forward is not nn.Sequential.forward
    if own_forward and not getattr(stage, 'runs_children_in_order', False):
        raise ValueError(
            f'{where}, a Sequential with a forward of its own, which might leave a layer out that '
            f'is appended to it, or not run it last: put the layer after one of its children '
            f'{", ".join(children)}, or set {kind.__name__}.runs_children_in_order = True if it '
            'runs all of them, one after the other'
        )


def _run_layer(stage: nn.Module, args: tuple, output: Any) -> Any:
    # A function of this module, not a lambda or a method: it survives deepcopy and pickling.
    return getattr(stage, LAYER_NAME)(output)
