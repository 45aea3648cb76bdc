"""CUDA graphs and torch.compile."""

import pytest
import torch

from msnet_mmaction import MotionSqueeze
from msnet_mmaction.commands.benchmark.execution import capture
from msnet_mmaction.ops import match
from tests.helpers.gpu import DEVICE, ON_GPU, needs_gpu, on_device
from tests.helpers.matching_cases import random_features, random_like

#: The default compiler takes minutes on a CPU.
COMPILER = 'inductor' if ON_GPU else 'aot_eager'


def matching(source, target):
    return match(source, target, max_displacement=1, temperature=0.1)


def layer():
    torch.manual_seed(0)
    displacement = dict(max_displacement=1)
    layer = MotionSqueeze(16, reduced_channels=8, displacement=displacement, num_segments=3)
    return layer.to(DEVICE)


@pytest.mark.parametrize('dynamic', [False, True])
def test_compiles_without_a_break(dynamic):
    torch._dynamo.reset()
    compiled = torch.compile(matching, fullgraph=True, dynamic=dynamic, backend=COMPILER)
    for size in ((2, 8, 2, 9), (3, 8, 2, 6)):
        features = on_device(random_features(*size))
        expected, found = matching(*features), compiled(*features)
        torch.testing.assert_close(tuple(found), tuple(expected))
        gradients = [torch.autograd.grad(x, features, random_like(x)) for x in (expected, found)]
        torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize('train', [False, True])
def test_a_layer_compiles(train):
    torch._dynamo.reset()
    module = layer().train(train)
    compiled = torch.compile(module, fullgraph=True, backend=COMPILER)
    x = torch.randn(6, 16, 4, 5, device=DEVICE)
    expected, found = module(x), compiled(x)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)
    if train:
        found.square().mean().backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())


@needs_gpu
def test_compiled_with_cuda_graphs():
    torch._dynamo.reset()
    compiled = torch.compile(matching, fullgraph=True, mode='reduce-overhead')
    for seed in range(4):
        features = [x.detach() for x in on_device(random_features(2, 16, 9, 17, seed=seed))]
        torch.compiler.cudagraph_mark_step_begin()
        found = [x.clone() for x in compiled(*features)]
        torch.testing.assert_close(found, list(matching(*features)))


@needs_gpu
def test_a_captured_graph_follows_its_inputs():
    features = on_device(random_features(2, 16, 9, 17))
    # Made before: nothing may be copied from the CPU while a graph is captured.
    grads = [torch.ones(2, channels, 9, 17, device=DEVICE) for channels in (2, 1)]

    def matching_and_gradients():
        found = match(*features, max_displacement=3)
        return [*found, *torch.autograd.grad(found, features, grads)]

    held = []
    replay = capture(lambda: held.__setitem__(slice(None), matching_and_gradients()), DEVICE)
    for seed in (1, 2):
        with torch.no_grad():
            for static, value in zip(
                features, random_features(2, 16, 9, 17, seed=seed), strict=True
            ):
                static.copy_(value)
        replay()
        torch.cuda.synchronize(DEVICE)
        torch.testing.assert_close(held, matching_and_gradients())


@needs_gpu
def test_a_layer_as_a_graphed_callable():
    module = layer().train()
    sample = torch.randn(6, 16, 4, 5, device=DEVICE, requires_grad=True)
    graphed = torch.cuda.make_graphed_callables(layer().train(), (sample,))
    # What the calls of the capture moved.
    for a, b in zip(module.buffers(), graphed.buffers(), strict=True):
        b.data.copy_(a)
    x = torch.randn(6, 16, 4, 5, device=DEVICE, requires_grad=True)
    results = []
    for network in (module, graphed):
        x.grad = None
        output = network(x)
        output.square().mean().backward()
        results.append([output.detach().clone(), x.grad.clone()])
    torch.testing.assert_close(results[1], results[0], rtol=1e-3, atol=1e-4)
