"""Every test of this folder is marked ``gpu``, and left out where there is none."""

from pathlib import Path

import pytest
import torch

from tests.helpers.gpu import INTERPRETED, ON_GPU, interpret_kernels

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.gpu)
            if ON_GPU and not torch.cuda.is_available():
                item.add_marker(pytest.mark.skip(reason='no GPU'))


if INTERPRETED:
    interpret_kernels()
