"""The tables of docs/backbones.md: complete, and true."""

from importlib.util import find_spec

import mmaction.models.backbones as mmaction_backbones
import pytest
import torch

from tests.helpers.backbone_zoo import LEFT_OUT, MMACTION, OURS, PAGE, TABLES, TIMM, row, train_step

ENTRIES = [*MMACTION, *OURS]
#: Fast ones, of every layout.
QUICK = ('MobileNetV2', 'MViT', 'SwinTransformer3D', 'TimeSformer', 'UniFormerV2')
CASES = [
    pytest.param(e, id=e.name, marks=[] if e.name in QUICK else pytest.mark.slow) for e in ENTRIES
]


@pytest.fixture(scope='module')
def timm():
    """timm, where torchvision may be of a torch with CUDA: its operators are declared."""
    if find_spec('timm') is None or find_spec('torchvision') is None:
        pytest.skip('timm, which needs torchvision, is not installed')
    library = torch.library.Library('torchvision', 'FRAGMENT')
    for name in ('nms', 'qnms'):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f'{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')
    yield pytest.importorskip('timm')
    del library


def test_every_backbone_of_mmaction2_is_named():
    trained = {entry.name for entry in MMACTION}
    known = {*mmaction_backbones.__all__, 'MobileOneTSM'}
    assert trained | set(LEFT_OUT) == known
    assert not trained & set(LEFT_OUT)
    page = PAGE.read_text()
    for name, reason in LEFT_OUT.items():
        assert f'| `{name}` | {reason} |' in page


@pytest.mark.parametrize('mark', TABLES)
def test_the_tables_have_a_row_each(mark):
    table = PAGE.read_text().split(f'<!-- {mark} -->')[1].split('\n\n')[1]
    names = [line.split('`')[1] for line in table.splitlines()[2:]]
    assert names == [entry.name for entry in TABLES[mark]]


@pytest.mark.parametrize('entry', CASES)
def test_a_step_of_training(entry):
    train_step(entry)


@pytest.mark.parametrize('entry', CASES)
def test_the_row_is_what_is_counted(entry):
    assert row(entry) in PAGE.read_text()


@pytest.mark.slow
@pytest.mark.parametrize('entry', TIMM, ids=lambda entry: entry.name)
def test_networks_of_timm(entry, timm):
    train_step(entry)
    assert row(entry) in PAGE.read_text()
