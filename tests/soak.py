"""Kill trainings at random, resume them, and compare them with those that nothing disturbed.

    make soak                                          # or, with other numbers:
    python tests/soak.py --processes 1 2 --kills 50 --seed 0

Small networks on generated videos, trained by tools/train.py, with data workers, augmentation,
dropout and validations. SIGKILL goes to all processes of a run at a random moment after it has
begun; the run is then resumed, until it is through. Its last checkpoint must equal, to the last
bit, that of the run that was left alone: weights, average, optimizer, schedulers, logged losses.
Exits with status 1 if one does not.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from msnet_mmaction.engine.checkpoint_files import latest_whole_checkpoint  # noqa: E402
from tests.helpers.interrupted_runs import (  # noqa: E402
    assert_equal,
    final_state,
    write_config,
    write_data,
)

EPOCHS = 6
#: The log says so when the hooks and the data are built, and training begins.
BEGINS = 'Checkpoints will be saved'


def command(config: Path, processes: int) -> list[str]:
    """Train, or resume; on several processes by torchrun."""
    options = ['--resume', '--cfg-options', 'default_hooks.interruption.interval=3']
    if processes == 1:
        return [sys.executable, str(ROOT / 'tools' / 'train.py'), str(config), *options]
    with socket.socket() as free:
        free.bind(('localhost', 0))
        port = free.getsockname()[1]
    launch = ['-m', 'torch.distributed.run', f'--nproc_per_node={processes}']
    script = str(ROOT / 'tools' / 'train.py')
    return [sys.executable, *launch, f'--master_port={port}', script, str(config),
            '--launcher', 'pytorch', *options]  # fmt: skip


def run(config: Path, processes: int, kill_after: float | None = None) -> bool:
    """Run it, killed so many seconds after it begins.

    Returns:
        Whether it came to its end.

    Raises:
        RuntimeError: If it fails.
    """
    env = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    log = config.with_name('printed.log')
    with log.open('w') as file:
        process = subprocess.Popen(
            command(config, processes),
            env=env, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        while process.poll() is None and BEGINS not in log.read_text():
            time.sleep(0.02)
        try:
            process.wait(kill_after)
        except subprocess.TimeoutExpired:
            # torchrun's processes have sessions of their own.
            for pid in [*_descendants(process.pid), process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            return False
    if process.returncode:
        raise RuntimeError(f'{config.parent} failed:\n{log.read_text()[-4000:]}')
    return True


def soak(work: Path, processes: int, kills: int, chance: random.Random) -> dict[str, int]:
    """Kill and resume runs, until so many kills are survived."""
    data = write_data(work / 'data')
    options = dict(epochs=EPOCHS, batch_size=1)
    whole = write_config(data, work / 'whole', **options)
    name = f'epoch_{EPOCHS}.pth'
    run(whole, processes)
    # What the epochs took: the end of the processes takes longer.
    written = [(whole.parent / file).stat().st_mtime for file in (f'epoch_{EPOCHS - 1}.pth', name)]
    seconds = EPOCHS * (written[1] - written[0])
    expected = final_state(whole.parent, name)
    counts = dict(kills=0, runs=0, unfinished=0, anew=0)
    while counts['kills'] < kills:
        config = write_config(data, work / 'killed', **options)
        # Anywhere in what is left, or by chance after it.
        while not run(config, processes, chance.uniform(0, seconds)):
            counts['kills'] += 1
            left = list(config.parent.glob('.*.pth'))
            counts['unfinished'] += bool(left)
            path, _ = latest_whole_checkpoint(config.parent)
            counts['anew'] += path is None
            done = path.name if path else 'nothing'
            print(f'{processes} processes, kill {counts["kills"]}: {done} to resume', flush=True)
        assert_equal(final_state(config.parent, name), expected)
        counts['runs'] += 1
        print(f'{processes} processes: run {counts["runs"]} equals the undisturbed', flush=True)
        shutil.rmtree(config.parent)
    return counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--processes', type=int, nargs='+', default=[1, 2])
    parser.add_argument('--kills', type=int, default=50, help='on each number of processes')
    parser.add_argument('--seed', type=int, default=0, help='of the moments of the kills')
    args = parser.parse_args(arguments)
    for processes in args.processes:
        with tempfile.TemporaryDirectory(prefix='soak_') as folder:
            began = time.monotonic()
            try:
                counts = soak(Path(folder), processes, args.kills, random.Random(args.seed))
            except AssertionError as error:
                print(f'{processes} processes: DIFFERENT in {error}')
                return 1
            print(
                f'{processes} processes: {counts["kills"]} kills survived in {counts["runs"]} runs '
                f'({counts["unfinished"]} while a checkpoint was written, {counts["anew"]} before '
                f'the first); all equal; {(time.monotonic() - began) / 60:.0f} minutes',
                flush=True,
            )
    return 0


def _descendants(pid: int) -> list[int]:
    children = Path(f'/proc/{pid}/task/{pid}/children')
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [each for child in found for each in (child, *_descendants(child))]


if __name__ == '__main__':
    sys.exit(main())
