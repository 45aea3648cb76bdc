"""What a user of the command can put right is told in a line."""

import socket
from importlib.metadata import PackageNotFoundError

import pytest

from msnet_mmaction.commands.app import cli
from msnet_mmaction.commands.cli import main
from tests.helpers import app_files


@pytest.fixture
def with_gradio(monkeypatch):
    """Nothing that is tested here gets as far as importing it."""
    monkeypatch.setattr(cli, 'version', lambda name: '6.31.0')


def told(capsys, *words):
    """The line that a wrong call is answered by."""
    assert main(['app', *map(str, words)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if line.startswith('error: ')]) == 1
    return lines[-1]


def test_without_gradio(capsys, monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(cli, 'version', missing)
    line = told(capsys, app_files.CONFIG, 'a.pth')
    assert line == (
        "error: the page needs Gradio, which is not installed: pip install 'gradio>=6.31,<7'"
    )


def test_an_old_gradio(capsys, monkeypatch):
    monkeypatch.setattr(cli, 'version', lambda name: '5.49.1')
    assert 'Gradio 6.31 or newer, not 5.49.1' in told(capsys, app_files.CONFIG, 'a.pth')


@pytest.mark.usefixtures('with_gradio')
def test_a_port_in_use(capsys):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        line = told(capsys, app_files.CONFIG, 'a.pth', '--port', port)
    assert line.startswith(f'error: cannot listen on 127.0.0.1 port {port} (')
    assert line.endswith('give another --port or --host')


@pytest.mark.usefixtures('with_gradio')
@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['--port', 99999], 'cannot listen on 127.0.0.1 port 99999'),
        (['--host', '192.0.2.1', '--port', 0], 'cannot listen on 192.0.2.1'),
        (['--max-megabytes', 0], '--max-megabytes must be positive'),
        (['--max-seconds', 'nan'], '--max-seconds must be positive'),
        (['--film-frames', 1], '--film-frames must be at least 2'),
    ],
)
def test_wrong_options(capsys, words, message):
    assert message in told(capsys, app_files.CONFIG, 'a.pth', *words)


@pytest.mark.usefixtures('with_gradio')
def test_wrong_networks(capsys, tmp_path):
    squeeze, plain = app_files.write_checkpoints(tmp_path)
    text = tmp_path / 'text.pth'
    text.write_text('no checkpoint')
    device = ['--port', 0, '--device', 'cpu']
    assert 'no such config' in told(capsys, tmp_path / 'no.py', squeeze, *device)
    assert 'no.pth' in told(capsys, app_files.CONFIG, tmp_path / 'no.pth', *device)
    assert 'text.pth' in told(capsys, app_files.CONFIG, text, *device)
    assert 'resnet18_motion.pth' in told(capsys, app_files.CONFIG, plain, *device)
    compare = ['--compare', app_files.CONFIG, plain]
    assert 'resnet18_motion.pth' in told(capsys, app_files.CONFIG, squeeze, *device, *compare)


def test_it_listens_on_this_machine_alone():
    with cli.listen('127.0.0.1', 0) as listening:
        assert cli.address_of(listening).startswith('http://127.0.0.1:')
