"""docs/demo.ipynb runs from its first cell to its last, on little data."""

import json

import pytest

from tests.helpers.processes import ROOT

NOTEBOOK = ROOT / 'docs' / 'demo.ipynb'
QUICK = """
TRAIN_CLIPS, VAL_CLIPS, EPOCHS = 8, 8, 1
DATA, WORK_DIR = 'data folder', 'work_dir'
"""


def test_it_holds_no_outputs():
    """They would go stale, and make its changes unreadable."""
    cells = [c for c in json.loads(NOTEBOOK.read_text())['cells'] if c['cell_type'] == 'code']
    assert cells
    assert not any(cell['outputs'] or cell['execution_count'] for cell in cells)


@pytest.mark.slow
def test_it_runs(tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv('PYTHONPATH', str(ROOT))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    (parameters,) = [c for c in notebook.cells if 'parameters' in c.metadata.get('tags', ())]
    parameters.source = QUICK
    NotebookClient(
        notebook, timeout=600, kernel_name='python3', resources={'metadata': {'path': tmp_path}}
    ).execute()

    outputs = [out for cell in notebook.cells for out in cell.get('outputs', ())]
    printed = ''.join(out.text for out in outputs if out.output_type == 'stream')
    assert 'same class: True' in printed
    assert any('image/png' in out.get('data', ()) for out in outputs)
