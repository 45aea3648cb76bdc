"""Tables of the model zoo page, made from the metafiles of the configs."""

import re
from collections import defaultdict
from pathlib import Path

import yaml

HEAD = (
    '| config | network | epochs | GFLOPs | parameters, 10⁶ | published top-1 / top-5 |\n'
    '|---|---|---|---|---|---|\n'
)


def tables(root: Path) -> dict[str, str]:
    """Markdown tables of all models, for ``docs/model_zoo.md``.

    Args:
        root: Folder of ``model-index.yml``.

    Returns:
        By the name that the page uses: a data set for the networks of the paper, a table or figure
        for the ablations, ``zoo_baselines`` for the rest.
    """
    rows = defaultdict(list)
    for metafile in yaml.safe_load((root / 'model-index.yml').read_text())['Import']:
        for model in yaml.safe_load((root / metafile).read_text())['Models']:
            rows[_table_of(model)].append(_row(model))
    return {name: HEAD + '\n'.join(sorted(lines)) for name, lines in rows.items()}


def _table_of(model: dict) -> str:
    folders = Path(model['Config']).parent.parts[1:]
    name = folders[-1] if folders else model['Metadata']['Training Data']
    return 'zoo_' + re.sub(r'\W+', '_', name.lower())


def _row(model: dict) -> str:
    config, facts = model['Config'], model['Metadata']
    network = facts['Architecture'] + (', on flow' if model['Modality'] == 'Flow' else '')
    results = [
        ' / '.join(str(value) for value in result['Metrics'].values())
        for result in model.get('Results', ())
    ]
    # The paper gives some networks in several tables, in one of them another figure.
    published = ', '.join(dict.fromkeys(results)) or '—'
    return (
        f'| [{Path(config).stem}](../{config}) | {network} | {facts["Epochs"]} '
        f'| {facts["FLOPs"].removesuffix("G")} | {facts["Parameters"].removesuffix("M")} '
        f'| {published} |'
    )
