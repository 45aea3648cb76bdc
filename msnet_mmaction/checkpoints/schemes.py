"""``motionsqueeze://``: checkpoints of other layouts in ``load_from`` and ``init_cfg``.

``motionsqueeze://ADDRESS[?layout=NAME][&classifier=drop][&in_channels=NUMBER]``. The address is a
file, a URL that MMEngine reads, or a short name (:data:`msnet_mmaction.checkpoints.PUBLISHED`); the
options are those of :func:`msnet_mmaction.checkpoints.convert`::

    load_from = 'motionsqueeze://tsm/tsm_r50_1x1x8_50e_sthv1_rgb'
    load_from = 'motionsqueeze://checkpoints/msnet_authors.pth.tar?classifier=drop'
    init_cfg = dict(type='Pretrained', checkpoint='motionsqueeze://torchvision/resnet50',
                    prefix='backbone.')
    init_cfg = dict(type='Pretrained', prefix='backbone.',  # for stacks of 5 optical flows
                    checkpoint='motionsqueeze://torchvision/resnet18?in_channels=10')
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import torch
from mmengine.runner import CheckpointLoader
from torch import Tensor

from .checks import CheckpointError, check_checkpoint_file, state_dict_of
from .convert import convert
from .layouts import PUBLISHED

SCHEME = 'motionsqueeze://'
MapLocation = str | torch.device | Callable | dict | None


@CheckpointLoader.register_scheme(prefixes=SCHEME)
def load_from_motionsqueeze(filename: str, map_location: MapLocation = None) -> dict:
    """Load a checkpoint of any known layout with the keys of this package.

    Args:
        filename: An address with the scheme, see the docstring of this module.
        map_location: As in ``torch.load``.

    Returns:
        ``dict(meta, state_dict)``.

    Raises:
        ValueError: If an option or a key is unknown.
        FileNotFoundError: If there is no such file.
    """
    address, query = filename.removeprefix(SCHEME), ''
    if '?' in address:
        address, query = address.rsplit('?', 1)
    options: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(options.keys() - {'layout', 'classifier', 'in_channels'})
    if unknown:
        raise ValueError(
            f'{filename}: options are layout, classifier and in_channels, not {", ".join(unknown)}'
        )
    if 'in_channels' in options:
        options['in_channels'] = _positive(options['in_channels'], filename)
    state_dict, meta = read(address, map_location)
    return dict(meta=meta, state_dict=convert(state_dict, source=address, **options))


def read(address: str, map_location: MapLocation = None) -> tuple[dict[str, Tensor], dict]:
    """Read weights with their original keys, without running code of the file.

    Args:
        address: A file, a URL that MMEngine reads, or a short name.
        map_location: As in ``torch.load``.

    Returns:
        State dict, and ``meta`` of the checkpoint, empty if it has none.

    Raises:
        ValueError: If it is not a checkpoint, would run code, or has no state dict.
        FileNotFoundError: If there is no such file.
        ConnectionError: If it can't be downloaded.
    """
    address = PUBLISHED.get(address, address)
    if '://' not in address and not Path(address).expanduser().is_file():
        similar = [name for name in PUBLISHED if name.split('/')[0] == address.split('/')[0]]
        hint = f', nor one of the short names {", ".join(similar)}' if similar else ''
        raise FileNotFoundError(f'{address}: no such file{hint}')
    if '://' not in address:
        check_checkpoint_file(Path(address).expanduser())
    try:
        with _weights_only():
            checkpoint = CheckpointLoader.load_checkpoint(address, map_location)
    except (OSError, HTTPException) as error:
        if '://' not in address:
            raise
        place = Path(torch.hub.get_dir(), 'checkpoints', address.rsplit('/', 1)[-1])
        raise ConnectionError(
            f'{address} could not be downloaded ({error}). On a machine without a network, put '
            f'the file in {place}, or name its path in place of the address'
        ) from None
    except Exception as error:  # whatever torch runs into in a file of other content
        raise CheckpointError(
            f'{address}: not a checkpoint that is safe to load: {_reason(error)}'
        ) from error
    state_dict = state_dict_of(checkpoint, address)
    return state_dict, checkpoint.get('meta') or {}


def _positive(number: str, filename: str) -> int:
    if not number.isdecimal() or int(number) == 0:
        raise ValueError(f'{filename}: in_channels must be a positive number, got {number!r}')
    return int(number)


def _reason(error: Exception) -> str:
    """The reason in torch's error about a file that it does not load, in one line."""
    lines = [*str(error).strip().splitlines(), type(error).__name__]
    # torch's first line recommends to load the file unsafely; the refusal itself is further on.
    refusals = [line.partition('WeightsUnpickler error: ')[2] for line in lines]
    return next(filter(None, refusals), lines[0]).partition('. ')[0]


@contextmanager
def _weights_only() -> Iterator[None]:
    """``weights_only=True`` for torch.load under MMEngine, which has no such argument.

    Also where torch is older than 2.6, or where the default was switched off.
    """
    names = ('TORCH_FORCE_WEIGHTS_ONLY_LOAD', 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD')
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ[names[0]] = '1'
    try:
        yield
    finally:
        del os.environ[names[0]]
        os.environ.update({name: value for name, value in before.items() if value is not None})
