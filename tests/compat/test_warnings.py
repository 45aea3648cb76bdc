import logging
import warnings

import pytest
from mmengine.fileio import FileClient, file_client
from mmengine.logging import MMLogger

from msnet_mmaction.compat import warnings as compat_warnings
from tests.helpers.processes import run_python


def test_models_import_without_a_warning(tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        "_base_ = 'mmaction::recognition/tsm/"
        "tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_kinetics400-rgb.py'\n"
    )
    script = (
        'from msnet_mmaction import compat; compat.apply()\n'
        'import sys; from mmengine.config import Config\n'
        'Config.fromfile(sys.argv[1])\n'
        'import mmaction.models, mmaction.apis\n'
    )
    result = run_python('-c', script, str(config), PYTHONWARNINGS='default::UserWarning')
    assert result.returncode == 0, result.stderr
    assert 'Warning' not in result.stderr


def test_each_filter_names_a_message_a_category_and_a_module():
    """A user's own warnings are shown: nothing is silenced by its category or module alone."""
    script = (
        'import warnings\n'
        'import mmengine.runner, scipy.stats, torch.distributed\n'
        'known = list(warnings.filters)\n'
        'import msnet_mmaction\n'
        'for action, message, category, module, line in warnings.filters:\n'
        '    if (action, message, category, module, line) not in known:\n'
        '        print(action, bool(message), category.__name__, bool(module))\n'
    )
    result = run_python('-c', script)
    assert result.returncode == 0, result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows
    for action, message, category, module in rows:
        assert (action, message, module) == ('ignore', 'True', 'True')
        assert category in ('UserWarning', 'FutureWarning')


@pytest.mark.parametrize(
    ('message', 'category'),
    [
        ('pkg_resources is deprecated as an API', UserWarning),
        ('Fail to import ``MultiScaleDeformableAttention``', UserWarning),
        ('`broadcast_buffers` is deprecated', FutureWarning),
    ],
)
def test_the_same_message_from_elsewhere_is_shown(message, category):
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter('always')
        compat_warnings.silence_import_warnings()
        warnings.warn(message, category, stacklevel=1)
    assert len(shown) == 1


def test_the_file_client_is_silent_about_its_end_alone(monkeypatch):
    compat_warnings.silence_file_client()
    wrapped = file_client.print_log
    compat_warnings.silence_file_client()
    assert file_client.print_log is wrapped

    said = []
    monkeypatch.setattr(MMLogger.get_current_instance(), 'callHandlers', said.append)
    FileClient('disk')
    assert not said
    file_client.print_log('something else', logger='current', level=logging.WARNING)
    assert [record.msg for record in said] == ['something else']
