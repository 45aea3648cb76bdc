"""Validation on an optimised copy: the same scores, and the run goes on with its own model."""

import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel, MMDistributedDataParallel
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset

from msnet_mmaction.models.inference import FusedConv
from msnet_mmaction.models.layers.conv import ConvNormReLU


class Pictures(Dataset):
    METAINFO = {}

    def __len__(self):
        return 4

    def __getitem__(self, index):
        torch.manual_seed(index)
        return dict(inputs=torch.randn(3, 8, 8), target=float(index))


class Network(BaseModel):
    def __init__(self, norm=nn.BatchNorm2d):
        super().__init__()
        self.first = ConvNormReLU(3, 4, 3)
        self.first.bn = norm(4)
        self.last = nn.Linear(4, 1)

    def forward(self, inputs, target, mode='tensor'):
        outputs = self.last(self.first(inputs).mean(dim=(2, 3))).squeeze(1)
        if mode == 'loss':
            return dict(loss=(outputs - target.float()).square().mean())
        return [dict(score=score, fused=isinstance(self.first, FusedConv)) for score in outputs]


class Scores(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results.extend((float(s['score']), s['fused']) for s in data_samples)

    def compute_metrics(self, results):
        scores, fused = zip(*results, strict=True)
        return dict(score=sum(scores), fused=float(all(fused)))


def run(work_dir, hooks=(), wrapped=False, test=False, **kwargs):
    torch.manual_seed(0)
    loader = dict(
        dataset=Pictures(),
        batch_size=2,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='default_collate'),
    )
    model = Network(**kwargs)
    runner = Runner(
        MMDistributedDataParallel(model) if wrapped else model,
        str(work_dir),
        train_dataloader=loader,
        val_dataloader=loader,
        test_dataloader=loader,
        train_cfg=dict(by_epoch=True, max_epochs=2),
        val_cfg=dict(),
        test_cfg=dict(),
        val_evaluator=[Scores()],
        test_evaluator=[Scores()],
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        default_hooks=dict(
            checkpoint=dict(type='CheckpointHook', save_best='score', rule='greater')
        ),
        custom_hooks=list(hooks),
        default_scope='mmaction',
        experiment_name=str(work_dir),
    )
    before = runner.model
    if test:
        metrics = runner.test()
    else:
        runner.train()
        scalars = {
            name: runner.message_hub.get_scalar(f'val/{name}') for name in ('score', 'fused')
        }
        metrics = {name: scalar.data[0].tolist() for name, scalar in scalars.items()}
    assert runner.model is before
    return runner, metrics


HOOK = dict(type='OptimizeForInferenceHook')
EMA = dict(type='EMAHook', momentum=0.5)


@pytest.mark.parametrize('others', [[], [EMA]], ids=['alone', 'with EMA'])
def test_validation_in_training(tmp_path, others):
    _, plain = run(tmp_path / 'plain', others)
    runner, found = run(tmp_path / 'fast', [HOOK, *others])
    assert plain['fused'] == [0.0, 0.0]
    assert found['fused'] == [1.0, 1.0]
    assert found['score'] == pytest.approx(plain['score'], rel=1e-5)

    # What is saved after a validation, too, is the model and not its copy.
    for path in (tmp_path / 'fast').rglob('*.pth'):
        saved = torch.load(path, weights_only=True)['state_dict']
        assert saved.keys() == Network().state_dict().keys()
    assert list((tmp_path / 'fast').glob('best_score*.pth'))
    assert isinstance(runner.model.first, ConvNormReLU)


# Runner reverts a SyncBatchNorm where there is one process.
@pytest.mark.parametrize('norm', [nn.BatchNorm2d, nn.SyncBatchNorm])
def test_test(tmp_path, norm):
    _, plain = run(tmp_path / 'plain', test=True, norm=norm)
    _, found = run(tmp_path / 'fast', [HOOK], test=True, norm=norm)
    assert (plain['fused'], found['fused']) == (0.0, 1.0)
    assert found['score'] == pytest.approx(plain['score'], rel=1e-5)


def test_distributed(tmp_path):
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{tmp_path}/store', rank=0, world_size=1
    )
    try:
        _, plain = run(tmp_path / 'plain', wrapped=True)
        _, found = run(tmp_path / 'fast', [HOOK], wrapped=True)
    finally:
        torch.distributed.destroy_process_group()
    assert found['score'] == pytest.approx(plain['score'], rel=1e-5)
    assert found['fused'] == [1.0, 1.0]


def test_it_says_that_it_is_on(tmp_path):
    run(tmp_path, [HOOK], test=True)
    (log,) = tmp_path.rglob('*.log')
    assert '1 convolutions fused' in log.read_text()
