"""``python -m msnet_mmaction``: what there is, told errors, and mmaction2's own scripts."""

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from msnet_mmaction.commands.cli import COMMANDS, exit_status, main
from tests.helpers.processes import ROOT, run_python


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as stop:
        main(['--help'])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert re.search(rf'^  {name} +{re.escape(command.help)}$', printed, re.M)


def test_help_imports_no_command():
    code = (
        'import sys\n'
        'from msnet_mmaction.commands.cli import main\n'
        "try: main(['--help'])\n"
        'except SystemExit: pass\n'
        "print([m for m in sys.modules if m.startswith('msnet_mmaction.commands.')])"
    )
    run = run_python('-c', code)
    assert run.stdout.splitlines()[-1] == "['msnet_mmaction.commands.cli']"


@pytest.mark.parametrize('name', [n for n, c in COMMANDS.items() if not c.arguments])
def test_each_command_has_help(name, capsys):
    module = import_module(f'msnet_mmaction.commands.{COMMANDS[name].module}')
    assert module.USER_ERRORS
    with pytest.raises(SystemExit) as stop:
        main([name, '--help'])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f'usage: python -m msnet_mmaction {name} ')
    assert module.__doc__.splitlines()[0] in printed


@pytest.mark.parametrize('name', [n for n, c in COMMANDS.items() if c.arguments])
def test_help_of_mmactions_scripts_is_their_own(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', sys.argv)
    with pytest.raises(SystemExit) as stop:
        main([name, '--help'])
    assert stop.value.code == 0
    script = Path(COMMANDS[name].arguments[0]).name
    assert capsys.readouterr().out.startswith(f'usage: {script} ')


def test_unknown_command(capsys):
    with pytest.raises(SystemExit) as stop:
        main(['trian'])
    assert stop.value.code == 2
    assert "invalid choice: 'trian'" in capsys.readouterr().err


def test_tools_are_twins_of_the_commands():
    """Each is the same five lines, and each command of ours has one."""
    called = set()
    for path in (*ROOT.glob('tools/*.py'), *ROOT.glob('tools/data/*.py')):
        text = path.read_text()
        (command,) = re.findall(r"run_command\('([\w-]+)'\)", text)
        called.add(command)
        head, _, code = text.partition('\n\n')
        assert head.endswith(f': ``python -m msnet_mmaction {command}``."""')
        assert code == (
            'import sys\n\nfrom msnet_mmaction.commands.cli import run_command\n\n'
            f"if __name__ == '__main__':\n    sys.exit(run_command('{command}'))\n"
        )
    # dist has shell scripts; the others are new, and come without the repository's tools.
    assert set(COMMANDS) - called == {'dist', 'configs', 'tool'}


def test_a_tool_hands_on_arguments_and_status(tmp_path):
    run = run_python(ROOT / 'tools' / 'convert_checkpoint.py', 'a b.pth', 'c.pth', cwd=tmp_path)
    assert run.returncode == 2
    (line,) = [line for line in run.stderr.splitlines() if line.startswith('error: ')]
    assert 'a b.pth' in line


def test_exit_status(capsys):
    def fail(error):
        raise error

    assert exit_status(lambda: None, OSError) == 0
    assert exit_status(lambda: 1, OSError) == 1
    assert exit_status(lambda: fail(FileNotFoundError('in\n  two lines')), OSError) == 2
    assert capsys.readouterr().err == 'error: in two lines\n'
    assert exit_status(lambda: fail(KeyboardInterrupt()), OSError) == 130
    with pytest.raises(ValueError, match='a bug'):
        exit_status(lambda: fail(ValueError('a bug')), OSError)


def test_configs_by_name(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(['configs', 'ablations/table3/ks']) == 0
    assert Path(capsys.readouterr().out.strip()) == ROOT / 'configs' / 'ablations/table3/ks.py'
    assert main(['configs', 'demo/*']) == 0
    assert 'demo/msnet_r18_motion\n' in capsys.readouterr().out
    assert main(['configs', 'msnet_r50_shtv1']) == 2
    assert "no config 'msnet_r50_shtv1'; did you mean msnet_r50_sthv1" in capsys.readouterr().err
    assert main(['browse', 'nobody::a.py', 'out']) == 2
    assert "there is no package 'nobody'" in capsys.readouterr().err


def test_a_script_of_mmaction_by_its_name(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', sys.argv)
    config = 'msnet_mmaction::demo/msnet_r18_motion.py'
    assert main(['tool', 'analysis_tools/print_config.py', config]) == 0
    assert "type='MotionRecognizer2D'" in capsys.readouterr().out
    words = ['tool', 'analysis_tools/print_config.py', config, '--options', 'address=a::b']
    assert main(words) == 0
    assert "address = 'a::b'" in capsys.readouterr().out
    assert main(['tool', 'get_flops.py']) == 2
    assert 'did you mean analysis_tools/get_flops.py?' in capsys.readouterr().err


def test_processes_must_be_positive(capsys):
    assert main(['dist', '0', 'train', 'config.py']) == 2
    assert 'PROCESSES must be positive, not 0' in capsys.readouterr().err


def test_the_documentation_names_every_command_and_its_script():
    text = (ROOT / 'docs' / 'commands.md').read_text()
    rows = re.findall(r'^\| (`.*?) \| (.*?) \|', text, re.M)
    commands = re.findall(r'`([\w-]+)', ' '.join(commands for commands, _ in rows))
    assert set(commands) == set(COMMANDS)
    scripts = re.findall(r'`(tools/[\w/.]+)`', ' '.join(scripts for _, scripts in rows))
    assert len(scripts) > 15
    assert all((ROOT / script).is_file() for script in scripts)
