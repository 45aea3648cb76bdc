"""A look at what a run is made of, before hours are spent on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from mmaction.registry import HOOKS
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner, find_latest_checkpoint
from torch import nn

from ...checkpoints import check_checkpoint, check_checkpoint_file, state_dict_of
from ..checks import check_classes, check_frames


@HOOKS.register_module()
class PreflightHook(Hook):
    """Stop a run that would go wrong in silence.

    - The frames that the samplers of the pipelines take and those of the model must agree.
    - The classes of the head must be those of the lists and of a label map beside them.
    - A checkpoint must fit the model. MMEngine loads what fits and warns about the rest, so that
      a wrong file is tested, or trained from, as if nothing were amiss. Resuming and testing need
      every key; ``load_from`` may lack the motion layers, which the checkpoint of a plain backbone
      has not, and what ``allow_missing`` names.
    - ``train.py --resume``, where there is nothing to resume yet, must not train from scratch:
      it sets the config's ``load_from`` aside. The run starts from it, and says so.

    Args:
        allow_missing: Beginnings of keys that a checkpoint given to ``load_from`` for training
            may lack or hold in another shape, such as ``cls_head.fc_cls`` for another data set.
    """

    priority = 'VERY_HIGH'

    def __init__(self, allow_missing: Sequence[str] = ()) -> None:
        self.allow_missing = tuple(allow_missing)

    def before_run(self, runner: Runner) -> None:
        """Check frames and classes, and what the run starts from.

        Raises:
            ValueError: If frames or classes disagree, if the checkpoint is none, or if there are
                two hooks of this kind.
        """
        if sum(isinstance(hook, PreflightHook) for hook in runner.hooks) > 1:
            raise ValueError(
                'there are two PreflightHooks. The configs of msnet_mmaction have it among '
                'default_hooks: take it out of custom_hooks, and set its arguments by '
                "default_hooks=dict(preflight=dict(allow_missing=['cls_head.fc_cls']))"
            )
        model = _unwrapped(runner.model)
        check_frames(runner.cfg, model)
        for split in ('train', 'val', 'test'):
            # MMEngine has no public word for "this loop runs": it is built when it is run.
            loop = getattr(runner, f'_{split}_loop')
            if isinstance(loop, BaseLoop):
                for strange in check_classes(model, loop.dataloader.dataset, split):
                    runner.logger.warning(strange)
        if _trains(runner):
            _start_where_nothing_is_to_resume(runner)
        source = _source(runner)
        if source is not None and Path(source).is_file():
            check_checkpoint_file(source)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check the keys, before MMEngine loads them.

        Raises:
            CheckpointError: If they do not fit the model.
        """
        source = str(_source(runner))
        may_lack = _trains(runner) and not runner._resume
        check_checkpoint(
            state_dict_of(checkpoint, source),
            _unwrapped(runner.model),
            source=source,
            allow_missing=self.allow_missing if may_lack else (),
            allow_missing_motion=may_lack,
        )


def _trains(runner: Runner) -> bool:
    return isinstance(runner._train_loop, BaseLoop)


def _source(runner: Runner) -> str | None:
    """The checkpoint that the run starts from."""
    if runner._load_from is None and runner._resume:
        return find_latest_checkpoint(runner.work_dir)
    return runner._load_from


def _start_where_nothing_is_to_resume(runner: Runner) -> None:
    """Start from the config's ``load_from``, as without ``--resume``."""
    filename = runner.cfg.filename
    if not runner._resume or _source(runner) is not None or filename is None:
        return
    load_from = Config.fromfile(filename).get('load_from')
    if load_from is None:
        return
    runner.logger.info(
        f'There is nothing to resume in {runner.work_dir}: the run starts from load_from of '
        f'{filename}, {load_from}'
    )
    runner._load_from, runner._resume = load_from, False


def _unwrapped(model: nn.Module) -> nn.Module:
    return cast(nn.Module, model.module) if is_model_wrapper(model) else model
