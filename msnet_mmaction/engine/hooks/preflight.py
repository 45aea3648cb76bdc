"""Checks of a run before it starts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from mmaction.registry import HOOKS
from mmengine.config import Config
from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner, find_latest_checkpoint
from torch import nn

from ...checkpoints import (
    CheckpointError,
    check_checkpoint,
    check_checkpoint_file,
    state_dict_of,
)
from ..checkpoint_files import latest_whole_checkpoint, named_latest
from ..checks import check_classes, check_frames


@HOOKS.register_module()
class PreflightHook(Hook):
    """Check a run before it starts, for mistakes that would otherwise go unnoticed.

    - The samplers of the pipelines and the model must agree on the number of frames.
    - The head must have the classes of the lists and of a label map beside them.
    - A checkpoint must fit the model. MMEngine only warns about keys that do not fit, so that a
      wrong file would be tested or trained from. Resuming and testing need all keys. A checkpoint
      of ``load_from`` may lack the motion layers, which a plain backbone does not have, and the
      keys of ``allow_missing``.
    - ``train.py --resume`` without a checkpoint to resume starts from ``load_from`` of the config,
      which mmaction2 would ignore, and logs it.
    - ``train.py --resume`` passes over a latest checkpoint that is damaged or missing, to the
      newest whole one, with a warning. That needs ``max_keep_ckpts`` of 2 or more, or no limit.

    Args:
        allow_missing: Prefixes of keys that may be missing, or have another shape, in a checkpoint
            of ``load_from`` for training, such as ``cls_head.fc_cls`` for another data set.
    """

    priority = 'VERY_HIGH'

    def __init__(self, allow_missing: Sequence[str] = ()) -> None:
        self.allow_missing = tuple(allow_missing)

    def before_run(self, runner: Runner) -> None:
        """Check frames, classes and the file of the checkpoint.

        Raises:
            ValueError: If frames or classes disagree, if the file is not a checkpoint, if none of
                those to resume from is whole, or if there are two hooks of this kind.
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
            # A loop that will run is built by now; MMEngine has no public attribute for it.
            loop = getattr(runner, f'_{split}_loop')
            if isinstance(loop, BaseLoop):
                for strange in check_classes(model, loop.dataloader.dataset, split):
                    runner.logger.warning(strange)
        if _trains(runner):
            _resume_from_a_whole_one(runner)
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


def _resume_from_a_whole_one(runner: Runner) -> None:
    """Pass over a latest checkpoint that can't be read."""
    if not runner._resume or runner._load_from is not None:
        return
    found: list[Any] = [None, []]
    if is_main_process():
        found = list(latest_whole_checkpoint(runner.work_dir))
    broadcast_object_list(found)
    path, faults = found
    named = named_latest(runner.work_dir)
    passed_over = ''.join(f'\n  {fault}' for fault in faults)
    if path is None and named:
        raise CheckpointError(
            f'no checkpoint in {runner.work_dir} can be resumed:{passed_over}\n'
            'Remove the file last_checkpoint there to start anew'
        )
    if path is not None and str(path) != named:
        runner.logger.warning(
            f'The run is resumed from {path}, the newest whole checkpoint, '
            f'not from {named or "one that last_checkpoint names"}.{passed_over}'
        )
        runner._load_from = str(path)


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
