"""What a part has found, from the files that it left."""

import json
from pathlib import Path
from xml.etree import ElementTree

from .parts import Part

#: One value each, or one row each.
Findings = dict[str, object] | list[dict[str, object]]


def findings_of(part: Part) -> Findings | None:
    """What a part has found; None if it left nothing."""
    if part.results is None or not part.results.is_file():
        return None
    if part.name == 'tests':
        return _tests(part.results)
    content = json.loads(part.results.read_text())
    if part.name == 'demo':
        return _demo(content, part.results.parent)
    if part.name == 'loader':
        return [_without(result, 'difference', 'mean_difference') for result in content['results']]
    return content['results'] or None


def _tests(path: Path) -> dict[str, object]:
    suites = ElementTree.parse(path).getroot().iter('testsuite')
    counts = dict.fromkeys(('tests', 'failures', 'errors', 'skipped'), 0)
    found: dict[str, object] = {}
    broken, skipped = [], []
    for suite in suites:
        for name in counts:
            counts[name] += int(suite.get(name, 0))
        for case in suite.iter('testcase'):
            if case.find('failure') is not None or case.find('error') is not None:
                broken.append(case.get('name'))
            if (skip := case.find('skipped')) is not None:
                skipped.append(skip.get('message', ''))
    passed = counts['tests'] - counts['failures'] - counts['errors'] - counts['skipped']
    found['passed'] = passed
    found['failed'] = counts['failures'] + counts['errors']
    if broken:
        found['of them'] = ', '.join(map(str, broken))
    for reason in dict.fromkeys(skipped):
        found[f'skipped: {reason}'] = skipped.count(reason)
    return found


def _demo(content: dict, folder: Path) -> dict[str, object]:
    (result,) = content.values()
    found: dict[str, object] = {'top-1 (chance is 0.125)': result['top1']}
    steps: list[dict] = []
    # The last of the trainings in this folder; a test has no losses.
    for path in sorted(folder.glob('*/vis_data/2*.json')):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        steps = [line for line in lines if 'loss' in line] or steps
    if steps:
        waiting = sum(step['data_time'] for step in steps) / sum(step['time'] for step in steps)
        found |= {
            'loss, first logged': steps[0]['loss'],
            'loss, last': steps[-1]['loss'],
            "the loader's share of the training time": waiting,
        }
    return found


def _without(result: dict, *names: str) -> dict:
    flat = {name: value for name, value in result.items() if name not in (*names, 'shares')}
    return flat | {f'share of {name}': value for name, value in result['shares'].items()}
