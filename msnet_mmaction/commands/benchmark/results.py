"""Results as JSON, written after each of them: a run that is stopped leaves what it had."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...utils.files import atomic_write_bytes


def write_results(
    path: Path | None, machine: Mapping[str, object], results: Sequence[Any], **settings: object
) -> None:
    """Write what was measured so far.

    Args:
        path: File to write; None writes nothing.
        machine: What :func:`.machine.describe_machine` tells.
        results: Dataclasses.
        **settings: What else a reader needs to know.
    """
    if path is not None:
        content = {'machine': machine, **settings, 'results': [asdict(r) for r in results]}
        atomic_write_bytes(path, (json.dumps(content, indent=2) + '\n').encode())
