"""Division of videos into training and validation, with balanced classes and whole sources."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...datasets.errors import DataError


class Sourced(NamedTuple):
    """A video to be divided.

    Attributes:
        class_name: Its class.
        source: The recording that it was cut from. Videos of one source are not divided.
    """

    class_name: str
    source: str


def choose_validation(videos: Sequence[Sourced], share: float, seed: int) -> list[bool]:
    """Choose the videos for validation: at least one of each class, and not all of a class.

    The sources are shuffled and then visited from the largest to the smallest. A source is chosen
    if this brings the classes nearer to their shares.

    Args:
        videos: All videos.
        share: Share of each class for validation, from 0 to 1.
        seed: Seed of the shuffling.

    Returns:
        Whether each video is chosen.

    Raises:
        DataError: If all videos of a class have one source.
    """
    counts = Counter(video.class_name for video in videos)
    wanted = {name: max(1, round(share * count)) for name, count in counts.items()}
    contents: dict[str, Counter] = defaultdict(Counter)
    for video in videos:
        contents[video.source][video.class_name] += 1
    for name in counts:
        of_class = [source for source, content in contents.items() if name in content]
        if len(of_class) < 2:
            raise DataError(
                f"all {counts[name]} usable videos of the class '{name}' are of one source, "
                f"'{of_class[0]}': one is needed for training and another one for validation. Add "
                'videos, tell by --source what a source is, or give folders train and val'
            )
    sources = list(contents)
    np.random.default_rng(seed).shuffle(sources)
    sources.sort(key=lambda source: -contents[source].total())
    chosen: Counter = Counter()
    validation: set[str] = set()
    for source in sources:
        content = contents[source]
        leaves_some = all(chosen[n] + k < counts[n] for n, k in content.items())
        gain = sum(
            (chosen[n] - wanted[n]) ** 2 - (chosen[n] + k - wanted[n]) ** 2
            for n, k in content.items()
        )
        if leaves_some and gain > 0:
            validation.add(source)
            chosen += content
    for name in counts:
        if chosen[name]:
            continue
        for source in reversed(sources):
            content = contents[source]
            if name in content and all(chosen[n] + k < counts[n] for n, k in content.items()):
                validation.add(source)
                chosen += content
                break
        else:
            raise DataError(
                f"no source can be validated on for the class '{name}' and leave videos of all "
                'classes to train on: give folders train and val, or a csv with a column split'
            )
    return [video.source in validation for video in videos]
