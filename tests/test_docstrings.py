"""The examples in the docstrings of the public layers and functions run, and none is missing."""

import doctest
import inspect
import sys

import pytest

import msnet_mmaction

#: What a user puts into a network or calls on tensors.
PUBLIC = (
    'AddFusion',
    'ClipLayer',
    'ConcatFusion',
    'ConvTransform',
    'CorrespondenceProposal',
    'DepthwiseSeparableTransform',
    'KernelSoftArgmax',
    'MSNet',
    'MotionField',
    'MotionOnlyFusion',
    'MotionSqueeze',
    'MultiplyFusion',
    'RepresentationFlow',
    'SoftArgmax',
    'match',
    'optimize_for_inference',
    'ops.temporal_shift',
)


@pytest.mark.parametrize('name', PUBLIC)
def test_the_example_of_a_docstring_runs(name):
    found = msnet_mmaction
    for part in name.split('.'):
        found = getattr(found, part)
    example = doctest.DocTestParser().get_doctest(
        inspect.getdoc(found), {}, name, inspect.getsourcefile(found), None
    )
    assert example.examples
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failed, _ = runner.run(example, out=sys.stdout.write)
    assert not failed


def test_every_layer_has_an_example():
    layers = set(msnet_mmaction.models.layers.__all__)
    functions = {'EstimatesMotion', 'fields_of_clip', 'motion_layers', 'record_motion'}
    assert layers - functions <= set(PUBLIC)
