"""The published figures as data."""

from itertools import chain
from pathlib import Path

import pytest
import yaml

from msnet_mmaction.commands.reproduce.configs import ROOT, work_dir
from msnet_mmaction.commands.reproduce.experiments import PUBLISHED, load_paper
from msnet_mmaction.commands.reproduce.measurements import configs_of

PAPER = load_paper()


def test_every_table_and_figure_is_there():
    # The paper's Tables 1 to 8 and Figures 4 and 5; the number of rows of each, with baselines.
    rows = {name: len(PAPER.of_table(name)) for name in PAPER.titles}
    assert rows == dict(
        table1=22, table2=14, table3=5, figure4=11, table4=6, figure5=8, table5=5, table6=5,
        table7=5, table8=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ('table', 'systems'),
    [
        (
            'table1',
            'TSN TRN MFNet CPNet ECO-En-Lite ECO I3D NL-I3D GCN S3D-G DFB-Net STM TSM TSM-En '
            'MSNet-R50 MSNet-R50-En',
        ),
        ('table2', 'ResNet-50 R(2+1)D MFNet OFF TVNet STM Rep-flow TSM MSNet-R50'),
    ],
)
def test_every_system_that_the_comparisons_name_is_there(table, systems):
    names = ' '.join(e.row for e in PAPER.of_table(table))
    assert not [system for system in systems.split() if system not in names]


def test_what_the_text_says_about_the_figures_follows_from_them():
    """Statements of Sections 4.3 and 4.5 that tie figures of several rows together."""

    def top1(name, dataset='sthv1'):
        return PAPER.experiments[name].accuracy[dataset][0]

    gains = [
        top1('table1/MSNet-R50, 8 frames', d) - top1('table1/TSM, 8 frames', d)
        for d in ('sthv1', 'sthv2')
    ]
    assert gains == pytest.approx([5.3, 4.2])
    two_stream = 'table1/TSM two-stream'
    ensemble = [top1('table1/MSNet-R50-En', d) - top1(two_stream, d) for d in ('sthv1', 'sthv2')]
    assert ensemble == pytest.approx([1.8, 1.6])
    assert top1('table3/KS + CM') - top1('table3/KS') == pytest.approx(0.9)
    assert top1('table3/KS + CM + BD') - top1('table3/KS + CM') == pytest.approx(0.5)
    assert top1('table6/MSNet') - top1('table6/two-stream 8 + (8 x 1)') == pytest.approx(0.8)
    low = PAPER.experiments['table6/two-stream 8 + (8 x 1), low fps']
    assert top1('table6/MSNet') - low.accuracy['sthv1'][0] == pytest.approx(1.4)
    tsm = PAPER.experiments['figure5/TSM-ResNet-18 + MS']
    assert tsm.gain == pytest.approx(top1(tsm.name) - top1('figure5/TSM-ResNet-18'))


def test_what_the_paper_does_not_give_has_a_source_or_is_not_there():
    # Its Table 1 has no figure of TSM on 16 frames; TSM's README has.
    elsewhere = {e.name: e for e in PAPER.experiments.values() if e.source}
    assert list(elsewhere) == ['table1/TSM, 16 frames']
    tsm = elsewhere['table1/TSM, 16 frames']
    assert tsm.accuracy == dict(sthv1=(47.2, None))
    assert 'https://github.com/mit-han-lab/temporal-shift-module' in tsm.source
    # Of Figure 4 the text names these sizes alone.
    ran = [e.row for e in PAPER.of_table('figure4') if e.ran]
    assert ran == ['baseline', 'P = 3', 'P = 15']


def test_what_the_authors_ran_has_configs_that_exist():
    for experiment in PAPER.experiments.values():
        assert bool(experiment.networks) != bool(experiment.not_available), experiment.name
        assert experiment.networks or not experiment.ran, experiment.name
        for network in chain(*experiment.networks.values()):
            assert (ROOT / network.config).is_file(), network
            assert (ROOT / network.tested).is_file(), network


def test_every_ablation_and_baseline_belongs_to_a_row():
    used = set(configs_of(PAPER.experiments.values()))
    there = {
        path.relative_to(ROOT).as_posix()
        for folder in ('ablations', 'baselines')
        for path in (ROOT / 'configs' / folder).rglob('*.py')
    }
    assert there <= used
    # Results of two configs never share a folder.
    assert len({work_dir(config) for config in used}) == len(used)


def test_hmdb51_has_three_splits():
    streams = PAPER.experiments['table2/R(2+1)D two-stream'].networks_by_split('hmdb51')
    assert [[(Path(n.config).stem, n.split) for n in networks] for networks in streams] == [
        [('r2plus1d_r34_hmdb51', number), ('r2plus1d_r34_flow_hmdb51', number)]
        for number in (1, 2, 3)
    ]
    for table2 in PAPER.of_table('table2'):
        counts = {d: len(table2.networks_by_split(d)) for d in table2.datasets}
        there = {d: n for d, n in dict(k400=1, hmdb51=3).items() if d in table2.networks}
        assert {d: n for d, n in counts.items() if n} == there, table2.name


def test_selection():
    assert [e.row for e in PAPER.select(['table8'])] == ['baseline', 'CP module', 'MS module']
    assert [e.name for e in PAPER.select(['Table3/ks'])] == ['table3/KS']
    assert len(PAPER.select([])) == len(PAPER.experiments)
    with pytest.raises(ValueError, match="no 'table9'; there are table1"):
        PAPER.select(['table9'])
    with pytest.raises(ValueError, match='there are baseline; S; KS'):
        PAPER.select(['table3/X'])


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(flopz=1), 'table1/TSN: unknown keys flopz'),
        (dict(accuracy=dict(ucf101=[1, 2])), 'unknown data sets ucf101'),
        (dict(accuracy=dict(sthv1=[1])), r'an accuracy is \[top-1, top-5\]'),
        (dict(not_available='lost'), 'either networks or the reason'),
        (dict(baseline='TSX'), 'no baseline'),
    ],
)
def test_a_wrong_file_is_told_with_its_row(tmp_path, change, message):
    content = yaml.safe_load(PUBLISHED.read_text())
    content['tables'][0]['rows'][0].update(change)
    path = Path(tmp_path) / 'published.yml'
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(ValueError, match=message) as raised:
        load_paper(path)
    assert str(path) in str(raised.value)
