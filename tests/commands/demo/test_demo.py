from pathlib import Path

from mmengine.config import Config

from msnet_mmaction.commands.demo.cli import write_config


def test_data_in_a_folder_with_spaces(tmp_path):
    """``--cfg-options`` of mmengine would drop them."""
    data = tmp_path / "a user's data"
    path = write_config('msnet_r18_motion', data, tmp_path / 'my work')
    cfg = Config.fromfile(path)
    roots = {cfg[f'{split}_dataloader'].dataset.data_root for split in ('train', 'val', 'test')}
    assert roots == {str(data)}
    assert cfg.model.type == 'MotionRecognizer2D'
    # The checkpoints' folder gets a dump of the config of the same name.
    assert Path(path).parent != tmp_path / 'my work'
