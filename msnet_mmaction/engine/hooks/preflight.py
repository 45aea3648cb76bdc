"""A look at what a run is made of, before hours are spent on it."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmaction.registry import HOOKS
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner
from torch import nn

from ...checkpoints.checks import check_checkpoint
from ...models.backbones import resolve_num_segments


@HOOKS.register_module()
class PreflightHook(Hook):
    """Stop a run that would go wrong in silence.

    - The frames that the samplers of the pipelines take and those of the model must agree.
    - A checkpoint must fit the model. MMEngine loads what fits and warns about the rest, so that
      a wrong file is tested, or trained from, as if nothing were amiss. Resuming and testing need
      every key; ``load_from`` may lack the motion layers, which the checkpoint of a plain backbone
      has not, and what ``allow_missing`` names.

    Args:
        allow_missing: Beginnings of keys that a checkpoint given to ``load_from`` for training
            may lack or hold in another shape, such as ``cls_head.fc_cls`` for another data set.
    """

    priority = 'VERY_HIGH'

    def __init__(self, allow_missing: Sequence[str] = ()) -> None:
        self.allow_missing = tuple(allow_missing)

    def before_run(self, runner: Runner) -> None:
        """Check the frames, and that no second hook of this kind contradicts this one."""
        if sum(isinstance(hook, PreflightHook) for hook in runner.hooks) > 1:
            raise ValueError(
                'there are two PreflightHooks. The configs of msnet_mmaction have it among '
                'default_hooks: take it out of custom_hooks, and set its arguments by '
                "default_hooks=dict(preflight=dict(allow_missing=['cls_head.fc_cls']))"
            )
        check_frames(runner.cfg, _unwrapped(runner.model))

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check the keys, before MMEngine loads them."""
        # MMEngine has no public word for "this run trains": a loop is built when it is run.
        trains = isinstance(runner._train_loop, BaseLoop)
        may_lack = trains and not runner._resume
        check_checkpoint(
            checkpoint.get('state_dict', checkpoint),
            _unwrapped(runner.model),
            source=str(runner._load_from),
            allow_missing=self.allow_missing if may_lack else (),
            allow_missing_motion=may_lack,
        )


def check_frames(cfg: Config, model: nn.Module) -> None:
    """Check that the pipelines sample the frames that the model takes.

    Args:
        cfg: A whole config, with its dataloaders.
        model: The model built from it.

    Raises:
        ValueError: If they disagree; it names both places.
    """
    frames = getattr(model, 'num_segments', None)
    if frames is None:
        return
    for split in ('train', 'val', 'test'):
        for transform, modality in _samplers(cfg.get(f'{split}_dataloader')):
            # The flows of a stack are the channels of one frame.
            terms = ('num_clips',) if modality == 'Flow' else ('clip_len', 'num_clips')
            resolve_num_segments(
                {
                    f"the model's ({type(model).__name__}) num_segments": frames,
                    f'{" x ".join(terms)} of {transform["type"]} in {split}_dataloader': math.prod(
                        transform.get(term, 1) for term in terms
                    ),
                }
            )


def _unwrapped(model: nn.Module) -> nn.Module:
    return model.module if is_model_wrapper(model) else model


def _samplers(cfg: Any, modality: str = 'RGB') -> Iterator[tuple[Mapping, str]]:
    """The transforms that sample frames, wherever they are nested in a dataloader's config.

    Each comes with the modality of its dataset.
    """
    if isinstance(cfg, Mapping):
        kind = cfg.get('type')
        if isinstance(kind, str) and re.search(r'SampleFrames$|^UniformSample$', kind):
            yield cfg, modality
        for value in cfg.values():
            yield from _samplers(value, cfg.get('modality', modality))
    elif isinstance(cfg, list | tuple):
        for value in cfg:
            yield from _samplers(value, modality)
