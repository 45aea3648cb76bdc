"""Reading files from storages, by the arguments that mmaction2's decoders have."""

import os

from mmengine.fileio import get


def storage_arguments(io_backend: str, backend_args: dict | None, arguments: dict) -> dict | None:
    """The ``backend_args`` of :func:`mmengine.fileio.get`.

    Args:
        io_backend: Name of a storage, such as ``petrel``, ``lmdb`` or ``http``. With ``disk`` the
            prefix of a path selects it, such as that of a URL.
        backend_args: The arguments as mmengine's own transforms take them; they replace
            ``io_backend`` and ``arguments``.
        arguments: Arguments of the storage ``io_backend``.

    Raises:
        TypeError: If ``arguments`` are given for the disk.
        ValueError: If the storage is given in both ways.
    """
    if backend_args is not None:
        if io_backend != 'disk' or arguments:
            raise ValueError(
                'give backend_args, or io_backend with its arguments, not both; got '
                f'backend_args={backend_args}, io_backend={io_backend!r}, {arguments}'
            )
        return backend_args
    if io_backend in ('disk', 'local'):
        if arguments:
            raise TypeError(f'io_backend={io_backend!r} takes no arguments, got {arguments}')
        return None
    return dict(backend=io_backend, **arguments)


def read_bytes(path: str | os.PathLike, backend_args: dict | None = None) -> bytes:
    """Read a file.

    Args:
        path: The file.
        backend_args: Its storage; see :func:`mmengine.fileio.get`.

    Raises:
        OSError: If it can't be read, or a storage has no such file.
    """
    data = get(path, backend_args)
    if data is None:  # of a database without that key
        raise FileNotFoundError(f'{path} is not in {backend_args}')
    return bytes(data)
