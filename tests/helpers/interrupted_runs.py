"""A training on generated videos that ends where it is told to: for tests, torchrun and soak.py.

Everything random takes part: the order of the samples, their frames, crops and flips in data
workers, dropout; batch norm, momentum, an average of the weights.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import BaseModule
from mmengine.runner import Runner
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[2]
if __name__ == '__main__':
    sys.path.insert(0, str(ROOT))

import msnet_mmaction  # noqa: E402, F401
from tests.helpers.moving_textures import write_video  # noqa: E402

CONFIG = """
_base_ = {base!r}
custom_imports = dict(imports=['msnet_mmaction', 'tests.helpers.interrupted_runs'])
model = dict(
    type='Recognizer2D',
    backbone=dict(
        type='MSNet', backbone=dict(type='SmallBackbone', num_segments=3),
        layers=dict(layer1=dict(type='MotionSqueeze', in_channels=8,
                                displacement=dict(type='KernelSoftArgmax', max_displacement=2)))),
    cls_head=dict(type='TSMHead', num_classes=4, in_channels=8, num_segments=3, is_shift=False,
                  dropout_ratio=0.5, average_clips='prob'),
    data_preprocessor=dict(type='ActionDataPreprocessor', mean=[127.5] * 3, std=[58.0] * 3,
                           format_shape='NCHW'))
pipeline = [
    dict(type='VideoInit'),
    dict(type='SegmentSampleFrames', clip_len=1, num_clips=3),
    dict(type='VideoDecode'),
    dict(type='MultiScaleCrop', input_size=24, scales=(1, 0.8), random_crop=True),
    dict(type='Resize', scale=(24, 24), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs')]
dataset = dict(type='CheckedVideoDataset', data_root={data!r}, data_prefix=dict(video=''),
               num_classes=4, ann_file='list.txt')
train_dataloader = dict(
    batch_size={batch_size}, num_workers=2, persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True), dataset=dict(pipeline=pipeline, **dataset))
val_pipeline = [
    dict(type='VideoInit'),
    dict(type='SegmentSampleFrames', clip_len=1, num_clips=3, test_mode=True),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(24, 24), keep_ratio=False),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs')]
val_dataloader = dict(
    batch_size=1, num_workers=1, persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(pipeline=val_pipeline, test_mode=True, **dataset))
test_dataloader = val_dataloader
val_evaluator = test_evaluator = dict(type='CheckedAccMetric')
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs={epochs}, val_begin=1, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.05, momentum=0.9, nesterov=True),
                     clip_grad=dict(max_norm=20))
param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, end=4),
                   dict(type='MultiStepLR', milestones=[1], by_epoch=True)]
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(max_keep_ckpts=2, interval=1))
custom_hooks = [dict(type='EMAHook')]
work_dir = {work_dir!r}
launcher = {launcher!r}
randomness = dict(seed={seed!r})
"""


@MODELS.register_module(force=True)
class SmallBackbone(BaseModule):
    """Two stages of 8 channels."""

    def __init__(self, num_segments: int) -> None:
        super().__init__()
        self.num_segments = num_segments
        self.layer1 = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layer1(x)


class StopAt(Hook):
    """Raise in place of a kill: before an iteration, or in the validation after an epoch."""

    def __init__(self, iteration: int | None = None, validation: int | None = None) -> None:
        self.iteration = iteration
        self.validation = validation

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch=None) -> None:
        if runner.iter == self.iteration:
            raise KeyboardInterrupt

    def after_val_iter(self, runner: Runner, *args, **kwargs) -> None:
        if runner.epoch == self.validation:
            raise KeyboardInterrupt


class EvalNorms(StopAt):
    """Keep the statistics of batch norms, so that a sample's loss does not depend on its batch."""

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch=None) -> None:
        for module in runner.model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def without_dropout(cfg: Config) -> None:
    """Losses that depend on nothing but samples and weights."""
    cfg.model.cls_head.dropout_ratio = 0.0


def write_data(folder: Path, videos: int = 8) -> Path:
    """Small videos and their list."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(videos):
        write_video(folder / f'{number}.mp4', (number % 3 - 1, 1), 6)
    lines = [f'{number}.mp4 {number % 4}\n' for number in range(videos)]
    (folder / 'list.txt').write_text(''.join(lines))
    return folder


def write_config(data: Path, work_dir: Path, **values) -> Path:
    """A config file in the work directory."""
    values = {**dict(batch_size=2, epochs=2, launcher='none', seed=3), **values}
    base = str(ROOT / 'configs' / '_base_' / 'default_runtime.py')
    work_dir.mkdir(parents=True, exist_ok=True)
    path = work_dir / 'config.py'
    path.write_text(CONFIG.format(base=base, data=str(data), work_dir=str(work_dir), **values))
    return path


def train(
    data: Path,
    work_dir: Path,
    *,
    resume: bool = False,
    hook: Hook | None = None,
    change: Callable[[Config], None] | None = None,
    **values,
) -> Runner:
    """Train, or begin to."""
    cfg = Config.fromfile(write_config(data, work_dir, **values))
    cfg.resume = resume
    cfg.experiment_name = f'{work_dir.name}_{np.random.default_rng().integers(1 << 40)}'
    if change is not None:
        change(cfg)
    runner = Runner.from_cfg(cfg)
    if hook is not None:
        runner.register_hook(hook, priority='LOWEST')
    try:
        runner.train()
    except KeyboardInterrupt:
        # As a kill does: nothing is left to end its workers in order.
        for loop in (runner.train_loop, runner.val_loop):
            iterator = loop.dataloader._iterator
            if iterator is not None:
                iterator._shutdown_workers()
    return runner


def final_state(work_dir: Path, name: str = 'epoch_2.pth') -> dict:
    """What a run has come to: all of its last checkpoint that is not a time or a path."""
    checkpoint = torch.load(work_dir / name, weights_only=True)
    scalars = checkpoint['message_hub']['log_scalars']
    losses = {key: scalars[key].data[0] for key in scalars if 'time' not in key}
    parts = ('state_dict', 'optimizer', 'param_schedulers', 'ema_state_dict')
    return {**{key: checkpoint[key] for key in parts}, 'log': losses}


def assert_equal(found: object, expected: object, name: str = '') -> None:
    """To the last bit, whatever they are nested in."""
    assert type(found) is type(expected), name
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), name
        for key in expected:
            assert_equal(found[key], expected[key], f'{name}.{key}')
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected), name
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            assert_equal(a, b, f'{name}[{i}]')
    elif isinstance(expected, Tensor):
        assert torch.equal(found, expected), name
    elif isinstance(expected, np.ndarray):
        assert np.array_equal(found, expected, equal_nan=True), name
    else:
        assert found == expected, name


if __name__ == '__main__':
    # On every process: the whole run, one that ends in an epoch, and that one resumed.
    data, work = Path(sys.argv[1]), Path(sys.argv[2])
    options = dict(launcher='pytorch', batch_size=1)

    def save_each_iteration(cfg: Config) -> None:
        cfg.default_hooks.interruption.interval = 1

    train(data, work / 'whole', **options)
    stopped = train(data, work / 'cut', hook=StopAt(6), change=save_each_iteration, **options)
    torch.distributed.barrier()
    train(data, work / 'cut', resume=True, **options)
    torch.distributed.barrier()
    assert_equal(final_state(work / 'cut'), final_state(work / 'whole'))
    print(f'rank {stopped.rank} of {stopped.world_size} equal', flush=True)
    # Half a batch on each of two processes, for the test to compare with whole ones.
    train(data, work / 'halves', hook=EvalNorms(), change=without_dropout, **options)
