"""The report of a preparation."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

from ...utils.files import atomic_write_bytes
from .download import Clip, Download, Split
from .hints import RenamedFiles, repeated_clips
from .names import printable

#: The fault of a clip without a file.
MISSING = 'it is missing'


class Fault(NamedTuple):
    """A clip that is in no list, and the reason."""

    split: str
    clip: Clip
    #: Its file, below the data set's folder; empty if it is missing.
    path: str
    text: str


@dataclass
class Report:
    """The report of a preparation.

    Attributes:
        download: The data set.
        names: Class names in the order of the labels.
        splits: Its splits.
        faults: Clips that cannot be used.
        usable: Number of usable clips, by split and class.
        single_frames: Number of usable files of one frame.
        damaged: Number of damaged frames, by usable file.
        used: Files of clips in the lists.
        replaced: Official replacements among them.
        unlisted: Videos that no annotation names.
        unused: Reason for each other file that is not used.
    """

    download: Download
    names: Sequence[str]
    splits: list[Split]
    faults: list[Fault] = field(default_factory=list)
    usable: dict[str, Counter] = field(default_factory=dict)
    single_frames: int = 0
    damaged: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    unlisted: list[str] = field(default_factory=list)
    unused: dict[str, str] = field(default_factory=dict)

    def empty_splits(self) -> list[str]:
        """Splits without a usable clip, whose lists are not written."""
        return [s.name for s in self.splits if s.list_name and not self.usable[s.name].total()]

    def annotated(self) -> int:
        """Number of videos in the annotation files."""
        return len({(s.folder, clip.name) for s in self.splits for clip in s.clips})

    def mismatches(self) -> list[str]:
        """Differences of the annotation files from the published numbers of clips."""
        counts = [(split.name, len(split.clips), split.published) for split in self.splits]
        counts.append(('all', self.annotated(), self.download.published))
        return [
            f'{name} {count:,} instead of {published:,}'
            for name, count, published in counts
            if published is not None and count != published
        ]

    def write(self, folder: Path) -> None:
        """Write the report, and tables of the classes, the faults, and the hints."""
        atomic_write_bytes(folder / 'report.txt', f'{self}\n'.encode())
        rows = [['label', 'class', *(split.name for split in self.splits)]]
        for label, name in enumerate(self.names):
            counts = [str(self.usable[split.name][name]) for split in self.splits]
            rows.append([str(label), name, *counts])
        _write_table(folder / 'classes.tsv', rows)
        hints = RenamedFiles([*self.unlisted, *self.unused])
        rows = [['split', 'name', 'class', 'file', 'fault']]
        for fault in self.faults:
            clip = fault.clip
            hint = hints.find(clip.name) if fault.text == MISSING else None
            more = f'; is it {hint}?' if hint else ''
            rows.append(
                [fault.split, clip.name, clip.class_name or '', fault.path, fault.text + more]
            )
        _write_table(folder / 'faults.tsv', rows)
        rows = [['file', 'damaged frames'], *([p, str(n)] for p, n in self.damaged.items())]
        _write_table(folder / 'damaged.tsv', rows)
        rows = [['file', 'why'], *([p, 'no annotation names it'] for p in self.unlisted)]
        rows += ([path, why] for path, why in self.unused.items())
        _write_table(folder / 'unused.tsv', rows)

    def __str__(self) -> str:
        lines = [
            f'{self.download.dataset}: {self.annotated():,} videos are annotated',
            f'{"split":10}{"annotated":>11}{"published":>11}{"usable":>9}{"missing":>9}{"broken":>8}',
        ]
        for split in self.splits:
            missing = sum(1 for f in self.faults if f.split == split.name and not f.path)
            broken = sum(1 for f in self.faults if f.split == split.name and f.path)
            published = '-' if split.published is None else f'{split.published:,}'
            lines.append(
                f'{split.name:10}{len(split.clips):11,}{published:>11}'
                f'{len(split.clips) - missing - broken:9,}{missing:9,}{broken:8,}'
            )
        lines += ['', *self._remarks()]
        return '\n'.join(lines)

    def _remarks(self) -> list[str]:
        remarks = []
        mismatches = self.mismatches()
        if mismatches:
            remarks.append(
                f'The annotation files do NOT have the published counts: {"; ".join(mismatches)}.'
            )
        elif self.download.published is not None:
            remarks.append(f'The counts are the published ones ({self.download.published:,}).')
        if self.download.note:
            remarks.append(self.download.note)
        if self.download.unique_names:
            remarks += [f'{text}.' for text in repeated_clips(self.splits)]
        for split in self.splits:
            if split.list_name is None:
                continue
            if split.name in self.empty_splits():
                remarks.append(
                    f'{split.name}: NOT ONE clip is usable; {split.list_name} is not written.'
                )
                continue
            counts = [self.usable[split.name][name] for name in self.names]
            empty = [name for name, count in zip(self.names, counts, strict=True) if not count]
            remark = (
                f'{split.name}: {min(counts):,} to {max(counts):,} usable clips a class, '
                f'median {median(counts):,.0f}'
            )
            if empty:
                remark += f"; {len(empty)} classes have none, such as '{empty[0]}'"
            remarks.append(f'{remark}.')
        files = {(fault.clip.name, fault.path) for fault in self.faults}
        if files:
            first = next((fault for fault in self.faults if fault.path), self.faults[0])
            remarks.append(
                f'{len(files):,} videos are LEFT OUT of the lists: faults.tsv names them, such as '
                f'{printable(first.path) or first.clip.name}: {first.text}. Results on what is '
                'left are not those of the whole data set.'
            )
        if self.replaced:
            remarks.append(
                f'{len(self.replaced):,} videos are read from {self.download.replacements[0]}, as '
                'those in their place are missing or broken.'
            )
        if self.single_frames:
            remarks.append(
                f'{self.single_frames:,} usable videos have one frame, which is repeated.'
            )
        if self.damaged:
            remarks.append(
                f'{len(self.damaged):,} usable videos have damaged frames, which decoders conceal: '
                'damaged.tsv.'
            )
        if self.unlisted:
            remarks.append(f'{len(self.unlisted):,} videos are named by no annotation: unused.tsv.')
        if self.unused:
            remarks.append(
                f'{len(self.unused):,} other files are not used, being no videos, broken or '
                'doubles: unused.tsv.'
            )
        return remarks


def _write_table(path: Path, rows: list[list[str]]) -> None:
    # A name may hold what divides the cells and the lines.
    cells = ([re.sub(r'[\t\n\r]', '?', cell) for cell in row] for row in rows)
    text = ''.join('\t'.join(row) + '\n' for row in cells)
    atomic_write_bytes(path, printable(text).encode())
