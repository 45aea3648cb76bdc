"""The sdist holds what git holds, and both make one wheel: called by check_wheel.sh."""

import sys
import zipfile
from pathlib import Path


def wheel_content(folder: Path) -> dict[str, bytes]:
    """Files of the wheel in a folder, without the list of its own hashes."""
    (path,) = folder.glob('*.whl')
    with zipfile.ZipFile(path) as wheel:
        return {n: wheel.read(n) for n in wheel.namelist() if not n.endswith('RECORD')}


def main(work: Path) -> None:
    """Compare; a difference ends the process."""
    names = {name for name in (work / 'files').read_text().split('\0') if name}
    lacking = {name for name in names if not (work / 'sdist' / name).is_file()} - {'.gitignore'}
    assert not lacking, f'the sdist lacks {sorted(lacking)}'

    wheel, other = wheel_content(work / 'wheel_source'), wheel_content(work / 'wheel_sdist')
    assert wheel.keys() == other.keys(), wheel.keys() ^ other.keys()
    assert all(wheel[name] == other[name] for name in wheel)
    for name in names:
        if name.startswith('tools/dev/'):
            assert f'msnet_mmaction/.mim/{name}' not in wheel
        elif name.startswith(('configs/', 'tools/')) or name == 'model-index.yml':
            assert wheel[f'msnet_mmaction/.mim/{name}'] == (work / 'source' / name).read_bytes()
        elif name.startswith('msnet_mmaction/'):
            assert name in wheel, f'the wheel lacks {name}'
    assert not [n for n in wheel if not n.startswith(('msnet_mmaction/', 'msnet_mmaction-'))]

    (metadata,) = (text.decode() for name, text in wheel.items() if name.endswith('METADATA'))
    description = metadata.partition('\n\n')[2]
    for start in ('](docs/', '](configs/', '](tests/'):
        assert start not in description, f'a relative link: {start}'
    print(f'{len(names)} files in the sdist, {len(wheel)} in the wheel')


if __name__ == '__main__':
    main(Path(sys.argv[1]))
