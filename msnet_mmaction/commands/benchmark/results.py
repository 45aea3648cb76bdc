"""Results as JSON, written after each result, so that an interrupted run keeps the first ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...utils.files import atomic_write_bytes


def write_results(
    path: Path | None, machine: Mapping[str, object], results: Sequence[Any], **settings: object
) -> None:
    """Write the results so far.

    Args:
        path: File to write; None writes nothing.
        machine: Result of :func:`.machine.describe_machine`.
        results: Dataclasses.
        **settings: Further keys of the file.
    """
    if path is not None:
        content = {'machine': machine, **settings, 'results': [asdict(r) for r in results]}
        atomic_write_bytes(path, (json.dumps(content, indent=2) + '\n').encode())
