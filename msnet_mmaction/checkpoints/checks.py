"""Whether a checkpoint is one of a model, before it is loaded."""

import re
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from ..models.backbones import LAYER_NAME


class CheckpointError(ValueError):
    """A checkpoint that is not one of this model; the message names the file and the keys."""


def check_checkpoint(
    state_dict: Mapping[str, Tensor],
    model: nn.Module,
    source: str,
    allow_missing: Sequence[str] = (),
    allow_missing_motion: bool = False,
) -> None:
    """Check that a checkpoint is one of this model.

    Args:
        state_dict: The checkpoint's weights.
        model: The model that is about to load them.
        source: Where they come from, for the message.
        allow_missing: Beginnings of keys that may be missing or differ in shape.
        allow_missing_motion: Whether the layers that MSNet adds may be missing.

    Raises:
        CheckpointError: If keys are missing, unknown or of another shape; it lists them.
    """
    own = model.state_dict()
    given = {
        _as_loaded(re.sub(r'^module\.', '', key), own): value for key, value in state_dict.items()
    }

    def excused(key: str) -> bool:
        return key.startswith(tuple(allow_missing)) or (
            allow_missing_motion and f'.{LAYER_NAME}.' in key
        )

    problems = {
        'missing': [key for key in own if key not in given and not excused(key)],
        'unknown to the model': [key for key in given if key not in own],
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
