"""A training that has lost its numbers."""

from typing import Any

import torch
from mmaction.registry import HOOKS
from mmengine.device import get_device
from mmengine.dist import all_gather_object, all_reduce
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import Runner
from torch import Tensor, nn

from ..mid_epoch import network_buffers, save_mid_epoch


class NonFiniteLossError(ArithmeticError):
    """A loss that is NaN or infinite; the message names the iteration and the files."""


@HOOKS.register_module()
class NonFiniteLossHook(Hook):
    """Stop a training whose loss is NaN or infinite, before it spoils the weights.

    The losses are looked at before the backward pass: on any process, the first that is not finite
    ends the run on all. The state before that iteration is saved as ``mid_epoch.pth``, as
    ``InterruptionHook`` resumes it, and the error names the iteration and the files of the batch.
    Resuming without a change runs into the same loss.
    """

    # Its copy of the buffers is the last thing before an iteration.
    priority = 'LOWEST'

    def __init__(self) -> None:
        self._handle: Any = None
        self._batch: DATA_BATCH = None
        self._buffers: dict[str, Tensor] = {}
        self._kept: dict[str, Tensor] = {}

    def before_train(self, runner: Runner) -> None:
        """Watch what the network returns in training."""
        self._buffers = network_buffers(runner.model)
        self._kept = {name: torch.empty_like(buffer) for name, buffer in self._buffers.items()}

        def check(model: nn.Module, args: tuple, outputs: Any) -> None:
            if self._batch is not None and isinstance(outputs, dict):
                self._check(runner, outputs)

        self._handle = runner.model.register_forward_hook(check)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: DATA_BATCH = None
    ) -> None:
        """Keep what a forward pass changes: the statistics of batch norms."""
        self._batch = data_batch
        with torch.no_grad():
            for name, buffer in self._buffers.items():
                self._kept[name].copy_(buffer)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: dict | None = None,
    ) -> None:
        """Let go of the batch: what is computed until the next one is no training."""
        self._batch = None

    def after_train(self, runner: Runner) -> None:
        """Watch no more."""
        self._handle.remove()

    def _check(self, runner: Runner, losses: dict) -> None:
        values = {name: _tensors(value) for name, value in losses.items() if 'loss' in name}
        bad = sorted(
            name
            for name, tensors in values.items()
            if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors)
        )
        # Every process learns of it, or the others would wait for this one.
        any_bad = torch.tensor(float(bool(bad)), device=get_device())
        all_reduce(any_bad, 'max')
        if not any_bad.item():
            return
        found = [(bad, _files(self._batch) if bad else [])]
        found = all_gather_object(found[0])
        names = sorted({name for names, _ in found for name in names})
        files = ''.join(f'\n  {file}' for _, files in found for file in files)
        with torch.no_grad():
            for name, buffer in self._buffers.items():
                buffer.copy_(self._kept[name])
        path = save_mid_epoch(runner, runner.iter)
        raise NonFiniteLossError(
            f'{", ".join(names)} is not finite in iteration {runner.iter + 1} (epoch '
            f'{runner.epoch + 1}). The state before it is saved to {path}. Lower the learning '
            'rate or clip gradients if the losses grew before, look at the clips if they did not. '
            f'The batch:{files}'
        )


def _tensors(value: Any) -> list[Tensor]:
    values = value if isinstance(value, list | tuple) else [value]
    return [value.detach() for value in values if isinstance(value, Tensor)]


def _files(data_batch: Any) -> list[str]:
    samples = data_batch.get('data_samples', ()) if isinstance(data_batch, dict) else ()
    names = []
    for sample in samples:
        path = sample.get('filename') or sample.get('frame_dir')
        names.append(str(path or 'a sample whose pipeline packs neither filename nor frame_dir'))
    return names
