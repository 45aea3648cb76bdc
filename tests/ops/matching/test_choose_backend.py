"""Which backend serves a matching: the device's, the config's, the environment's."""

import warnings
from importlib.util import module_from_spec, spec_from_file_location
from types import SimpleNamespace

import pytest
import torch

from msnet_mmaction import KernelSoftArgmax, MotionSqueeze, SoftArgmax
from msnet_mmaction.ops.matching import backends, functional
from msnet_mmaction.ops.matching.backends import choose_backend
from tests.helpers.processes import run_python


@pytest.fixture
def gpu(monkeypatch):
    """Features on a GPU, as far as the choice looks at them; ``gpu.capability`` may be set."""
    gpu = SimpleNamespace(
        dtype=torch.float32,
        device=torch.device('cuda', 0),
        capability=(9, 0),
    )

    def properties(device=None):
        major, minor = gpu.capability
        return SimpleNamespace(name='NVIDIA TITAN Xp', major=major, minor=minor)

    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'current_device', lambda: 0)
    monkeypatch.setattr(torch.cuda, 'get_device_properties', properties)
    monkeypatch.setattr(backends, '_HAS_TRITON', True)
    monkeypatch.setattr(backends, '_warned', set())
    monkeypatch.setattr(backends, '_CHOSEN', None)
    return gpu


@pytest.mark.parametrize('capability', [(7, 0), (7, 5), (9, 0), (12, 0)])
def test_a_gpu_that_triton_serves(gpu, capability):
    gpu.capability = capability
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert choose_backend(gpu) == 'triton'
        assert choose_backend(gpu, 'triton') == 'triton'


@pytest.mark.parametrize('capability', [(3, 5), (6, 1)])
def test_an_old_gpu_takes_the_plain_backend_and_says_so_once(gpu, capability):
    gpu.capability = capability
    number = '.'.join(map(str, capability))
    message = rf"'export'.*TITAN Xp.*compute capability {number}.*at least 7\.0"
    with pytest.warns(UserWarning, match=message) as caught:
        assert [choose_backend(gpu) for _ in range(3)] == ['export'] * 3
    assert len(caught) == 1
    with pytest.raises(RuntimeError, match=r"'triton' cannot serve.*compute capability"):
        choose_backend(gpu, 'triton')
    assert 'triton' not in backends.available_backends()


def test_without_triton(gpu, monkeypatch):
    monkeypatch.setattr(backends, '_HAS_TRITON', False)
    with pytest.warns(UserWarning, match=r"'export'.*triton is not installed"):
        assert choose_backend(gpu) == 'export'


def used(monkeypatch, layer):
    """The backends that a layer's matchings ask for."""
    asked = []

    def choose(features, backend):
        asked.append(choose_backend(features, backend))
        return asked[-1]

    monkeypatch.setattr(functional, 'choose_backend', choose)
    layer(torch.randn(4, 8, 5, 6))
    return set(asked)


@pytest.mark.parametrize('kind', ['KernelSoftArgmax', 'SoftArgmax'])
@pytest.mark.parametrize('backend', ['reference', 'export', 'cpu', None])
def test_a_config_chooses(monkeypatch, kind, backend):
    layer = MotionSqueeze(
        8, 2, displacement=dict(type=kind, max_displacement=1, backend=backend)
    ).eval()
    monkeypatch.setattr(backends, '_CHOSEN', None)
    assert used(monkeypatch, layer) == {backend or 'cpu'}
    assert (f"backend='{backend}'" in repr(layer)) == (backend is not None)
    # What the layer says counts for more than the environment.
    monkeypatch.setattr(backends, '_CHOSEN', 'export')
    assert used(monkeypatch, layer) == {backend or 'export'}


@pytest.mark.parametrize('kind', [KernelSoftArgmax, SoftArgmax])
def test_a_wrong_backend_fails_when_built(kind):
    with pytest.raises(ValueError, match=r"no backend 'cuda'.*triton"):
        kind(backend='cuda')


def test_the_environment_chooses(monkeypatch):
    x = torch.randn(1, 4, 3, 3)
    monkeypatch.setattr(backends, '_CHOSEN', 'reference')
    assert choose_backend(x) == 'reference'
    monkeypatch.setattr(backends, '_CHOSEN', 'triton')
    with pytest.raises(RuntimeError, match=r"'triton' \(MSNET_MATCHING_BACKEND\) cannot serve"):
        choose_backend(x)


def test_the_environment_is_read_when_imported(monkeypatch):
    def imported(value):
        monkeypatch.setenv('MSNET_MATCHING_BACKEND', value)
        # The same file as a module of another name: nothing else of this process sees it.
        spec = spec_from_file_location(f'{backends.__package__}.again', backends.__file__)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    assert imported('export')._CHOSEN == 'export'
    assert imported('')._CHOSEN is None
    with pytest.raises(ValueError, match='MSNET_MATCHING_BACKEND'):
        imported('fast')


@pytest.mark.parametrize('backend', [None, 'cpu', 'export', 'reference'])
def test_choosing_breaks_no_graph(backend):
    torch._dynamo.reset()
    layer = KernelSoftArgmax(max_displacement=1, backend=backend)
    features = torch.randn(2, 1, 4, 5, 6)
    compiled = torch.compile(layer, fullgraph=True, backend='eager')
    torch.testing.assert_close(tuple(compiled(*features)), tuple(layer(*features)))


OLD_GPU = """
import torch

class Properties:
    name, major, minor = 'NVIDIA TITAN Xp', 6, 1

def get_device_properties(device=None):
    return Properties()

# Before torch.compile looks at them, which takes a GPU's properties for constants.
get_device_properties.__module__ = 'torch.cuda'
torch.cuda.get_device_properties = get_device_properties
torch.cuda._CudaDeviceProperties = Properties

from msnet_mmaction.ops.matching import backends
backends._HAS_TRITON = True

def slow(x):
    return x + (backends._gpu_hindrance(torch.device('cuda', 0).index) is not None)

assert torch.compile(slow, fullgraph=True, backend='eager')(torch.zeros(1)).item() == 1
"""


def test_asking_for_the_capability_breaks_no_graph():
    done = run_python('-c', OLD_GPU)
    assert done.returncode == 0, done.stderr[-2000:]
