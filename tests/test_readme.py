"""The README's example runs as it stands, and what it links to is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / 'README.md').read_text()


def test_example(capsys):
    blocks = re.findall(r'```python\n(.*?)```', README, re.S)
    (example,) = [block for block in blocks if "type='MSNet'" in block]
    exec(example, {})
    assert '(8, 1280, 7, 7)' in example
    assert 'torch.Size([8, 1280, 7, 7])' in capsys.readouterr().out


def test_links():
    targets = re.findall(r'\]\(([^)#]+)\)', README)
    local = [target for target in targets if '://' not in target]
    assert local
    assert not [target for target in local if not (ROOT / target).exists()]
