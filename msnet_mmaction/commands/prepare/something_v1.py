"""Something-Something V1: folders of jpg frames, csv files of ``id;label``."""

from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from .download import Download, Split, find_file, read_frame_splits, read_lines

_PUBLISHED = {'train': 86_017, 'val': 11_522, 'test': 10_960}


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``something-something-v1-{labels,train,validation,test}.csv``; the last may lack."""
    labels = find_file(root, 'something-something-v1-labels.csv')
    published = read_lines(labels)
    if sorted(published) != sorted(names):
        odd = sorted(set(published) ^ set(names))
        raise DataError(f"{labels} does not name the classes of the data set, as for '{odd[0]}'")
    return read_frame_splits(root, 'something-something-v1', 'sthv1', names, _PUBLISHED)


DOWNLOAD = Download(
    dataset='sthv1',
    classes='sthv1',
    folders={'rawframes': ('rawframes', '20bn-something-something-v1')},
    read_splits=read_splits,
    frames=True,
    published=108_499,
)
