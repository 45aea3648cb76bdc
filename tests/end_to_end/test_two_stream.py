"""Two streams and ten clips, from video files to the fused accuracy, by the tools."""

import re

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.optim import build_optim_wrapper

from tests.helpers.moving_textures import write_video

VELOCITIES = [(3, 0), (-3, 0)]
FLOW = 'configs/demo/flow_r18_motion.py'
RGB = 'configs/demo/msnet_r18_motion.py'


def roots(folder):
    return [f'{split}_dataloader.dataset.data_root={folder}' for split in ('train', 'val', 'test')]


@pytest.mark.slow
def test_from_videos_to_the_fused_accuracy(command, tmp_path):
    videos, flow = tmp_path / 'videos', tmp_path / 'flow'
    for split, count in (('train', 4), ('val', 2)):
        lines = []
        for label, velocity in enumerate(VELOCITIES):
            for number in range(count // 2):
                name = f'{split}/{label}{number}.mp4'
                write_video(videos / name, velocity, 7, seed=len(lines))
                lines.append(f'{name} {label}\n')
        (videos / f'{split}.txt').write_text(''.join(lines))
        command(
            'flow', videos / f'{split}.txt', videos, flow, flow / f'{split}.txt',
            '--workers', 1,
        )  # fmt: skip

    # The temporal stream, on stacks of two flows.
    stacks = [
        *(f'{s}_dataloader.dataset.pipeline.0.clip_len=2' for s in ('train', 'val', 'test')),
        'model.backbone.in_channels=4',
    ]
    command(
        'train', FLOW, '--work-dir', tmp_path / 'flow_work', '--cfg-options', *roots(flow),
        *stacks, 'train_dataloader.batch_size=2', 'train_cfg.max_epochs=2',
    )  # fmt: skip
    trained = torch.load(tmp_path / 'flow_work' / 'epoch_2.pth')['state_dict']
    assert trained['backbone.conv1.conv.weight'].shape == (64, 4, 7, 7)
    command(
        'test', FLOW, tmp_path / 'flow_work' / 'epoch_2.pth', '--work-dir', tmp_path / 'test',
        '--dump', tmp_path / 'flow.pkl', '--cfg-options', *roots(flow), *stacks,
    )  # fmt: skip

    # The RGB stream, untrained, on ten random clips.
    network = MODELS.build(Config.fromfile(RGB).model)
    torch.save(dict(state_dict=network.state_dict()), tmp_path / 'rgb.pth')
    command(
        'test', RGB, tmp_path / 'rgb.pth', '--work-dir', tmp_path / 'test',
        '--dump', tmp_path / 'rgb.pkl', '--cfg-options', *roots(videos),
        'test_dataloader.dataset.pipeline.1.type=RandomClipsSampleFrames',
    )  # fmt: skip

    printed = command('report-accuracy', '--preds', tmp_path / 'rgb.pkl', tmp_path / 'flow.pkl')
    streams = [load(str(tmp_path / name)) for name in ('rgb.pkl', 'flow.pkl')]
    fused = np.stack([sum(s['pred_score'] for s in pair).numpy() for pair in zip(*streams)])  # noqa: B905
    accuracy = (fused.argmax(1) == [0, 1]).mean()
    assert re.search(r'Top 1 Accuracy: (\S+)', printed).group(1) == f'{accuracy:.4f}'
    assert 'name no videos' not in printed


@pytest.mark.parametrize(('name', 'length'), [('flow_1', 1), ('flow_5', 5), ('flow_1_low_fps', 1)])
def test_a_step_changes_all_of_a_temporal_stream(name, length):
    cfg = Config.fromfile(f'configs/ablations/table6/{name}.py')
    cfg.optim_wrapper.optimizer.weight_decay = 0  # without it, only gradients change anything
    model = MODELS.build(cfg.model).train()
    before = {key: value.clone() for key, value in model.named_parameters()}
    torch.manual_seed(0)
    clips = torch.randint(256, (2, 8, 2 * length, 32, 32), dtype=torch.uint8)
    samples = [ActionDataSample().set_gt_label(label) for label in range(2)]
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    # As the authors' code: 5 x for the first convolution, 2 x for biases.
    rates = {id(p): g['lr'] / 0.01 for g in wrapper.param_groups for p in g['params']}
    for key, parameter in model.named_parameters():
        first, bias = key == 'backbone.conv1.conv.weight', key == 'cls_head.fc_cls.bias'
        assert rates[id(parameter)] == pytest.approx(5 if first else 2 if bias else 1), key
    loss = model.train_step(dict(inputs=list(clips), data_samples=samples), wrapper)['loss']
    assert torch.isfinite(loss)
    for key, value in model.named_parameters():
        assert not torch.equal(value, before[key]), key


def test_no_motion_is_zero_to_the_temporal_stream():
    preprocessor = MODELS.build(
        Config.fromfile('configs/ablations/table6/flow_5.py').model.data_preprocessor
    )
    # Half of the bytes' range is no motion; TSM divides by 0.226 of it.
    frames = torch.tensor([0, 128, 255], dtype=torch.uint8).expand(1, 10, 1, 3)
    found = preprocessor(dict(inputs=[frames], data_samples=[ActionDataSample()]))['inputs']
    expected = (torch.tensor([0, 128 / 255, 1.0]) - 0.5) / 0.226
    torch.testing.assert_close(found[0, 0, 9, 0], expected, atol=1e-4, rtol=1e-4)
