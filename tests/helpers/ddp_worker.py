"""A process of several: gradients of a distributed network are those of the whole batch.

Run by torchrun in tests/gpu; each process has its GPU, or a share of the CPU.
"""

import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

import msnet_mmaction  # noqa: F401
from tests.helpers.gpu import ON_GPU


def main() -> None:
    from msnet_mmaction import MotionSqueeze

    device = torch.device('cpu')
    if ON_GPU:
        device = torch.device('cuda', int(os.environ['LOCAL_RANK']))
        torch.cuda.set_device(device)
    dist.init_process_group('nccl' if ON_GPU else 'gloo')
    rank, processes = dist.get_rank(), dist.get_world_size()

    torch.manual_seed(0)
    displacement = dict(type='SoftArgmax', max_displacement=1, temperature=0.1)
    # Batch norms in evaluation: those of a batch are another thing in each process.
    network = MotionSqueeze(8, reduced_channels=4, displacement=displacement, num_segments=3)
    network = network.to(device).eval()
    clips = torch.randn(2 * processes, 3, 8, 5, 6, generator=torch.Generator().manual_seed(1))

    def gradients(module, x):
        network.zero_grad()
        module(x.flatten(0, 1).to(device)).square().mean().backward()
        return [p.grad.clone() for p in network.parameters()]

    expected = gradients(network, clips)
    found = gradients(
        DistributedDataParallel(network, device_ids=[device.index] if ON_GPU else None),
        clips[2 * rank : 2 * rank + 2],
    )
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)
    print(f'rank {rank} of {processes} {dist.get_backend()} agrees', flush=True)
    dist.destroy_process_group()


if __name__ == '__main__':
    main()
