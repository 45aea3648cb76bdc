"""A whole MSNet compiled without a graph break, exported, and counted."""

import warnings

import pytest
import torch
from mmaction.registry import MODELS
from torch.utils.flop_counter import FlopCounterMode

LAYER = dict(
    type='MotionSqueeze',
    in_channels=128,
    # A temperature at which rounding does not decide between matches of random features.
    displacement=dict(type='KernelSoftArgmax', max_displacement=3, temperature=1.0),
)


@pytest.fixture
def network():
    torch.manual_seed(0)
    backbone = dict(type='FastResNetTSM', depth=18, num_segments=4)
    return MODELS.build(dict(type='MSNet', backbone=backbone, layers=dict(layer2=LAYER))).eval()


@pytest.fixture
def clip():
    return torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize('train', [False, True])
def test_compiles_without_a_graph_break(network, clip, train):
    network.train(train)
    expected = network(clip)
    # Eager kernels: what is tested is the graph, not the compiler.
    found = torch.compile(network, fullgraph=True, backend='aot_eager')(clip)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    if train:
        found.sum().backward()
        assert all(p.grad is not None for p in network.parameters())


def test_torch_export(network, clip):
    program = torch.export.export(network, (clip,))
    assert not any('msnet_mmaction' in str(node.target) for node in program.graph.nodes)
    torch.testing.assert_close(program.module()(clip), network(clip), rtol=1e-4, atol=1e-4)


def test_onnx_with_a_free_batch(network, clip, tmp_path):
    onnxruntime = pytest.importorskip('onnxruntime')
    pytest.importorskip('onnx')
    path = tmp_path / 'msnet.onnx'
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        torch.onnx.export(
            network, (clip,), path, dynamo=False, input_names=['frames'],
            dynamic_axes={'frames': {0: 'frames'}},
        )  # fmt: skip
    session = onnxruntime.InferenceSession(path)
    for clips in (1, 3):
        x = torch.randn(4 * clips, 3, 64, 64)
        (found,) = session.run(None, {'frames': x.numpy()})
        torch.testing.assert_close(torch.from_numpy(found), network(x), rtol=1e-3, atol=1e-3)


def test_flops_are_the_same_however_it_is_computed(network, clip):
    def count(context):
        with context, FlopCounterMode(display=False) as counter:
            network(clip)
        return counter.get_total_flops()

    assert count(torch.no_grad()) == count(torch.enable_grad()) > 0
