"""The package with what torch 2.1 lacks taken away: the plain forms serve."""

from tests.helpers.processes import run_python

SCRIPT = """
import warnings
import torch
# These use what is taken away below while they are imported.
import torch.distributed.optim
import torch.onnx
import torch.utils.flop_counter

del torch.library.custom_op, torch.compiler.is_exporting, torch.compiler.is_compiling
del torch.utils.flop_counter.register_flop_formula

from mmengine.registry import init_default_scope
import msnet_mmaction
from mmaction.registry import MODELS
from msnet_mmaction.ops import match

init_default_scope('mmaction')
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter('always')
    torch.manual_seed(0)
    network = MODELS.build(dict(
        type='MSNet',
        backbone=dict(type='FastResNetTSM', depth=18, num_segments=4),
        layers=dict(layer2=dict(type='MotionSqueeze', in_channels=128))))
    x = torch.randn(4, 3, 64, 64)
    network(x).sum().backward()
    with torch.no_grad():
        network.eval()(x)
slow = [str(w.message) for w in warned if 'slow backend' in str(w.message)]
assert len(slow) == 1 and 'came with 2.4' in slow[0], slow

a, b = torch.randn(2, 1, 8, 9, 7)
for found, expected in zip(match(a, b), match(a, b, backend='reference')):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
"""


def test_older_torch():
    done = run_python('-c', SCRIPT)
    assert done.returncode == 0, done.stderr[-2000:]
