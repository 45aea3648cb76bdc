"""What ``matrix.py`` runs in each environment: a small MSNet from its import to a resumed run.

It imports nothing of this checkout but the installed package, and needs nothing that the package
does not require: ``python smoke.py FOLDER``. It prints each step as it is passed.
"""

import argparse
import importlib.metadata
import pickle
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

#: A ResNet-18 with TSM and an MS module, on four frames of 64 x 64.
CONFIG = """
_base_ = 'mmaction::_base_/default_runtime.py'
custom_imports = dict(imports=['msnet_mmaction'])
model = dict(
    type='Recognizer2D',
    backbone=dict(
        type='MSNet',
        backbone=dict(type='ResNetTSM', depth=18, num_segments=4, pretrained2d=False),
        layers=dict(layer2=dict(type='MotionSqueeze', in_channels=128)),
    ),
    cls_head=dict(
        type='TSMHead', num_classes=2, in_channels=512, num_segments=4, average_clips='prob'
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor', mean=[0, 0, 0], std=[255, 255, 255], format_shape='NCHW'
    ),
)
pipeline = [
    dict(type='DecordInit'),
    dict(type='SampleFrames', clip_len=1, frame_interval=1, num_clips=4),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='VideoDataset', ann_file='list.txt', pipeline=pipeline),
)
val_dataloader = test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='VideoDataset', ann_file='list.txt', pipeline=pipeline, test_mode=True),
)
val_evaluator = test_evaluator = dict(type='AccMetric')
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01, momentum=0.9))
"""


class RunsCode:
    """Pickles as a command that leaves a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple:
        return subprocess.call, (['touch', str(self.marker)],)


def main() -> None:
    """Pass all steps, or end with the error of the first one that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path, nargs='?', help='for the data and the runs')
    folder = parser.parse_args().folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    for step in (show_versions, import_all, forward, train, resume, refuse_code, numpy_names):
        step(folder)
        print(f'passed: {step.__name__}', flush=True)


def show_versions(folder: Path) -> None:
    """Print the versions of what is installed."""
    print('python', platform.python_version())
    names = ('torch', 'numpy', 'mmaction2', 'mmengine', 'mmcv', 'mmcv-lite', 'opencv-python', 'av')
    for name in (*names, 'onedl-mmengine', 'onedl-mmcv', 'decord', 'setuptools', 'scipy'):
        try:
            print(name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            continue


def import_all(folder: Path) -> None:
    """Import the package; no warning may come of it."""
    done = subprocess.run(
        [sys.executable, '-c', 'import msnet_mmaction'], capture_output=True, text=True, cwd=folder
    )
    if done.returncode or done.stderr:
        raise RuntimeError(done.stderr)


def forward(folder: Path) -> None:
    """Build the network and compare the matching with its definition."""
    # isort: off
    # First: MMAction2 by itself refuses the mmcv of the OneDL fork.
    from msnet_mmaction.ops import match

    # isort: on
    import torch
    from mmaction.registry import MODELS
    from mmengine.config import Config
    from mmengine.registry import init_default_scope

    (folder / 'config.py').write_text(CONFIG)
    config = Config.fromfile(folder / 'config.py')
    init_default_scope('mmaction')
    network = MODELS.build(config.model)
    assert network.backbone(torch.randn(8, 3, 64, 64)).shape == (8, 512, 2, 2)
    first, second = torch.randn(2, 1, 8, 9, 7)
    for found, expected in zip(
        match(first, second), match(first, second, backend='reference'), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def train(folder: Path) -> None:
    """Train for an epoch on generated videos."""
    import cv2
    import numpy as np

    lines = []
    noise = np.random.default_rng(0)
    for number in range(4):
        path = folder / f'clip_{number}.mp4'
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 10, (80, 64))
        image = noise.integers(0, 255, (64, 80, 3), dtype=np.uint8)
        for frame in range(8):
            writer.write(np.roll(image, (1 - 2 * (number % 2)) * 3 * frame, axis=1))
        writer.release()
        lines.append(f'{path} {number % 2}\n')
    (folder / 'list.txt').write_text(''.join(lines))
    assert _run(folder, 1, lambda runner: runner.train()) == (1, 2)
    assert (folder / 'run' / 'epoch_1.pth').is_file()


def resume(folder: Path) -> None:
    """Resume for another epoch, then test."""
    assert _run(folder, 2, lambda runner: runner.train(), resume=True) == (2, 4)
    checkpoint = str(folder / 'run' / 'epoch_2.pth')
    _run(folder, 2, lambda runner: runner.test(), load_from=checkpoint)


def refuse_code(folder: Path) -> None:
    """No checkpoint runs code; torch loads them so since 2.6."""
    import torch
    from mmengine.runner import load_checkpoint

    if tuple(int(part) for part in torch.__version__.split('.')[:2]) < (2, 6):
        print('not promised: torch below 2.6')
        return
    marker = folder / 'marker'
    path = folder / 'evil.pth'
    torch.save(dict(state_dict={}, meta=RunsCode(marker)), path)
    for read in (
        lambda: load_checkpoint(torch.nn.Linear(1, 1), str(path)),
        lambda: _run(folder, 2, lambda runner: runner.resume(str(path))),
    ):
        try:
            read()
        except pickle.UnpicklingError:
            pass
        else:
            raise RuntimeError('a checkpoint that would run code was loaded')
        assert not marker.exists(), 'a checkpoint has run code'


def numpy_names(folder: Path) -> None:
    """Call what NumPy 2 took from MMAction2."""
    import numpy as np
    from mmaction.datasets.transforms import PoseCompact
    from mmaction.evaluation import RetrievalRecall, average_recall_at_avg_proposals

    joints = np.array([[[[20.0, 30.0], [60.0, 70.0]]]])
    compact = PoseCompact(padding=0.5)(dict(img_shape=(100, 120), keypoint=joints))
    assert compact['img_shape'] == (60, 60)
    scores = np.array([[0.9, 0.1]])
    assert RetrievalRecall.calculate(scores, [[0]], 1, target_indices=True)[0].item() == 100
    truth = {'video': np.array([[0.0, 10.0]])}
    proposals = {'video': np.array([[0.0, 10.0, 0.9], [20.0, 30.0, 0.1]])}
    *_, auc = average_recall_at_avg_proposals(truth, proposals, 2, max_avg_proposals=2)
    assert abs(auc - 50.5) < 1e-6


def _run(folder: Path, epochs: int, action: Callable, **options: object) -> tuple[int, int]:
    """Build a runner, do ``action`` with it; the epochs and iterations that it has done then."""
    from mmengine.config import Config
    from mmengine.runner import Runner

    config = Config.fromfile(folder / 'config.py')
    for split in ('train', 'val', 'test'):
        config[f'{split}_dataloader'].dataset.ann_file = str(folder / 'list.txt')
    config.train_cfg.max_epochs = epochs
    config.work_dir = str(folder / 'run')
    config.experiment_name = f'run_{len(list(folder.rglob("*.log")))}'
    config.merge_from_dict(options)
    runner = Runner.from_cfg(config)
    action(runner)
    return runner.epoch, runner.iter


if __name__ == '__main__':
    main()
