"""Random numbers of a run that do not depend on where it was interrupted."""

from mmaction.registry import HOOKS
from mmengine.dist import broadcast_object_list, get_rank
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch.utils.data import ConcatDataset, Dataset

from ...utils.random_states import seed_all


@HOOKS.register_module()
class RandomStatesHook(Hook):
    """Derive all random numbers of a training from its seed, so that a resumed run has the same.

    What the network draws (dropout) follows from the seed, the process and the iteration; what the
    pipeline draws for a sample from the seed, the epoch and the sample, whatever the number of
    processes and of data workers. Nothing has to be saved, and nothing depends on what was drawn
    before. MMEngine seeds once, and its checkpoints hold no random states.

    Samples are seeded where the dataset can be told so: those of this package, alone or in a
    ``ConcatDataset``. In others, and in runs by iterations, what the pipeline draws depends on
    what was drawn before.
    """

    # Before every hook that might draw.
    priority = 'HIGHEST'

    def __init__(self) -> None:
        self._sampler_seed: int | None = None
        self._seed = 0

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Take the seed of the order of the samples: MMEngine built the sampler with a new one."""
        if runner._resume:
            self._sampler_seed = checkpoint.get('meta', {}).get('sampler_seed')

    def before_train(self, runner: Runner) -> None:
        """Agree on the seed among the processes, and hand it to the samples."""
        self._seed = _common_seed(runner)
        loader = runner.train_dataloader
        if self._sampler_seed is not None and hasattr(loader.sampler, 'seed'):
            loader.sampler.seed = self._sampler_seed
        by_epoch = isinstance(runner.train_loop, EpochBasedTrainLoop)
        if not by_epoch or not _seed_samples(loader.dataset, self._seed):
            runner.logger.info(
                'RandomStatesHook: what the pipeline draws in training depends on interruptions: '
                + (type(loader.dataset).__name__ if by_epoch else type(runner.train_loop).__name__)
            )

    def before_train_epoch(self, runner: Runner) -> None:
        """Tell the samples the epoch."""
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            _seed_samples(runner.train_dataloader.dataset, self._seed, runner.epoch)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: DATA_BATCH = None
    ) -> None:
        """Seed what the network draws."""
        seed_all(self._seed, get_rank(), runner.iter)

    def before_val(self, runner: Runner) -> None:
        """Give each sample its own random numbers, the same in every validation."""
        _seed_samples(runner.val_dataloader.dataset, _common_seed(runner))

    def before_test(self, runner: Runner) -> None:
        """Give each sample its own random numbers."""
        _seed_samples(runner.test_dataloader.dataset, _common_seed(runner))

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Keep the seed of the order of the samples."""
        seed = getattr(runner.train_dataloader.sampler, 'seed', None)
        if seed is not None:
            checkpoint['meta']['sampler_seed'] = seed


def _common_seed(runner: Runner) -> int:
    """The seed of the first process: others may have another (``diff_rank_seed``)."""
    seed = [runner.seed]
    broadcast_object_list(seed)
    return seed[0]


def _seed_samples(dataset: Dataset, seed: int, epoch: int = 0) -> bool:
    """Hand seed and epoch to a dataset; returns whether it takes them."""
    if isinstance(dataset, ConcatDataset):
        return all([_seed_samples(part, seed, epoch) for part in dataset.datasets])
    if not hasattr(dataset, 'seed_samples'):
        return False
    dataset.seed_samples(seed, epoch)
    return True
