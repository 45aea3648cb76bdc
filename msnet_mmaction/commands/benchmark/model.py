"""Videos a second and the time of a training step, of any configs side by side."""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
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
from .machine import describe_machine
from .timing import Work, interleave, median, peak_memory, ratio

AUTOCAST = {'bf16': torch.bfloat16, 'fp16': torch.float16}
OPTIONS = ('optimize', 'channels_last', 'compile', *AUTOCAST)


@dataclass(frozen=True)
class Contestant:
    """A config and what is done with it, as ``CONFIG[+option ...]``.

    Attributes:
        config: Path of a config, or ``mmaction::<config that mmaction2 installs>``.
        options: Of ``optimize`` (a copy for inference), ``channels_last`` (weights and input),
            ``compile``, and ``bf16`` or ``fp16`` (autocast).
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

    def build(self, device: torch.device, train: bool) -> nn.Module:
        """The recogniser, with random weights."""
        cfg = get_config(self.config) if '::' in self.config else Config.fromfile(self.config)
        init_default_scope(cfg.get('default_scope', 'mmaction'))
        torch.manual_seed(0)
        model = MODELS.build(cfg.model).to(device)
        model.train(train)
        if 'optimize' in self.options:
            if train:
                raise ValueError(f'{self}: an optimised copy does not train')
            model = optimize_for_inference(model)
        if 'channels_last' in self.options:
            model.to(memory_format=torch.channels_last)
        if 'compile' in self.options:
            model.compile()
        return model

    def autocast(self, device: torch.device) -> torch.autocast:
        """The context that the model runs in."""
        dtype = next((AUTOCAST[name] for name in self.options if name in AUTOCAST), None)
        return torch.autocast(device.type, dtype, enabled=dtype is not None)


@dataclass(frozen=True)
class Result:
    """One contestant at one batch size.

    Attributes:
        contestant: Config and options.
        work: ``inference`` or ``training step``.
        batch: Clips a batch.
        milliseconds: Median of the rounds, for a batch.
        videos_per_second: Clips of a batch by that time.
        speedup: Median over the rounds of the first contestant's time divided by this one's.
        mebibytes: Peak memory beyond the weights, see :func:`.timing.peak_memory`.
        layer_share: Share of the forward time that the motion layers take; None without one.
    """

    contestant: str
    work: str
    batch: int
    milliseconds: float
    videos_per_second: float
    speedup: float
    mebibytes: float
    layer_share: float | None


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
    """Forward, backward and a step of SGD with momentum."""
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, nesterov=True)
    labels = torch.zeros(len(clips), dtype=torch.long, device=clips.device)

    def work() -> None:
        with contestant.autocast(clips.device):
            scores = model(clips, mode='tensor', stage='head')
            loss = F.cross_entropy(scores.float(), labels)
        loss.backward()
        optimizer.step()
        # Last, so that a step gives back what it took, which its peak of memory counts.
        optimizer.zero_grad()

    return work


def layer_share(model: nn.Module, work: Work, device: torch.device, rounds: int) -> float | None:
    """Share of ``work``'s time that passes inside motion layers; None if there are none."""
    layers = [module for module in model.modules() if isinstance(module, ClipLayer)]
    if not layers:
        return None

    def now() -> float:
        if device.type == 'cuda':
            torch.cuda.synchronize(device)
        return time.perf_counter()

    inside = 0.0

    def timed(forward: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def timed_forward(*args: object, **kwargs: object) -> Tensor:
            nonlocal inside
            begin = now()
            result = forward(*args, **kwargs)
            inside += now() - begin
            return result

        return timed_forward

    shares = []
    with ExitStack() as stack:
        for layer in layers:
            stack.enter_context(patch.object(layer, 'forward', timed(layer.forward)))
        for _ in range(rounds):
            inside, begin = 0.0, now()
            work()
            shares.append(inside / (now() - begin))
    return statistics.median(shares)


def measure(
    contestants: list[Contestant],
    batches: list[int],
    device: torch.device,
    train: bool = False,
    size: int = 224,
    rounds: int = 10,
) -> Iterator[Result]:
    """Measure all contestants at all batch sizes, interleaved over the contestants."""
    make: Callable[..., Work] = training_step if train else inference
    models = {str(c): c.build(device, train) for c in contestants}
    for batch in batches:
        works = {
            str(c): make(models[str(c)], random_clips(models[str(c)], batch, size, device), c)
            for c in contestants
        }
        seconds = interleave(works, rounds, device)
        first = str(contestants[0])
        for contestant in contestants:
            name = str(contestant)
            hidden = train or 'compile' in contestant.options
            yield Result(
                contestant=name,
                work='training step' if train else 'inference',
                batch=batch,
                milliseconds=1e3 * median(seconds[name]),
                videos_per_second=batch / median(seconds[name]),
                speedup=ratio(seconds[first], seconds[name]),
                mebibytes=peak_memory(works[name], device) / 2**20,
                layer_share=None
                if hidden
                else layer_share(models[name], works[name], device, rounds),
            )


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


def run(args: argparse.Namespace) -> None:
    """``benchmark.py model``."""
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
        share = '' if result.layer_share is None else f'{result.layer_share:.1%}'
        print(
            f'{result.contestant:>{width}} {result.batch:5} {result.milliseconds:9.1f} '
            f'{result.videos_per_second:9.2f} {result.speedup:8.2f} {result.mebibytes:8.1f} '
            f'{share:>7}',
            flush=True,
        )
    if args.json:
        content = {
            'machine': machine,
            'size': args.size,
            'rounds': args.rounds,
            'results': [asdict(result) for result in results],
        }
        args.json.write_text(json.dumps(content, indent=2) + '\n')
        print(f'written to {args.json}', file=sys.stderr)
