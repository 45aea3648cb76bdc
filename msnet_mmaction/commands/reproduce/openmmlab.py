"""``metafile.yml`` and ``model-index.yml`` in OpenMMLab's format, made of the published figures."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import yaml

from .configs import load_config
from .experiments import Experiment, Paper
from .measurements import Counts

HEAD = '# Written by `python tools/reproduce.py --update-docs`; do not edit it by hand.\n'
RESULTS_HEAD = """\
# All results are published where `Published In` says; none was measured here, and
# there are no weights. FLOPs and parameters are counted here. The paper does not say which splits
# of HMDB-51 its results are of.
"""

#: No weights were published, and none were trained here. ``mim download`` needs the key, and takes
#: what follows the last slash for the name of a file: here there is none, so it downloads nothing
#: and writes the config. ``mim search`` shows the sentence.
NO_WEIGHTS = 'No checkpoint was published: train it. /'

#: Collections by the type of what a config adds to its backbone; the first that it has.
COLLECTIONS = {
    'MotionSqueeze': dict(
        Name='MSNet',
        README='README.md',
        Paper=dict(
            URL='https://arxiv.org/abs/2007.09933',
            Title='MotionSqueeze: Neural Motion Feature Learning for Video Understanding',
        ),
    ),
    'CorrespondenceProposal': dict(
        Name='CPNet',
        README='docs/tables.md',
        Paper=dict(
            URL='https://arxiv.org/abs/1905.07853',
            Title='Learning Video Representations from Correspondence Proposals',
        ),
    ),
    'RepresentationFlow': dict(
        Name='Representation Flow',
        README='docs/tables.md',
        Paper=dict(
            URL='https://arxiv.org/abs/1810.01455',
            Title='Representation Flow for Action Recognition',
        ),
    ),
    # What the layers are compared with.
    None: dict(
        Name='Baselines of MSNet',
        README='docs/tables.md',
        Paper=dict(
            URL='https://arxiv.org/abs/2007.09933',
            Title='MotionSqueeze: Neural Motion Feature Learning for Video Understanding',
        ),
    ),
}


def metafiles(paper: Paper, counts: Counts) -> dict[str, str]:
    """The metafiles, by their paths in the repository: one for each folder of configs.

    Args:
        paper: All experiments.
        counts: Of all their configs.
    """
    folders: dict[str, list[dict]] = {}
    # Those of configs/ itself first.
    for config in sorted(counts, key=lambda config: (_folder(config), config)):
        folders.setdefault(_folder(config), []).append(_entry(config, paper, counts))
    named = {c['Name']: c for c in COLLECTIONS.values()}
    written: set[str] = set()
    files = {}
    for folder, models in folders.items():
        # A collection is defined once, in the first file that has a model of it.
        own = {model['In Collection'] for model in models} - written
        written |= own
        content: dict = {'Collections': [named[name] for name in named if name in own]}
        content['Models'] = models
        files[f'{folder}/metafile.yml'] = HEAD + RESULTS_HEAD + _dump(content)
    return files


def index(files: Iterable[str]) -> str:
    """``model-index.yml``, which names the metafiles."""
    return HEAD + _dump({'Import': sorted(files)})


def _folder(config: str) -> str:
    """``configs``, ``configs/ablations`` or ``configs/baselines``."""
    parts = PurePosixPath(config).parts
    return '/'.join(parts[: min(2, len(parts) - 1)])


def _entry(config: str, paper: Paper, counts: Counts) -> dict:
    cfg = load_config(config)
    backbone = cfg.model.backbone
    inner = backbone.get('backbone', backbone)
    layers = [layer.type for layer in backbone.get('layers', {}).values()]
    collection = next((c for kind, c in COLLECTIONS.items() if kind in layers), COLLECTIONS[None])
    datasets, results = [], []
    for dataset, experiment in _experiments_of(config, paper):
        datasets.append(paper.datasets[dataset])
        results += _results(config, experiment, dataset, paper)
    # The same figures may stand in several tables.
    results = [r for i, r in enumerate(results) if r not in results[:i]]
    flow = cfg.train_dataloader.dataset.get('modality') == 'Flow'
    entry = {
        'Name': '_'.join(PurePosixPath(config).with_suffix('').parts[1:]),
        'Config': config,
        'Weights': NO_WEIGHTS,
        'In Collection': collection['Name'],
        'Metadata': {
            'Architecture': inner.type + (f'-{inner.depth}' if 'depth' in inner else ''),
            'Batch Size': cfg.train_dataloader.batch_size,
            'Epochs': cfg.train_cfg.max_epochs,
            'FLOPs': f'{counts[config].flops / 1e9:.2f}G',
            'Parameters': f'{counts[config].params / 1e6:.2f}M',
            'Resolution': '224x224',
            'Training Data': datasets[0],
            'Training Resources': '8 GPUs',
        },
        'Modality': 'Flow' if flow else 'RGB',
    }
    return {**entry, 'Results': results} if results else entry


def _experiments_of(config: str, paper: Paper) -> Iterator[tuple[str, Experiment]]:
    for experiment in paper.experiments.values():
        for dataset, networks in experiment.networks.items():
            if any(config == network.config for network in networks):
                yield dataset, experiment


def _results(config: str, experiment: Experiment, dataset: str, paper: Paper) -> list[dict]:
    """The published accuracy, if it is of this network alone and the authors' own."""
    top1, top5 = experiment.accuracy.get(dataset, (None, None))
    alone = [network.config for network in experiment.networks[dataset]] == [config]
    if not alone or not experiment.ran or top1 is None:
        return []
    table = paper.titles[experiment.table].partition(',')[0]
    metrics = {'Top 1 Accuracy': top1} | ({} if top5 is None else {'Top 5 Accuracy': top5})
    return [
        {
            'Task': 'Action Recognition',
            'Dataset': paper.datasets[dataset],
            'Metrics': metrics,
            'Published In': experiment.source or f'https://arxiv.org/abs/2007.09933, {table}',
        }
    ]


def _dump(content: dict) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
