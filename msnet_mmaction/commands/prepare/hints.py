"""Hints for users: missing clips under other names, clips that occur twice."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ...utils.video_files import is_video_file
from .download import Split
from .names import key


class RenamedFiles:
    """Files that may be missing clips under other names.

    Args:
        paths: Files that no clip is read from.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._files: dict[str, str] = {}
        self._parts: dict[str, str] = {}
        for path in paths:
            name = path.rpartition('/')[2]
            if not _may_be_video(name):
                continue
            # "12 (1).webm" is 12, not 1.
            plain = re.sub(r'\s*\(\d+\)', '', name)
            for stem in (name, plain):
                while stem:
                    self._files.setdefault(key(stem).casefold(), path)
                    stem = stem.rpartition('.')[0]
            for part in re.split(r'[\s.()\[\]]+', plain):
                self._parts.setdefault(key(part).casefold(), path)

    def find(self, clip: str) -> str | None:
        """The file that may be a clip, by its name; None if there is none."""
        name = key(clip.rpartition('/')[2]).casefold()
        return self._files.get(name) or self._parts.get(name)


def _may_be_video(name: str) -> bool:
    """Whether a file is a video, a folder of frames, or a download that was not finished."""
    parts = name.split('.')[1:]
    return not parts or any(is_video_file(f'x.{part}') for part in parts)


def repeated_clips(splits: Sequence[Split]) -> Iterator[str]:
    """Say which clips are in two splits, or twice in one.

    Splits of one number are compared, such as "train 2" and "val 2" of HMDB-51.
    """
    names = {
        split.name: Counter(key(os.path.basename(clip.name)) for clip in split.clips)
        for split in splits
    }
    for place, (first, clips) in enumerate(names.items()):
        if twice := [name for name, count in clips.items() if count > 1]:
            yield f'{len(twice):,} clips are annotated twice in {first}, such as {twice[0]}'
        for second, others in [*names.items()][place + 1 :]:
            if first.partition(' ')[2] != second.partition(' ')[2]:
                continue
            if both := [name for name in clips if name in others]:
                yield (
                    f'{len(both):,} clips are in both {first} and {second}, such as {both[0]}: '
                    'results on them are not those of unseen videos'
                )
