"""Try the package in environments of its own: Python, torch, NumPy and the stack in combinations.

    python tools/dev/matrix.py                         # all combinations
    python tools/dev/matrix.py lite onedl              # those of these names
    python tools/dev/matrix.py --environment FOLDER    # in an environment that you have made

Each combination gets a virtual environment: first its stack, as its users have it, then the wheel
of this checkout, which may change no distribution of mmengine and mmcv. Then ``smoke.py`` runs
in it, outside the checkout. The table that is printed last is that of docs/installation.md; a
step that fails shows the end of its log, and the script ends with an error.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SMOKE = Path(__file__).with_name('smoke.py')
#: Distributions that own the import names of the two stacks.
OWNERS = ('mmengine', 'mmengine-lite', 'onedl-mmengine', 'mmcv', 'mmcv-lite', 'onedl-mmcv')


@dataclass(frozen=True)
class Combination:
    """One environment: an interpreter and what pip installs before this package."""

    python: str
    requirements: tuple[str, ...]
    #: The package's extra that brings the stack, where it is not among the requirements.
    extra: str = ''


TORCH = 'torch==2.13.0'
LITE = ('mmengine==0.10.7', 'mmcv-lite==2.1.0')
COMBINATIONS = {
    'lite': Combination('python3.11', (TORCH, 'numpy==2.4.6', *LITE)),
    'lite-extra': Combination('python3.11', (TORCH, 'numpy==2.4.6'), 'lite'),
    'lite-numpy1': Combination('python3.11', (TORCH, 'numpy==1.26.4', *LITE)),
    # The lowest versions that setup.py takes: of all but torch, then of torch.
    'lite-lowest': Combination(
        'python3.11',
        (TORCH, 'numpy==1.23.5', 'mmengine==0.10.0', 'mmcv-lite==2.0.0', 'av==15.0.0'),
    ),
    'lite-torch-2.1': Combination('python3.10', ('torch==2.1.0', 'numpy==1.26.4', *LITE)),
    # Built without torch, as pip does by default, onedl-mmcv holds no compiled operations.
    'onedl': Combination('python3.11', (TORCH, 'numpy==2.4.6'), 'onedl'),
    'onedl-numpy1': Combination('python3.11', (TORCH, 'numpy==1.26.4'), 'onedl'),
    'lite-3.10': Combination('python3.10', (TORCH, 'numpy==2.2.6', *LITE)),
    'lite-3.12': Combination('python3.12', (TORCH, 'numpy==2.4.6', *LITE)),
    'lite-3.13': Combination('python3.13', (TORCH, 'numpy==2.4.6', *LITE)),
    'onedl-3.13': Combination('python3.13', (TORCH, 'numpy==2.4.6'), 'onedl'),
}


def main() -> int:
    """Run the combinations; the number of those that failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'of {", ".join(COMBINATIONS)}')
    parser.add_argument('--environment', type=Path, help='try this one, and make none')
    parser.add_argument('--dry-run', action='store_true', help='only have pip resolve what to take')
    parser.add_argument('--logs', type=Path, default=Path('work_dirs/matrix'), help='for the logs')
    args = parser.parse_args()
    if unknown := set(args.names) - set(COMBINATIONS):
        parser.error(f'no such combination: {", ".join(sorted(unknown))}')
    args.logs.mkdir(parents=True, exist_ok=True)

    with tempfile.TemporaryDirectory() as folder:
        rows = []
        if args.environment:
            log = args.logs / f'{args.environment.name}.log'
            rows.append(try_environment(args.environment, Path(folder), log))
        else:
            wheel = build_wheel(Path(folder))
            for name in args.names or COMBINATIONS:
                print(f'{name} ...', file=sys.stderr, flush=True)
                log = args.logs / f'{name}.log'
                rows.append(try_combination(name, wheel, Path(folder, name), log, args.dry_run))
    print('| Combination | Versions | Result |\n|---|---|---|')
    print('\n'.join(f'| {name} | {versions} | {result} |' for name, versions, result in rows))
    return sum(result not in ('passed', 'resolved, not run') for _, _, result in rows)


def try_combination(
    name: str, wheel: Path, folder: Path, log: Path, dry_run: bool
) -> tuple[str, str, str]:
    """Make the environment, try the package in it, and remove it; a row of the table."""
    combination = COMBINATIONS[name]
    interpreter = shutil.which(combination.python)
    wanted = ', '.join([combination.python, *combination.requirements])
    if interpreter is None:
        return name, wanted, f'not run: there is no {combination.python}'
    package = f'msnet_mmaction[{combination.extra}]' if combination.extra else 'msnet_mmaction'
    package = f'{package} @ {wheel.as_uri()}'
    python = str(folder / 'bin' / 'python')
    pip = [python, '-m', 'pip', 'install', '--disable-pip-version-check']
    log.write_text('')
    try:
        _logged([interpreter, '-m', 'venv', str(folder)], log)
        if dry_run:
            _logged([*pip, '--dry-run', *combination.requirements, package], log)
            return name, wanted, 'resolved, not run'
        _logged([*pip, *combination.requirements], log)
        before = stack_of(python)
        # Named again: else pip takes another NumPy for the newest OpenCV's sake.
        _logged([*pip, *combination.requirements, package], log)
        after = stack_of(python)
        if before and before != after:
            return name, wanted, f'failed: installing the package made {before} to {after}'
        return name, *try_environment(folder, folder / 'smoke', log)[1:]
    except subprocess.CalledProcessError as error:
        return name, wanted, f'failed: {" ".join(error.cmd[1:4])} ({log})'
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def try_environment(environment: Path, folder: Path, log: Path) -> tuple[str, str, str]:
    """Run ``smoke.py`` there; a row of the table."""
    python = str(environment / 'bin' / 'python')
    done = subprocess.run(
        [python, str(SMOKE), str(folder)],
        cwd=environment,
        env={key: value for key, value in os.environ.items() if key != 'PYTHONPATH'},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with log.open('a') as file:
        file.write(done.stdout)
    lines = done.stdout.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith('python ')), 0)
    end = next((i for i, line in enumerate(lines) if line.startswith('passed:')), start)
    versions = ', '.join(lines[start:end])
    if done.returncode == 0:
        return environment.name, versions, 'passed'
    print('\n'.join(lines[-15:]), file=sys.stderr)
    passed = [line.split()[1] for line in lines if line.startswith('passed:')]
    return environment.name, versions, f'failed after {", ".join(passed) or "nothing"} ({log})'


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout."""
    subprocess.run(
        [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '-w', folder, ROOT],
        check=True,
    )
    return next(folder.glob('*.whl'))


def stack_of(python: str) -> dict[str, str]:
    """The distributions of mmengine and mmcv in an environment, with their versions."""
    done = subprocess.run(
        [python, '-m', 'pip', 'list', '--format=json', '--disable-pip-version-check'],
        check=True,
        capture_output=True,
        text=True,
    )
    return {row['name']: row['version'] for row in json.loads(done.stdout) if row['name'] in OWNERS}


def _logged(command: list[str], log: Path) -> None:
    with log.open('a') as file:
        subprocess.run(command, check=True, stdout=file, stderr=subprocess.STDOUT)


if __name__ == '__main__':
    sys.exit(main())
