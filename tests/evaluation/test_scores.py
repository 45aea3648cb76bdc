"""Fusing scores: files that don't fit each other are told apart before mmaction2 adds them up."""

import sys

import numpy as np
import pytest
import torch
from mmengine.fileio import dump

from msnet_mmaction.commands.cli import main

LABELS = [0, 1, 1, 2]


def samples(seed=0, labels=LABELS, paths='videos/{}.mp4', num_classes=6, names=(7, 8, 9, 10)):
    scores = torch.rand(
        len(labels), num_classes, generator=torch.Generator().manual_seed(seed)
    ).softmax(1)
    return [
        dict(
            pred_score=score,
            gt_label=torch.tensor([label]),
            **(dict(filename=paths.format(name)) if paths else {}),
        )
        for score, label, name in zip(scores, labels, names, strict=False)
    ]


@pytest.fixture
def report(tmp_path, monkeypatch):
    """Run report-accuracy on these files; further words go to mmaction2."""

    def run(*files, words=()):
        names = []
        for number, content in enumerate(files):
            names.append(str(tmp_path / f'{number}.pkl'))
            if content is not None:
                dump(content, names[-1])
        monkeypatch.setattr(sys, 'argv', sys.argv)
        return main(['report-accuracy', '--preds', *names, *words])

    return run


@pytest.mark.parametrize('weights', [None, (1, 3)])
def test_scores_are_added_up(report, capsys, weights):
    a, b = samples(0), samples(1, paths='flow/{}')
    report(a, b, words=['--coefficients', *map(str, weights)] if weights else [])
    sums = np.stack(
        [
            sum(w * s['pred_score'].numpy() for w, s in zip(weights or (1, 1), pair, strict=True))
            for pair in zip(a, b, strict=True)
        ]
    )
    ranks = (sums > sums[np.arange(4), LABELS][:, None]).sum(1)
    printed = capsys.readouterr().out
    assert f'Top 1 Accuracy: {(ranks < 1).mean():.4f}' in printed
    assert f'Top 5 Accuracy: {(ranks < 5).mean():.4f}' in printed
    assert 'name no videos' not in printed


def test_scores_without_names(report, capsys):
    report(samples(0), samples(1, paths=None))
    assert 'The scores name no videos' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        ([samples(), samples(labels=LABELS[:3])], 'are of 4 and 3 videos'),
        ([samples(), samples(num_classes=5)], 'are of 6 and 5 classes'),
        (
            [samples(), samples(names=(7, 9, 8, 10))],
            'differ at place 1, counted from 0: 8 of label 1 and 9 of label 1',
        ),
        ([samples(paths=None), samples(labels=[0, 1, 2, 1], paths=None)], 'differ at place 2'),
        (
            [samples(), None],
            '1.pkl does not exist: write it with: python -m msnet_mmaction test CONFIG CHECKPOINT',
        ),
        ([samples(), [1]], '1.pkl holds no scores'),
        ([samples(), samples(), samples()], '3 files of scores need as many --coefficients'),
    ],
)
def test_files_that_do_not_fit(report, capsys, files, message):
    assert report(*files) == 2
    assert message in capsys.readouterr().err
