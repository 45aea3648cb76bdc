import json

import pytest
import torch

from msnet_mmaction.commands.benchmark import model
from msnet_mmaction.commands.benchmark.model import Contestant, measure
from msnet_mmaction.commands.cli import main

MSNET = 'configs/demo/msnet_r18_motion.py'
PLAIN = 'configs/demo/resnet18_motion.py'


def test_contestants_side_by_side():
    contestants = [Contestant.parse(text) for text in (PLAIN, MSNET, f'{MSNET}+optimize+bf16')]
    results = list(measure(contestants, [1, 2], torch.device('cpu'), size=32, rounds=2))
    assert [(r.contestant, r.batch) for r in results] == [
        (name, batch)
        for batch in (1, 2)
        for name in ('resnet18_motion', 'msnet_r18_motion', 'msnet_r18_motion+optimize+bf16')
    ]
    for result in results:
        assert result.videos_per_second == pytest.approx(result.batch / result.milliseconds * 1e3)
        assert result.mebibytes > 0
    assert results[0].speedup == 1
    assert results[0].layer_share is None
    assert 0 < results[1].layer_share < 1


def test_training_steps():
    (result,) = measure(
        [Contestant.parse(MSNET)], [2], torch.device('cpu'), train=True, size=32, rounds=1
    )
    assert result.work == 'training step'
    for option in ('optimize', 'graph'):
        wrong = [Contestant.parse(f'{MSNET}+{option}')]
        with pytest.raises(ValueError, match=rf'\+{option} is for inference, it does not train'):
            list(measure(wrong, [1], torch.device('cpu'), train=True))


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 8)

    def forward(self, clips, mode, stage):
        return self.linear(clips)


def test_training_in_float16_scales_the_loss(monkeypatch):
    scales = []
    scale = torch.amp.GradScaler.scale

    def scaled(self, loss):
        scales.append(self.get_scale())
        return scale(self, loss)

    monkeypatch.setattr(torch.amp.GradScaler, 'scale', scaled)
    network = Classifier()
    before = network.linear.weight.clone()
    model.training_step(network, torch.randn(2, 3), Contestant.parse(f'{MSNET}+fp16'))()
    assert not torch.equal(network.linear.weight, before)
    assert scales[0] > 1


def test_what_cannot_run_stops_nothing(monkeypatch):
    def full(*arguments):
        raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 20 GiB.\nMore ...')

    monkeypatch.setattr(model, 'capture', full)
    contestants = [Contestant.parse(f'{PLAIN}{options}') for options in ('+graph', '')]
    failed, result = measure(contestants, [1], torch.device('cpu'), size=32, rounds=1)
    assert failed.failure == 'OutOfMemoryError: CUDA out of memory. Tried to allocate 20 GiB.'
    assert failed.milliseconds is None
    assert result.milliseconds > 0
    assert result.speedup is None


@pytest.mark.parametrize(
    ('text', 'message'), [('gone.py', 'no such config'), (f'{MSNET}+magic', 'no option magic')]
)
def test_wrong_contestants(text, message):
    import argparse

    with pytest.raises(argparse.ArgumentTypeError, match=message):
        Contestant.parse(text)


def test_command(capsys, tmp_path):
    path = tmp_path / 'out.json'
    words = ['benchmark', 'model', MSNET, '--size', '32', '--rounds', '1', '--json', str(path)]
    assert main(words) == 0
    assert 'msnet_r18_motion' in capsys.readouterr().out
    assert json.loads(path.read_text())['results'][0]['contestant'] == 'msnet_r18_motion'
