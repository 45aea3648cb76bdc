"""The metafiles, as OpenMMLab's tools read them."""

import yaml

from msnet_mmaction.commands.reproduce.configs import ROOT
from msnet_mmaction.commands.reproduce.experiments import load_paper
from msnet_mmaction.commands.reproduce.openmmlab import NO_WEIGHTS

PAPER = load_paper()
INDEX = yaml.safe_load((ROOT / 'model-index.yml').read_text())
FILES = {path: yaml.safe_load((ROOT / path).read_text()) for path in INDEX['Import']}
MODELS = [model for file in FILES.values() for model in file['Models']]


def test_the_index_names_every_metafile():
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / 'configs').rglob('metafile.yml')}
    assert set(INDEX['Import']) == there


def test_models_have_what_the_format_asks_for():
    collections = [c for file in FILES.values() for c in file['Collections']]
    names = [collection['Name'] for collection in collections]
    assert len(set(names)) == len(names)
    for collection in collections:
        assert (ROOT / collection['README']).is_file()
        assert set(collection['Paper']) == {'URL', 'Title'}
    assert len({model['Name'] for model in MODELS}) == len(MODELS)
    for model in MODELS:
        assert model['In Collection'] in names
        assert (ROOT / model['Config']).is_file()
        assert set(model['Metadata']) >= {
            'Architecture', 'Batch Size', 'Epochs', 'FLOPs', 'Parameters', 'Training Data'
        }  # fmt: skip
        assert model['Modality'] in ('RGB', 'Flow')


def test_no_weights_are_named():
    assert {model['Weights'] for model in MODELS} == {NO_WEIGHTS}
    # mim download would fetch files of such names.
    assert not NO_WEIGHTS.rpartition('/')[2]
    assert ',' not in NO_WEIGHTS
    assert not [model for model in MODELS if 'Training Log' in model]


def test_results_are_those_of_the_paper_and_say_so():
    by_name = {model['Name']: model for model in MODELS}
    (result,) = by_name['msnet_r50_sthv1']['Results']
    published = PAPER.experiments['table1/MSNet-R50, 8 frames'].accuracy['sthv1']
    assert tuple(result['Metrics'].values()) == published
    assert result['Dataset'] == 'Something-Something V1'
    assert result['Published In'] == 'https://arxiv.org/abs/2007.09933, Table 1'
    (elsewhere,) = by_name['tsm_r50_16f_sthv1']['Results']
    assert elsewhere['Metrics'] == {'Top 1 Accuracy': 47.2}
    assert 'temporal-shift-module' in elsewhere['Published In']
    assert all('Published In' in r for model in MODELS for r in model.get('Results', []))
    # What the authors copied from other papers is no result of these configs.
    assert 'Results' not in by_name['baselines_tsn_r50_sthv1']
    # Nor is the accuracy of two networks that of one.
    assert 'Results' not in by_name['ablations_table6_flow_5']


def test_the_splits_of_hmdb51_are_one_model():
    by_name = {model['Name']: model for model in MODELS}
    model = by_name['msnet_r50_hmdb51']
    assert model['Metadata']['Training Data'] == 'HMDB-51'
    assert [result['Dataset'] for result in model['Results']] == ['HMDB-51']
