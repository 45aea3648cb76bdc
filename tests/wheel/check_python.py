"""The configs of an installed wheel, from Python: called by check_wheel.sh."""

from pathlib import Path

import pytest
from mmaction.apis.inferencers import MMAction2Inferencer
from mmengine.config import Config
from mmengine.hub import get_config

import msnet_mmaction
from msnet_mmaction.apis import config_path
from msnet_mmaction.commands.demo.footage import real_clip

NAME = 'msnet_mmaction::msnet_r50_sthv1.py'


def main() -> None:
    """Look at the configs, then classify a clip by a network that is named."""
    package = Path(msnet_mmaction.__file__).parent
    assert 'site-packages' in package.parts, package
    assert Path(config_path(NAME)).is_relative_to(package / '.mim' / 'configs')

    assert get_config(NAME).model.backbone.type == 'MSNet'
    Path('own.py').write_text(f'_base_ = {NAME!r}\nmodel = dict(cls_head=dict(num_classes=7))\n')
    assert Config.fromfile('own.py').model.cls_head.num_classes == 7
    assert Config.fromfile('downloaded/msnet_r50_sthv1.py').model.backbone.type == 'MSNet'
    with pytest.raises(AssertionError, match='Weights'):
        get_config(NAME, pretrained=True)

    config = config_path('msnet_mmaction::demo/msnet_r18_motion')
    inferencer = MMAction2Inferencer(config, device='cpu')
    (scores,) = inferencer(str(real_clip('bikes')))['predictions'][0]['rec_scores']
    assert len(scores) == 8
    print('the configs are found by their names')


if __name__ == '__main__':
    main()
