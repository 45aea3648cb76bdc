"""The tables of docs/backbones.md: complete, and true."""

import mmaction.models.backbones as mmaction_backbones
import pytest

from tests.helpers.backbone_zoo import (
    LEFT_OUT,
    MMACTION,
    OTHERS,
    OURS,
    PAGE,
    TABLES,
    TIMM,
    row,
    train_step,
)

ENTRIES = [*MMACTION, *OURS]
#: Fast ones, of every layout.
QUICK = ('MobileNetV2', 'MViT', 'SwinTransformer3D', 'TimeSformer', 'UniFormerV2')
CASES = [
    pytest.param(e, id=e.name, marks=[] if e.name in QUICK else pytest.mark.slow) for e in ENTRIES
]


def test_every_backbone_of_mmaction2_is_named():
    trained = {entry.name for entry in (*MMACTION, *OTHERS) if '.' not in entry.name}
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


@pytest.mark.filterwarnings('ignore:match.. runs on .export.')  # On the meta device.
@pytest.mark.parametrize('entry', CASES)
def test_the_row_is_what_is_counted(entry):
    assert row(entry) in PAGE.read_text()


@pytest.mark.slow
@pytest.mark.parametrize('entry', [*TIMM, *OTHERS], ids=lambda entry: entry.name)
def test_networks_of_other_packages(entry):
    source = entry.name.partition('.')[0].replace('MobileOneTSM', 'mmpretrain')
    # RuntimeError: of a torchvision that does not fit this torch.
    pytest.importorskip(
        source, reason=f'{source} cannot be imported', exc_type=(ImportError, RuntimeError)
    )
    train_step(entry)
    assert row(entry) in PAGE.read_text()
