"""Configs are found by name: by our commands, in ``_base_``, and by mmengine.hub."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.hub import get_config

from msnet_mmaction.utils import configs
from msnet_mmaction.utils.config_names import register_configs
from msnet_mmaction.utils.configs import config_path, resource_root

ROOT = Path(__file__).parents[2]
NAME = 'msnet_mmaction::msnet_r50_sthv1.py'


def test_in_a_checkout():
    assert resource_root() == ROOT
    assert config_path(NAME) == config_path(NAME.removesuffix('.py'))
    assert Path(config_path(NAME)) == ROOT / 'configs' / 'msnet_r50_sthv1.py'
    assert config_path('some/path.py') == 'some/path.py'
    theirs = 'recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'
    assert Path(config_path(f'mmaction::{theirs}')).is_file()


def test_in_an_installed_package(tmp_path, monkeypatch):
    """A folder ``configs`` beside it is another package's."""
    package = tmp_path / 'msnet_mmaction'
    (tmp_path / 'configs').mkdir()
    package.mkdir()
    monkeypatch.setattr(configs, '_PACKAGE', package)
    with pytest.raises(FileNotFoundError, match='came without its configs'):
        resource_root()
    (package / '.mim' / 'configs').mkdir(parents=True)
    assert resource_root() == package / '.mim'


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('msnet_mmaction::msnet_r50_shtv1.py', 'did you mean msnet_r50_sthv1'),
        ('nobody_has_this::a.py', "no package 'nobody_has_this'"),
        ('no-name::a.py', "no package 'no-name'"),
    ],
)
def test_unknown_names(name, message):
    with pytest.raises(FileNotFoundError, match=message):
        config_path(name)


@pytest.mark.parametrize('name', [NAME, 'msnet_mmaction::ablations/table3/ks.py'])
def test_as_a_base_and_from_the_hub(name, tmp_path):
    register_configs()  # as often as one likes
    expected = Config.fromfile(config_path(name))
    assert get_config(name).to_dict() == expected.to_dict()
    child = tmp_path / 'a folder' / 'child.py'
    child.parent.mkdir()
    child.write_text(f'_base_ = {name!r}\nmodel = dict(cls_head=dict(num_classes=7))\n')
    cfg = Config.fromfile(child)
    assert cfg.model.cls_head.num_classes == 7
    assert cfg.model.backbone.type == expected.model.backbone.type


def test_others_go_where_they_went(tmp_path):
    theirs = 'mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'
    assert get_config(theirs).model.type == 'Recognizer2D'
    child = tmp_path / 'child.py'
    child.write_text(f'_base_ = {theirs!r}\n')
    assert Config.fromfile(child).model.type == 'Recognizer2D'
    with pytest.raises(ValueError, match='package name and relative config path'):
        get_config('mmaction::a.py')
    with pytest.raises(AssertionError, match='Weights'):
        get_config(NAME, pretrained=True)
