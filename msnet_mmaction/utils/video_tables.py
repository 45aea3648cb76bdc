"""Tables of videos that users write: csv files with a header."""

import csv
import io
import os
from pathlib import Path
from typing import NamedTuple

#: Names that a column may have in the header.
COLUMNS = {
    'path': ('path', 'file', 'filename', 'video'),
    'label': ('label', 'class', 'class_name'),
    'split': ('split', 'subset'),
    'source': ('source', 'group'),
}


class TableRow(NamedTuple):
    """A row. Cells that the table does not have are None.

    Attributes:
        path: The video.
        label: Its class.
        split: Its split.
        source: The recording that it was cut from.
    """

    path: Path
    label: str | None = None
    split: str | None = None
    source: str | None = None


def read_video_table(
    path: str | os.PathLike, root: str | os.PathLike | None = None
) -> list[TableRow]:
    """Read a csv file of videos, divided by commas, semicolons or tabs.

    Args:
        path: The file. Its first line names the columns: ``path``, and optionally ``label``,
            ``split`` and ``source``.
        root: Folder that relative paths are below; that of the csv file by default.

    Returns:
        A :class:`TableRow` for each row.

    Raises:
        ValueError: If it is not such a table, or is empty; it names the file and the line.
        FileNotFoundError: If there is no such file.
    """
    path = Path(path)
    root = path.parent if root is None else Path(root)
    try:
        text = path.read_text(encoding='utf-8-sig')
    except UnicodeDecodeError as error:
        raise ValueError(f'{path} is not a csv file in UTF-8: {error}') from error
    header = text.partition('\n')[0]
    divider = max(',;\t', key=header.count)
    rows = list(csv.reader(io.StringIO(text, newline=''), delimiter=divider))
    names = [name.strip().lower() for name in rows[0]] if rows else []
    places = {
        column: next((names.index(name) for name in known if name in names), None)
        for column, known in COLUMNS.items()
    }
    if places['path'] is None:
        raise ValueError(
            f'{path}: its first line must name the columns, such as path,label; it is '
            f'{header[:80].strip()!r}'
        )
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            raise ValueError(
                f'{path}, line {number}: {len(row)} cells instead of {len(names)}. A path that '
                'holds a comma stands in quotes'
            )
        cells = {
            column: row[place].strip() or None
            for column, place in places.items()
            if place is not None
        }
        video = cells.pop('path')
        if video is None:
            raise ValueError(f'{path}, line {number}: the path is empty')
        found.append(TableRow(root / video, **cells))
    if not found:
        raise ValueError(f'{path} has no rows')
    return found
