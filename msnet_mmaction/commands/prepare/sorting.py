"""The file of each clip, and the reasons why other files are not used."""

from collections import Counter
from collections.abc import Mapping, Sequence

from .checks import Check
from .download import Clip, Download, Split
from .media import Media
from .report import MISSING, Fault, Report


def sort_out(
    download: Download,
    names: Sequence[str],
    splits: list[Split],
    media: Mapping[str, Media],
    listed: Mapping[str, Mapping[str, str]],
    checks: Mapping[str, Check],
) -> tuple[Report, dict[str, list[str]]]:
    """Divide the clips into the lines of the lists and the faults of the report.

    Args:
        download: The data set.
        names: Class names in the order of the labels.
        splits: Its splits.
        media: The files, by the folder in the configs.
        listed: Path in a list of each checked file, by folder and name.
        checks: Results of the checks, by ``<folder>/<name>``.

    Returns:
        The report, and the lines of the lists by their names.
    """
    labels = {name: label for label, name in enumerate(names)}
    report = Report(download, names, splits)
    lists: dict[str, list[str]] = {}
    single = set()
    unlinked: set[str] = set()
    # Replacements that a split needs; all splits have the same ones to choose from.
    replacements: set[str] = set()
    for split in splits:
        lines = lists.setdefault(split.list_name, []) if split.list_name else []
        usable = report.usable[split.name] = Counter()
        files = media[split.folder]
        for clip in split.clips:
            found = files.find(clip)
            checked = [name for name in found if name in listed[split.folder]]
            replacements |= set(filter(files.is_replacement, found))
            unlinked.update(f'{split.folder}/{name}' for name in found if name not in checked)
            faults = {name: checks[f'{split.folder}/{name}'].fault for name in checked}
            good = next((name for name in checked if not faults[name]), None)
            used = f'; {split.folder}/{good} is used' if good else ''
            for name in checked if good else checked[1:]:
                why = faults[name] or 'it is a double'
                report.unused[f'{split.folder}/{name}'] = f'{why}{used}'
            if good is None:
                report.faults.append(_fault(split, clip, found, faults))
                continue
            where = f'{split.folder}/{good}'
            check = checks[where]
            report.used.add(where)
            usable[clip.class_name] += 1
            if files.is_replacement(good):
                report.replaced.add(where)
            if check.frames == 1:
                single.add(where)
            if check.damaged:
                report.damaged[where] = check.damaged
            if split.list_name:
                assert clip.class_name is not None  # a test split without labels has no list
                size = f' {check.frames}' if download.frames else ''
                path = listed[split.folder][good]
                lines.append(f'{path}{size} {labels[clip.class_name]}')
    report.single_frames = len(single)
    for place, files in media.items():
        for name in files.all():
            where = f'{place}/{name}'
            if where in unlinked:
                report.unused[where] = 'it replaces a file, and is not linked into the download'
            elif where not in checks and name not in replacements:
                report.unlisted.append(where)
        replacements |= set(filter(files.is_replacement, files.all()))
        report.unused |= {f'{place}/{name}': why for name, why in files.ignored.items()}
    report.unused = {name: why for name, why in report.unused.items() if name not in report.used}
    return report, lists


def _fault(split: Split, clip: Clip, found: list[str], faults: Mapping[str, str | None]) -> Fault:
    """The fault of a clip without a usable file."""
    unused = [name for name in found if name not in faults]
    more = f'; its official replacement {unused[0]} can take its place' if unused else ''
    if not faults:
        return Fault(split.name, clip, '', MISSING + more)
    name, fault = next(iter(faults.items()))
    others = f'; so are {len(faults) - 1} other files of it' if len(faults) > 1 else ''
    return Fault(split.name, clip, f'{split.folder}/{name}', f'{fault}{others}{more}')
