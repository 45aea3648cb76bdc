"""Channels and layout of stages, found by a run of the network on the meta device."""

import copy
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from .known_networks import Facts, facts_of


def complete_layers(
    network: nn.Module, layers: Mapping[str, Mapping[str, Any]], num_segments: int | None
) -> dict[str, Mapping[str, Any]]:
    """Add the channels and the layout of their stages to the configs of layers.

    Args:
        network: The backbone, without the layers.
        layers: Configs of the layers by stage.
        num_segments: T, the frames of a clip, or None if unknown.

    Returns:
        The complete configs. Arguments of the given configs are kept.

    Raises:
        ValueError: If there is no such stage, or its channels, layout or frames cannot be inferred;
            it says what to set.
    """
    missing = [stage for stage, layer in layers.items() if 'in_channels' not in layer]
    if not missing:
        return dict(layers)
    for stage in missing:
        find_stage(network, stage)
    kind = type(network).__name__
    facts = facts_of(network, num_segments)
    try:
        outputs = dry_run(network, missing, facts.input_shape)
    except Exception as error:
        raise ValueError(
            f'the channels after {", ".join(missing)} of {kind} are not given, and a run on the '
            f'meta device with an input of {facts.input_shape} fails: {error}. Give in_channels '
            'of each layer, and channels_last=True or tokens=dict(...) where its stage needs it'
        ) from error
    complete = dict(layers)
    for stage in missing:
        if stage not in outputs:
            raise ValueError(
                f"'{stage}' of {kind} is not run as a module: put the layer after another stage"
            )
        try:
            found = layer_arguments(outputs[stage], facts)
        except ValueError as error:
            raise ValueError(f"no layer can be put after '{stage}' of {kind}: {error}") from None
        if num_segments is None and _folds_frames(outputs[stage], found):
            raise ValueError(
                f"'{stage}' of {kind} puts out frames of a 2D network, and nothing tells how many "
                'belong to one clip: set num_segments of MSNet'
            )
        complete[stage] = {**found, **layers[stage]}
    return complete


def find_stage(network: nn.Module, name: str) -> nn.Module:
    """The submodule of that name.

    Raises:
        ValueError: If there is none.
    """
    try:
        return network.get_submodule(name)
    except AttributeError:
        children = ', '.join(child for child, _ in network.named_children())
        raise ValueError(
            f"{type(network).__name__} has no stage '{name}' to put a layer after; its "
            f'children are {children}'
        ) from None


def dry_run(
    network: nn.Module, stages: Sequence[str], input_shape: Sequence[int]
) -> dict[str, Any]:
    """Run a copy of a network on the meta device, and record the outputs of stages.

    Args:
        network: The network, which is not changed.
        stages: Names of submodules.
        input_shape: Shape of the input.

    Returns:
        The outputs by stage, tensors on the meta device. A stage that is not run is missing.
    """
    memo: dict[int, Tensor] = {}
    for value in chain(network.parameters(), network.buffers()):
        shape = torch.empty_like(value, device='meta')
        is_parameter = isinstance(value, nn.Parameter)
        memo[id(value)] = nn.Parameter(shape, requires_grad=False) if is_parameter else shape
    # deepcopy does not copy the objects in its memo.
    network = copy.deepcopy(network, memo)
    network.eval()
    outputs: dict[str, Any] = {}
    for stage in stages:
        network.get_submodule(stage).register_forward_hook(partial(_keep, outputs, stage))
    with torch.no_grad():
        network(torch.empty(*input_shape, device='meta'))
    return outputs


def _keep(outputs: dict[str, Any], stage: str, module: nn.Module, args: tuple, out: Any) -> None:
    outputs[stage] = out


def layer_arguments(output: Any, facts: Facts) -> dict[str, Any]:
    """Channels and layout of a stage, as arguments of the layer after it.

    Args:
        output: Output of the stage for square frames.
        facts: Facts about the network.

    Returns:
        ``in_channels``, and ``channels_last`` or ``tokens`` if the layout needs it.

    Raises:
        ValueError: If the layout cannot be inferred; it says what to set.
    """
    if _is_tokens_and_grid(output):
        tokens, grid = output[0], output[1]
        return dict(
            in_channels=tokens.shape[2], tokens=dict(class_tokens=tokens.shape[1] - prod(grid))
        )
    if not isinstance(output, Tensor):
        raise ValueError(
            f'it puts out a {type(output).__name__}, whose layout cannot be known: choose a stage '
            'that puts out one tensor'
        )
    shape = tuple(output.shape)
    if output.ndim == 3:
        if facts.tokens is None or facts.tokens.get('grid') is None:
            raise ValueError(
                f'it puts out tokens {shape}, whose grid cannot be known: give the layer '
                f'in_channels={shape[2]} and tokens=dict(grid=(H, W), class_tokens=1), with the '
                'rows and columns of the patches and the tokens that are none'
            )
        return dict(in_channels=shape[2], tokens=facts.tokens)
    if output.ndim not in (4, 5):
        raise ValueError(f'it puts out {shape}, which are no feature maps')
    # Frames are square: so are maps.
    first, last = shape[-2] == shape[-1], shape[-3] == shape[-2]
    if first == last:
        raise ValueError(
            f'it puts out {shape}, in which the channels cannot be told from rows and columns: '
            'give the layer in_channels, and channels_last=True if they are the last'
        )
    if last:
        return dict(in_channels=shape[-1], channels_last=True)
    return dict(in_channels=shape[1])


def _is_tokens_and_grid(output: Any) -> bool:
    if not isinstance(output, tuple | list) or len(output) != 2:
        return False
    tokens, grid = output
    return (
        isinstance(tokens, Tensor)
        and tokens.ndim == 3
        and isinstance(grid, tuple | list | torch.Size)
        and len(grid) in (2, 3)
        and 0 <= tokens.shape[1] - prod(grid) <= 8
    )


def _folds_frames(output: Any, arguments: Mapping[str, Any]) -> bool:
    """Whether the frames of a clip are in the batch, as in 2D networks."""
    if 'tokens' in arguments:
        return len(arguments['tokens'].get('grid') or output[1]) == 2
    return output.ndim == 4
