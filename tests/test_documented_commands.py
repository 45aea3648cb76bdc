"""The command lines that the pages show are of commands and options that there are."""

import argparse
import importlib
import re
from pathlib import Path

import pytest

from msnet_mmaction.commands.cli import COMMANDS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *(ROOT / 'docs').rglob('*.md')]
#: Their options are those of MMAction2's scripts.
OF_MMACTION2 = {name for name, command in COMMANDS.items() if command.module == 'tool.cli'}


def command_lines():
    """Command and options of each line, with the lines that continue it."""
    for page in PAGES:
        text = page.read_text().replace('\\\n', ' ')
        for script, command, rest in re.findall(
            r'python (?:(tools/[\w/]+\.py)|-m msnet_mmaction ([a-z][\w-]*))([^\n`]*)', text
        ):
            if script.startswith('tools/dev/'):
                continue
            if script:
                (command,) = re.findall(r"run_command\('([\w-]+)'", (ROOT / script).read_text())
            rest = rest.partition(' #')[0]
            yield (
                page.name,
                command,
                ' '.join(sorted(set(re.findall(r'(?<=\s)--[a-z][\w-]*', rest)))),
            )


LINES = sorted(set(command_lines()))


def options_of(parser):
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= {o for child in action.choices.values() for o in options_of(child)}
    return found


def test_the_page_of_commands_has_them_all():
    text = (ROOT / 'docs' / 'commands.md').read_text()
    table = ' '.join(re.findall(r'^\| (`.*?) \|', text, re.M))
    assert set(re.findall(r'`([\w-]+)', table)) == set(COMMANDS)


@pytest.mark.parametrize(('page', 'command', 'options'), LINES)
def test_commands_and_options(page, command, options):
    assert command in COMMANDS
    if command in OF_MMACTION2 | {'dist'}:
        return
    parser = argparse.ArgumentParser()
    module = importlib.import_module(f'msnet_mmaction.commands.{COMMANDS[command].module}')
    module.add_arguments(parser)
    assert set(options.split()) <= options_of(parser)
