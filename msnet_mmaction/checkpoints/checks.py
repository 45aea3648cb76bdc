"""Checks that a file is a checkpoint, and that it fits a model, before it is loaded."""

import re
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from torch import Tensor, nn

from ..models.backbones import LAYER_NAME

_HEAD = 'cls_head.'


class CheckpointError(ValueError):
    """A checkpoint does not fit the model; the message names the file and the keys."""


def check_checkpoint_file(path: str | PathLike) -> None:
    """Check by its first and last bytes that a file is one of ``torch.save``.

    Of other files, ``torch.load`` raises a ``KeyError`` or ``IndexError``.

    Raises:
        CheckpointError: If it is not; it names the file.
    """
    with open(path, 'rb') as file:
        start = file.read(4)
    # torch.save writes zip files, of old a pickle or a tar file.
    if zipfile.is_zipfile(path) or start[:1] == b'\x80' or (start and tarfile.is_tarfile(path)):
        return
    if not start:
        reason = 'it is empty'
    elif start == b'PK\x03\x04':
        reason = 'it was cut off'
    else:
        reason = 'torch.save writes no such file'
    raise CheckpointError(f'{path}: not a checkpoint: {reason}')


def state_dict_of(checkpoint: Any, source: str) -> dict[str, Tensor]:
    """The state dict of a loaded checkpoint.

    Args:
        checkpoint: A state dict, or a dict with one as ``state_dict``.
        source: Name of the file, for the error.

    Raises:
        CheckpointError: If there is no state dict.
    """
    state_dict = checkpoint.get('state_dict', checkpoint) if isinstance(checkpoint, dict) else None
    if not isinstance(state_dict, dict) or not state_dict:
        raise CheckpointError(f'{source}: not a checkpoint: it holds no state dict')
    strange = [key for key, value in state_dict.items() if not isinstance(value, Tensor)]
    if strange:
        raise CheckpointError(f'{source}: not a checkpoint: {strange[0]!r} is no tensor')
    return state_dict


def check_checkpoint(
    state_dict: Mapping[str, Tensor],
    model: nn.Module,
    source: str,
    allow_missing: Sequence[str] = (),
    allow_missing_motion: bool = False,
) -> None:
    """Check that a checkpoint fits a model.

    A model without a classifier, such as one for features (mmaction2's ``FeatureHead``), may ignore
    the classifier of the checkpoint.

    Args:
        state_dict: The weights of the checkpoint.
        model: The model that will load them.
        source: Name of the file, for the error.
        allow_missing: Prefixes of keys that may be missing or differ in shape.
        allow_missing_motion: Whether the layers of MSNet may be missing.

    Raises:
        CheckpointError: If keys are missing, unknown or of another shape; it lists them.
    """
    own = model.state_dict()
    given = {
        _as_loaded(re.sub(r'^module\.', '', key), own): value for key, value in state_dict.items()
    }

    classifies = any(key.startswith(_HEAD) for key in own)

    def excused(key: str) -> bool:
        return key.startswith(tuple(allow_missing)) or (
            allow_missing_motion and f'.{LAYER_NAME}.' in key
        )

    problems = {
        'missing': [key for key in own if key not in given and not excused(key)],
        'unknown to the model': [
            key for key in given if key not in own and (classifies or not key.startswith(_HEAD))
        ],
        'of another shape': [
            f'{key} {tuple(given[key].shape)} instead of {tuple(own[key].shape)}'
            for key in own
            if key in given and given[key].shape != own[key].shape and not excused(key)
        ],
    }
    found = [
        f'{len(keys)} keys are {what}: {", ".join(keys[:5])}{", …" if len(keys) > 5 else ""}'
        for what, keys in problems.items()
        if keys
    ]
    if found:
        raise CheckpointError(
            f'{source} does not fit this model. {". ".join(found)}. Use the checkpoint of this '
            "config; one of the authors' or of torchvision is read by motionsqueeze://<path>; to "
            'train from one that lacks a part, name it in allow_missing of PreflightHook, which is '
            'default_hooks.preflight in the configs'
        )


def _as_loaded(key: str, own: Mapping[str, Tensor]) -> str:
    # A shifted convolution loads the weights of the plain one; the other way round they are lost.
    shifted = re.sub(r'\.conv\.(weight|bias)$', r'.conv.net.\1', key)
    return shifted if key not in own and shifted in own else key
