"""Exported matching: plain torch inside, any batch size, the reference's numbers."""

import io

import pytest
import torch
from torch import nn

from msnet_mmaction.ops import match
from tests.helpers.matching_cases import random_features


class Matching(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.options = options

    def forward(self, source, target):
        return tuple(match(source, target, **self.options))


OPTIONS = [
    {'max_displacement': 3},
    {'max_displacement': 2, 'dilation': 2},
    {'max_displacement': 2, 'sigma': None},
]


def features(n):
    return [x.detach() for x in random_features(n, 8, 9, 7, seed=n)]


@pytest.mark.parametrize('options', OPTIONS)
def test_torch_export(options):
    batch = {0: torch.export.Dim('batch')}
    program = torch.export.export(
        Matching(**options), tuple(features(2)), dynamic_shapes=(batch, batch)
    )
    names = {str(node.target) for node in program.graph.nodes if node.op == 'call_function'}
    assert not any('msnet_mmaction' in name for name in names)
    for n in (2, 5):
        expected = match(*features(n), backend='reference', **options)
        found = program.module()(*features(n))
        torch.testing.assert_close(found, tuple(expected), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('options', OPTIONS)
@pytest.mark.filterwarnings('ignore::DeprecationWarning', 'ignore::torch.jit.TracerWarning')
def test_onnx(options):
    pytest.importorskip('onnx')
    onnxruntime = pytest.importorskip('onnxruntime')
    file = io.BytesIO()
    names = ['source', 'target', 'displacement', 'confidence']
    torch.onnx.export(
        Matching(**options),
        tuple(features(2)),
        file,
        input_names=names[:2],
        output_names=names[2:],
        dynamic_axes={name: {0: 'batch'} for name in names},
        opset_version=17,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(file.getvalue(), providers=['CPUExecutionProvider'])
    for n in (2, 5):
        inputs = dict(zip(names, (x.numpy() for x in features(n)), strict=False))
        found = tuple(torch.from_numpy(x) for x in session.run(None, inputs))
        expected = match(*features(n), backend='reference', **options)
        torch.testing.assert_close(found, tuple(expected), rtol=1e-4, atol=1e-4)
