"""Compile the kernels for a GPU, which needs none; run by tests/ops/matching/test_triton.py.

Its argument is a compute capability without the dot: 90 for an H100.
"""

import sys

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from msnet_mmaction.ops.matching import triton as matching_triton
from msnet_mmaction.ops.matching.kernels import backward_kernel, forward_kernel

#: Bytes that every GPU gives a block without being asked.
SHARED_MEMORY = 48 * 1024


def compile_kernel(kernel, capability, half, precision, **constants):
    constants |= matching_triton._constants(64, 7, 5.0, half)
    constants['PRECISION'] = precision
    options = {name: constants.pop(name) for name in ('num_warps', 'num_stages')}
    types = dict.fromkeys(('C', 'H', 'W', 'k'), 'i32')
    types |= dict.fromkeys(('falloff', 'inverse_temperature'), 'fp32')
    types |= {'best_index': '*i32'} | dict.fromkeys(constants, 'constexpr')
    names = kernel.arg_names
    source = ASTSource(
        kernel,
        {name: types.get(name, '*fp32') for name in names},
        {(names.index(name),): value for name, value in constants.items()},
    )
    compiled = triton.compile(source, target=GPUTarget('cuda', capability, 32), options=options)
    assert compiled.asm['cubin']
    assert compiled.metadata.shared <= SHARED_MEMORY


def main(capability):
    for half, precision in ((True, 'ieee'), (False, 'tf32')):
        compile_kernel(forward_kernel, capability, half, precision)
        for own_is_source in (True, False):
            compile_kernel(
                backward_kernel, capability, half, precision, OWN_IS_SOURCE=own_is_source
            )


if __name__ == '__main__':
    main(int(sys.argv[1]))
