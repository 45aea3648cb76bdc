"""MSNet (Section 3.2): any registered backbone, enriched with layers after some of its stages."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from mmaction.registry import MODELS
from mmengine.model import BaseModule, Sequential
from torch import Tensor, nn

#: The layer's name below its stage, and so in the keys of a checkpoint: ``layer2.motion.*``.
LAYER_NAME = 'motion'


@MODELS.register_module()
def MSNet(
    backbone: Mapping[str, Any],
    layers: Mapping[str, Mapping[str, Any]],
    num_segments: int | None = None,
) -> nn.Module:
    """Build a backbone with layers after some of its stages.

    ::

        MSNet(backbone=dict(type='ResNetTSM', depth=50, num_segments=8),
              layers=dict(layer2=dict(type='MotionSqueeze', in_channels=512)))

        conv1 ─ layer1 ─ layer2 ─ layer2.motion ─ layer3 ─ layer4

    What is returned is the backbone itself: it keeps its class and every key, so that its
    checkpoints load unchanged and lack the keys ``<stage>.motion.*`` alone.

    Args:
        backbone: Config of a backbone that is registered in mmaction2.
        layers: Config of the layer to put after a stage, by the name of the stage: a submodule
            whose output is one tensor; dots lead deeper.
        num_segments: T, the frames of a clip. Needed for a 2D backbone that does not say it, as
            a ``ResNet`` without shift; 3D backbones do without.

    Returns:
        The backbone.

    Raises:
        ValueError: If the backbone has no such stage, or if two places disagree on the frames of
            a clip.
    """
    network = MODELS.build(backbone)
    own = getattr(network, 'num_segments', None)
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
    for stage, layer in layers.items():
        _put_after(network, stage, MODELS.build({**layer, 'num_segments': frames}))
    if own is None and frames is not None:
        network.num_segments = frames
    return network


def resolve_num_segments(named: Mapping[str, int | None]) -> int | None:
    """The number of frames of a clip that all places agree on.

    Args:
        named: What each place says, None where it says nothing.

    Returns:
        The number; None if no place says one.

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


def _put_after(network: nn.Module, stage_name: str, layer: nn.Module) -> None:
    try:
        stage = network.get_submodule(stage_name)
    except AttributeError:
        children = ', '.join(name for name, _ in network.named_children())
        raise ValueError(
            f"{type(network).__name__} has no stage '{stage_name}' to put a layer after; its "
            f'children are {children}'
        ) from None
    if hasattr(stage, LAYER_NAME):
        raise ValueError(f"'{stage_name}' has a child named '{LAYER_NAME}' already")

    if isinstance(stage, nn.Sequential) and not isinstance(stage, BaseModule):
        # mmengine's Sequential, unlike torch's, hands init_weights() on to the layer.
        stage = Sequential(OrderedDict(stage.named_children()))
        parent_name, _, name = stage_name.rpartition('.')
        setattr(network.get_submodule(parent_name), name, stage)
    stage.add_module(LAYER_NAME, layer)
    if not isinstance(stage, nn.Sequential):
        stage.register_forward_hook(_run_layer)


def _run_layer(stage: nn.Module, args: tuple, output: Tensor) -> Tensor:
    # A function of this module, not a lambda or a method: it survives deepcopy and pickling.
    return getattr(stage, LAYER_NAME)(output)
