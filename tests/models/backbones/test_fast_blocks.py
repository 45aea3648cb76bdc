import pytest
import torch

from msnet_mmaction import FastResNetTSM


@pytest.mark.parametrize('out_indices', [(0, 1, 2, 3), (2, 3)])
@torch.no_grad()
def test_only_what_nobody_else_has_is_overwritten(out_indices):
    torch.manual_seed(0)
    network = FastResNetTSM(18, num_segments=2, out_indices=out_indices).eval()
    block = network.layer1[1]
    x = torch.randn(2, 64, 16, 16).contiguous(memory_format=torch.channels_last)
    before = x.clone()
    expected = block(x)
    network.layer1(x)
    assert torch.equal(x, before)
    assert block(x, overwrite=True).data_ptr() == x.data_ptr()
    assert torch.equal(x, expected)

    seen = []

    def listen(module, args, output):
        if isinstance(module, torch.nn.BatchNorm2d):
            return  # The ReLU after it works in place, in mmcv's ConvModule.
        tensors = [x for x in (*args, output) if isinstance(x, torch.Tensor)]
        seen.extend((x, x.clone()) for x in tensors)

    clip = torch.randn(2, 3, 64, 64)
    stages = network(clip)
    block = network.layer1[0]
    for register in (
        block.register_forward_hook,
        block.relu.register_forward_hook,
        network.layer1[1].register_forward_hook,
        network.maxpool.register_forward_hook,
        network.layer1.register_forward_hook,
        torch.nn.modules.module.register_module_forward_hook,
    ):
        handle = register(listen)
        try:
            for found, stage in zip(network(clip), stages, strict=True):
                torch.testing.assert_close(found, stage)
        finally:
            handle.remove()
        assert seen
        # ReLU itself works in place: what it was given is what it gives.
        assert all(torch.equal(tensor, copy) for tensor, copy in seen)
        seen.clear()


@torch.no_grad()
def test_who_listens_to_a_part_hears_it():
    network = FastResNetTSM(18, num_segments=2).eval()
    heard = []
    network.layer2[0].conv1.bn.register_forward_hook(lambda m, args, out: heard.append(out.shape))
    network.conv1.register_forward_hook(lambda m, args, out: heard.append(out.shape))
    network(torch.randn(2, 3, 32, 32))
    assert len(heard) == 2


@pytest.mark.parametrize('depth', [18, 50])
def test_who_listens_to_a_gradient_hears_it(depth):
    network = FastResNetTSM(depth, num_segments=2).train()
    block = network.layer1[0]
    last = block.conv2 if depth == 18 else block.conv3
    heard = []
    last.register_full_backward_hook(lambda m, inputs, outputs: heard.append(outputs[0].shape))
    network(torch.randn(2, 3, 32, 32)).sum().backward()
    assert len(heard) == 1
