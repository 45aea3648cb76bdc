from pathlib import Path

import msnet_mmaction
from msnet_mmaction.utils.processes import map_in_processes, process_pool


def test_there_is_one_pool_of_processes():
    """Its workers end with a killed parent, which tests/commands/flow shows; others would not."""
    package = Path(msnet_mmaction.__file__).parent
    users = [
        path.relative_to(package).as_posix()
        for path in package.rglob('*.py')
        if 'ProcessPoolExecutor(' in path.read_text(encoding='utf-8')
    ]
    assert users == ['utils/processes.py']


def test_results_come_in_the_order_of_the_tasks():
    assert list(map_in_processes(abs, [-2, 1, -3], workers=1)) == [2, 1, 3]
    with process_pool(1) as pool:
        assert list(pool.map(abs, [-2, 1, -3])) == [2, 1, 3]
