"""A Runner of MMEngine that trains in a moment: for the tests, and run by torchrun in one."""

import itertools
import sys
from pathlib import Path

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.utils.data import Dataset

_numbers = itertools.count()


class Ramp(Dataset):
    METAINFO = {}

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> dict:
        return dict(inputs=torch.full((3,), float(index)), target=float(index))


class Line(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 1)

    def forward(self, inputs: Tensor, target: Tensor, mode: str = 'tensor') -> dict | list:
        outputs = self.linear(inputs).squeeze(1)
        if mode == 'loss':
            return dict(loss=(outputs - target.float()).square().mean())
        return list(outputs)


class Count(BaseMetric):
    def process(self, data_batch: dict, data_samples: list) -> None:
        self.results.extend(data_samples)

    def compute_metrics(self, results: list) -> dict:
        return dict(count=np.float64(len(results)))


def tiny_runner(work_dir: Path, max_epochs: int = 1, num_workers: int = 0, **kwargs) -> Runner:
    loader = dict(
        dataset=Ramp(),
        batch_size=2,
        num_workers=num_workers,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='default_collate'),
    )
    return Runner(
        Line(),
        str(work_dir),
        train_dataloader=loader,
        val_dataloader=loader,
        test_dataloader=loader,
        train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=max_epochs),
        val_cfg=dict(),
        test_cfg=dict(),
        val_evaluator=[Count()],
        test_evaluator=[Count()],
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3, momentum=0.9)),
        param_scheduler=[
            dict(type='LinearLR', start_factor=0.1, by_epoch=False, end=2),
            dict(type='MultiStepLR', milestones=[1], by_epoch=True),
        ],
        default_hooks=dict(
            checkpoint=dict(type='CheckpointHook', interval=1, save_best='count', rule='greater')
        ),
        custom_hooks=[dict(type='EMAHook')],
        experiment_name=f'tiny{next(_numbers)}',
        **kwargs,
    )


if __name__ == '__main__':
    from msnet_mmaction import compat

    compat.apply()
    runner = tiny_runner(Path(sys.argv[1]), num_workers=1, launcher='pytorch')
    runner.train()
    weight = runner.model.module.linear.weight
    backend = torch.distributed.get_backend()
    torch.distributed.barrier()
    print(f'rank {runner.rank} of {runner.world_size} {backend} {weight.tolist()}', flush=True)
