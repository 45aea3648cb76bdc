"""Videos a second, or the time of a training step, of any configs side by side."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from ...models.inference import optimize_for_inference
from ...models.layers import ClipLayer
from .clips import clip_shape
from .execution import capture, with_tf32
from .machine import check_device, describe_machine
from .results import write_results
from .timing import (
    Work,
    interleave,
    make_works,
    mark,
    median,
    peak_memory,
    ratio,
    seconds_between,
)

AUTOCAST = {'bf16': torch.bfloat16, 'fp16': torch.float16}
OPTIONS = ('optimize', 'channels_last', 'compile', 'graph', 'tf32', *AUTOCAST)


@dataclass(frozen=True)
class Contestant:
    """A config with options, as ``CONFIG[+option ...]``.

    Attributes:
        config: Path of a config, or ``mmaction::<config that mmaction2 installs>``.
        options: Some of ``optimize`` (a copy for inference), ``channels_last`` (weights and input),
            ``compile``, ``graph`` (captured in a CUDA graph), ``tf32`` (in float32 on a GPU), and
            ``bf16`` or ``fp16`` (autocast).
    """

    config: str
    options: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> 'Contestant':
        """Read ``CONFIG[+option ...]``."""
        config, *options = text.split('+')
        unknown = [option for option in options if option not in OPTIONS]
        if unknown:
            raise argparse.ArgumentTypeError(
                f'{text!r}: no option {", ".join(unknown)}; there are {", ".join(OPTIONS)}'
            )
        if '::' not in config and not Path(config).is_file():
            raise argparse.ArgumentTypeError(f'{config}: no such config')
        return cls(config, tuple(options))

    def __str__(self) -> str:
        return '+'.join([self.config.rpartition('/')[2].removesuffix('.py'), *self.options])

    def check(self, train: bool) -> None:
        """Raise a ValueError if an option cannot be used."""
        for option in ('optimize', 'graph') if train else ():
            if option in self.options:
                raise ValueError(f'{self}: +{option} is for inference, it does not train')

    def build(self, device: torch.device, train: bool) -> nn.Module:
        """The recogniser, with random weights."""
        cfg = get_config(self.config) if '::' in self.config else Config.fromfile(self.config)
        init_default_scope(cfg.get('default_scope', 'mmaction'))
        torch.manual_seed(0)
        model = MODELS.build(cfg.model).to(device)
        model.train(train)
        if 'optimize' in self.options:
            model = optimize_for_inference(model)
        if 'channels_last' in self.options:
            model.to(memory_format=torch.channels_last)
        if 'compile' in self.options:
            model.compile(dynamic=False)
        return model

    def autocast(self, device: torch.device) -> torch.autocast:
        """The context that the model runs in."""
        dtype = next((AUTOCAST[name] for name in self.options if name in AUTOCAST), None)
        # The cache of half-precision weights must not be used after the capture of a graph.
        cache = 'graph' not in self.options
        return torch.autocast(device.type, dtype, enabled=dtype is not None, cache_enabled=cache)


@dataclass(frozen=True)
class Result:
    """One contestant at one batch size.

    Attributes:
        contestant: Config and options.
        work: ``inference`` or ``training step``.
        batch: Number of clips in a batch.
        milliseconds: Median time of a batch over the rounds. This and all below are None if it did
            not run.
        videos_per_second: Number of clips divided by that time.
        speedup: Median over the rounds of the first contestant's time divided by this one's; None
            if the first did not run.
        mebibytes: Peak memory without the weights, see :func:`.timing.peak_memory`; None for a CUDA
            graph, which has its own memory.
        layer_share: Share of the motion layers in the forward time. None without such a layer, and
            if it cannot be measured: compiled, in a graph, in training.
        failure: The error, if it did not run.
    """

    contestant: str
    work: str
    batch: int
    milliseconds: float | None = None
    videos_per_second: float | None = None
    speedup: float | None = None
    mebibytes: float | None = None
    layer_share: float | None = None
    failure: str | None = None


def random_clips(model: nn.Module, batch: int, size: int, device: torch.device) -> Tensor:
    """A batch of one clip a video, see :func:`.clips.clip_shape`."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(batch, *clip_shape(model, size), generator=generator).to(device)


def inference(model: nn.Module, clips: Tensor, contestant: Contestant) -> Work:
    """A forward pass up to the class scores."""

    def work() -> None:
        with torch.inference_mode(), contestant.autocast(clips.device):
            model(clips, mode='tensor', stage='head')

    return work


def training_step(model: nn.Module, clips: Tensor, contestant: Contestant) -> Work:
    """Forward, backward and a step of SGD with momentum; with a scaled loss in float16."""
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, nesterov=True)
    labels = torch.zeros(len(clips), dtype=torch.long, device=clips.device)
    scaler = torch.amp.GradScaler(clips.device.type) if 'fp16' in contestant.options else None

    def work() -> None:
        with contestant.autocast(clips.device):
            scores = model(clips, mode='tensor', stage='head')
            loss = F.cross_entropy(scores.float(), labels)
        if scaler is None:
            loss.backward()
            optimizer.step()
        else:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        # Last, so that a step gives back what it took, which its peak of memory counts.
        optimizer.zero_grad()

    return work


def layer_share(model: nn.Module, work: Work, device: torch.device, rounds: int) -> float | None:
    """Share of the time of ``work`` in motion layers; None if there are none."""
    layers = [module for module in model.modules() if isinstance(module, ClipLayer)]
    if not layers:
        return None
    inside: list[tuple] = []

    def timed(forward: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def timed_forward(*args: object, **kwargs: object) -> Tensor:
            begin = mark(device)
            result = forward(*args, **kwargs)
            inside.append((begin, mark(device)))
            return result

        return timed_forward

    shares = []
    with ExitStack() as stack:
        for layer in layers:
            stack.enter_context(patch.object(layer, 'forward', timed(layer.forward)))
        for _ in range(rounds):
            inside.clear()
            begin = mark(device)
            work()
            whole = seconds_between(begin, mark(device))
            shares.append(sum(seconds_between(*marks) for marks in inside) / whole)
    return median(shares)


def measure(
    contestants: list[Contestant],
    batches: list[int],
    device: torch.device,
    train: bool = False,
    size: int = 224,
    rounds: int = 10,
) -> Iterator[Result]:
    """Measure all contestants at all batch sizes, interleaved over the contestants.

    Raises:
        ValueError: If an option of a contestant cannot be used.
    """
    for contestant in contestants:
        contestant.check(train)
    make: Callable[..., Work] = training_step if train else inference
    models = {str(c): c.build(device, train) for c in contestants}

    for batch in batches:
        facts: dict[str, Any] = {'work': 'training step' if train else 'inference', 'batch': batch}
        works, failures = make_works(
            {
                str(c): partial(_make_work, make, c, models[str(c)], batch, size, device)
                for c in contestants
            }
        )
        seconds = interleave(works, rounds, device)
        for contestant in contestants:
            name = str(contestant)
            if name in failures:
                yield Result(name, **facts, failure=failures[name])
                continue
            first = seconds.get(str(contestants[0]))
            hidden = train or {'compile', 'graph'} & set(contestant.options)
            memory = None
            if 'graph' not in contestant.options:
                memory = peak_memory(works[name], device) / 2**20
            yield Result(
                name,
                **facts,
                milliseconds=1e3 * median(seconds[name]),
                videos_per_second=batch / median(seconds[name]),
                speedup=ratio(first, seconds[name]) if first else None,
                mebibytes=memory,
                layer_share=None
                if hidden
                else layer_share(models[name], works[name], device, rounds),
            )


def _make_work(
    make: Callable[..., Work],
    contestant: Contestant,
    model: nn.Module,
    batch: int,
    size: int,
    device: torch.device,
) -> Work:
    clips = random_clips(model, batch, size, device)
    work = with_tf32(make(model, clips, contestant), 'tf32' in contestant.options)
    return capture(work, device) if 'graph' in contestant.options else work


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``benchmark.py model``."""
    parser.add_argument(
        'contestants',
        nargs='+',
        type=Contestant.parse,
        metavar='CONFIG[+option ...]',
        help='the first is what the others are compared with; options: ' + ', '.join(OPTIONS),
    )
    parser.add_argument('--batch', nargs='+', type=int, default=[1], help='clips a batch')
    parser.add_argument('--train', action='store_true', help='a training step, not inference')
    parser.add_argument('--size', type=int, default=224, help='height = width of a frame')
    parser.add_argument('--device', type=torch.device, default=torch.device('cpu'))
    parser.add_argument('--rounds', type=int, default=10, help='default: %(default)s')
    parser.add_argument('--threads', type=int, help="default: torch's")
    parser.add_argument('--json', type=Path, help='write the results here')


def run(args: argparse.Namespace) -> int:
    """``benchmark.py model``."""
    check_device(args.device)
    if args.threads:
        torch.set_num_threads(args.threads)
    machine = describe_machine(args.device)
    print('\n'.join(f'{key}: {value}' for key, value in machine.items()))
    width = max(len(str(contestant)) for contestant in args.contestants)
    print(
        f'\n{"":>{width}} {"batch":>5} {"ms":>9} {"videos/s":>9} {"speedup":>8} {"MiB":>8} '
        f'{"motion":>7}',
        flush=True,
    )
    results = []
    for result in measure(
        args.contestants, args.batch, args.device, args.train, args.size, args.rounds
    ):
        results.append(result)
        write_results(args.json, machine, results, size=args.size, rounds=args.rounds)
        print(_row(result, width), flush=True)
    if args.json:
        print(f'written to {args.json}', file=sys.stderr)
    return int(any(result.failure for result in results))


def _row(result: Result, width: int) -> str:
    row = f'{result.contestant:>{width}} {result.batch:5} '
    if result.milliseconds is None:
        return f'{row}{result.failure}'
    speedup = '' if result.speedup is None else f'{result.speedup:.2f}'
    memory = '' if result.mebibytes is None else f'{result.mebibytes:.1f}'
    share = '' if result.layer_share is None else f'{result.layer_share:.1%}'
    return (
        f'{row}{result.milliseconds:9.2f} {result.videos_per_second:9.2f} {speedup:>8} '
        f'{memory:>8} {share:>7}'
    )
