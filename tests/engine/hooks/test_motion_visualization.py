import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from msnet_mmaction.commands.demo.motion_data import encode
from msnet_mmaction.engine.hooks import MotionVisualizationHook

CONFIG = 'configs/demo/msnet_r18_motion.py'


@pytest.fixture
def data(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (8, 48, 96, 3), dtype=np.uint8)
    for name in ('a', 'b'):
        (tmp_path / f'{name}.mp4').write_bytes(encode(frames, 'mp4'))
    for split in ('train', 'val'):
        (tmp_path / f'{split}.txt').write_text('a.mp4 0\nb.mp4 1\n')
    return tmp_path


def runner(data, **hook):
    cfg = Config.fromfile(CONFIG)
    for split in ('train', 'val', 'test'):
        cfg[f'{split}_dataloader'].dataset.data_root = str(data)
    cfg.train_dataloader.batch_size = 2
    cfg.train_cfg.max_epochs = 2
    cfg.custom_hooks = [dict(type='MotionVisualizationHook', **hook)]
    cfg.visualizer.vis_backends = [dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')]
    cfg.work_dir = str(data / 'work')
    cfg.experiment_name = f'motion{torch.randint(10**9, ()).item()}'
    return Runner.from_cfg(cfg)


def test_pictures_before_training_and_after_epochs_on_every_backend(data):
    run = runner(data, clips=[1, str(data / 'a.mp4')], interval=2)
    modes = []
    forward = run.model.register_forward_pre_hook(lambda model, args: modes.append(model.training))
    run.train()
    forward.remove()
    # Two clips before training, one batch an epoch, each with a validation.
    assert True in modes
    assert False in modes
    (folder,) = (data / 'work').glob('*/vis_data')
    pictures = {path.name for path in (folder / 'vis_image').iterdir()}
    assert pictures == {f'motion_{name}_{step}.png' for name in 'ab' for step in (0, 2)}
    events = EventAccumulator(str(folder))
    events.Reload()
    for name in 'ab':
        assert [image.step for image in events.Images(f'motion_{name}')] == [0, 2]


def test_what_cannot_be_drawn_stops_the_run_before_its_first_epoch(data):
    for hook, message in (
        (dict(clips=[2]), 'no entry 2 in a validation set of 2'),
        (dict(clips=[str(data / 'no.mp4')]), r'no\.mp4: no such video'),
        (dict(layers=['backbone.layer3']), r'are backbone\.layer1\.motion: backbone\.layer3'),
    ):
        run = runner(data, **hook)
        with pytest.raises((ValueError, FileNotFoundError), match=message):
            run.train()
        assert run.iter == 0


def test_wrong_arguments():
    with pytest.raises(ValueError, match='a positive interval'):
        MotionVisualizationHook(interval=0)
    with pytest.raises(ValueError, match='clips'):
        MotionVisualizationHook(clips=())
