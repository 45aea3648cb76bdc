"""Backbones of mmaction2 and, by the prefixes that it uses, of timm, torchvision and mmpretrain."""

import inspect
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

#: Names of the classifiers of torchvision networks.
_CLASSIFIERS = ('fc', 'classifier', 'head', 'heads')
_REGISTRIES = ('mmpretrain', 'mmcls')


def build_backbone(cfg: Mapping[str, Any]) -> nn.Module:
    """Build a backbone from its config.

    ``timm.NAME`` is ``timm.create_model(NAME)``, ``torchvision.NAME`` the function or class of
    ``torchvision.models`` (or that itself, as ``type``), ``mmpretrain.NAME`` a backbone of its
    registry; other types are backbones of mmaction2. Weights are loaded by the arguments of each
    library: ``pretrained=True``, ``weights='DEFAULT'``, ``init_cfg``.

    The classifier of a network for images is removed. The network puts out its pooled features as
    maps, (N*T, C, 1, 1), for mmaction2's heads.

    Args:
        cfg: The config, which is not changed.

    Returns:
        The network, of its own class and with its own keys.

    Raises:
        ImportError: If the package of the prefix is not installed.
        ValueError: If it has no such network.
    """
    kind, arguments = cfg.get('type'), {k: v for k, v in cfg.items() if k != 'type'}
    source, _, name = kind.partition('.') if isinstance(kind, str) else ('', '', '')
    if _is_of_torchvision(kind):
        source = 'torchvision'
    if source not in ('timm', 'torchvision', *_REGISTRIES):
        return MODELS.build(cfg)
    if 'feature_shape' in arguments:
        raise ValueError(
            f"{kind} inside MSNet pools its features itself: leave 'feature_shape' out"
        )
    if source in _REGISTRIES:
        _import(f'{source}.models', kind)
        network = MODELS.build(cfg)
    elif source == 'timm':
        network = _create_timm(name, arguments)
    else:
        network = _create_torchvision(kind, arguments)
    network.register_forward_hook(_pooled_maps)
    if not isinstance(network, BaseModule):
        # Their weights are initialised already; timm's own init_weights would overwrite them.
        network.init_weights = partial(_init_layers, network)
    return network


def _is_of_torchvision(kind: Any) -> bool:
    module = inspect.getmodule(kind) if callable(kind) else None
    return module is not None and (module.__name__ + '.').startswith('torchvision.')


def _import(module: str, kind: Any) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition('.')[0]
        raise ImportError(
            f'the backbone {kind} needs {package}, which cannot be imported: {error}'
        ) from error


def _create_timm(name: str, arguments: dict[str, Any]) -> nn.Module:
    timm = _import('timm', f'timm.{name}')
    if not timm.is_model(name.partition('.')[0]):
        raise ValueError(
            f"timm {timm.__version__} has no model '{name}': timm.list_models('*...*') finds names"
        )
    return timm.create_model(name, **{**arguments, 'num_classes': 0})


def _create_torchvision(kind: Any, arguments: dict[str, Any]) -> nn.Module:
    models = _import('torchvision.models', kind)
    name = None if callable(kind) else kind.partition('.')[2]
    create = kind if name is None else getattr(models, name, None)
    if not callable(create):
        raise ValueError(f"torchvision.models has no '{name}'")
    network = create(**arguments)
    for name in _CLASSIFIERS:
        if hasattr(network, name):
            setattr(network, name, nn.Identity())
    return network


def _pooled_maps(network: nn.Module, args: tuple, output: Any) -> Any:
    """The features as maps: mmpretrain puts out tuples, timm and torchvision vectors."""
    # Functions of this module, not lambdas or methods: they survive deepcopy and pickling.
    if isinstance(output, tuple) and len(output) == 1:
        (output,) = output
    if isinstance(output, Tensor) and output.ndim == 2:
        return output[:, :, None, None]
    return output


def _init_layers(network: nn.Module) -> None:
    """Initialise the layers of MSNet in a network that is not a ``BaseModule`` of mmengine."""
    within: list[str] = []
    for name, module in network.named_modules():
        if isinstance(module, BaseModule) and not any(name.startswith(w) for w in within):
            within.append(f'{name}.')
            module.init_weights()
