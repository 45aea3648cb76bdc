"""``python -m msnet_mmaction COMMAND``: the commands, and how errors of users are reported."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from ..version import __version__

PROG = 'python -m msnet_mmaction'


class Command(NamedTuple):
    """A command. Its module is imported when it is called.

    Attributes:
        help: One line of help.
        module: Name of the module below ``commands``. It has ``add_arguments(parser)``;
            ``run(args)``, which returns an exit status or None; and ``USER_ERRORS``, the exceptions
            that bad input raises.
        arguments: First arguments of the module, if the command is an abbreviation.
    """

    help: str
    module: str
    arguments: tuple[str, ...] = ()


COMMANDS = {
    'train': Command("train a network (mmaction2's train.py)", 'tool.cli', ('train.py',)),
    'test': Command("test a network (mmaction2's test.py)", 'tool.cli', ('test.py',)),
    'dist': Command('run train or test in several processes', 'dist.cli'),
    'prepare': Command('check videos and write the lists, or config, to train on', 'prepare.cli'),
    'predict': Command('predict the classes of videos', 'predict.cli'),
    'browse': Command('draw samples as the network sees them', 'browse.cli'),
    'cache': Command('write the frames of a split into one file', 'cache.cli'),
    'flow': Command('compute the TV-L1 flow of a data set', 'flow.cli'),
    'demo': Command('train, test and show a small network on generated videos', 'demo.cli'),
    'motion-data': Command('write the generated videos of the demo', 'demo.motion_data_cli'),
    'visualize': Command('draw the motion that a network finds in videos', 'visualize.cli'),
    'cam': Command(
        "draw class activation over a video (mmaction2's vis_cam.py)",
        'tool.cli',
        ('visualizations/vis_cam.py',),
    ),
    'app': Command('open a local web page that shows what a network finds in a video', 'app.cli'),
    'motion-quality': Command('measure how true that motion is', 'motion_quality.cli'),
    'convert': Command('write a checkpoint of another layout as one of MMEngine', 'convert.cli'),
    'export': Command('write a trained network as ONNX or torch.export', 'export.cli'),
    'report-accuracy': Command(
        "accuracy of fused scores (mmaction2's report_accuracy.py)",
        'tool.cli',
        ('analysis_tools/report_accuracy.py',),
    ),
    'benchmark': Command('measure speed and memory on this machine', 'benchmark.cli'),
    'gpu': Command("prove and measure the package on this machine's GPU", 'gpu.cli'),
    'reproduce': Command("the paper's tables: list, run, report", 'reproduce.cli'),
    'configs': Command('list the configs of the package, or tell the path of one', 'configs.cli'),
    'tool': Command('run any script of mmaction2 with this package imported', 'tool.cli'),
}


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m msnet_mmaction``.

    Args:
        arguments: The command and its arguments; by default those of this process.

    Returns:
        The exit status.
    """
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog=PROG,
        usage=f'{PROG} COMMAND [ARGUMENTS ...]',
        description='MotionSqueeze for MMAction2. Commands:\n\n'
        + '\n'.join(f'  {name:{width}}  {command.help}' for name, command in COMMANDS.items()),
        epilog=f'{PROG} COMMAND --help shows the arguments of a command.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--version', action='version', version=__version__)
    parser.add_argument('command', choices=COMMANDS, help=argparse.SUPPRESS)
    parser.add_argument('arguments', nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    return run_command(args.command, args.arguments, f'{PROG} {args.command}')


def run_command(name: str, arguments: list[str] | None = None, prog: str | None = None) -> int:
    """Run a command.

    Args:
        name: One of :data:`COMMANDS`.
        arguments: Its arguments; by default those of this process.
        prog: Name of the command in its help; by default that of this process.

    Returns:
        The exit status: 2 after an error of the user.
    """
    command = COMMANDS[name]
    module = import_module(f'{__package__}.{command.module}')
    parser = argparse.ArgumentParser(
        prog=prog,
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments = sys.argv[1:] if arguments is None else arguments

    def parse_and_run() -> int | None:
        module.add_arguments(parser)
        return module.run(parser.parse_args([*command.arguments, *arguments]))

    return exit_status(parse_and_run, *module.USER_ERRORS)


def exit_status(run: Callable[[], int | None], *errors: type[Exception]) -> int:
    """Run a command; print errors of the user in one line, without a traceback.

    Args:
        run: The command.
        errors: Exceptions that bad input raises.

    Returns:
        Its exit status, 0 for None; 2 after such an error; 130 after Ctrl-C.
    """
    try:
        return run() or 0
    except errors as error:
        print(f'error: {" ".join(str(error).split())}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return 130
