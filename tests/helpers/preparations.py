"""What ``prepare`` writes, read back."""

from pathlib import Path

#: The lists of each data set, by their names.
LISTS = dict(
    sthv1=['sthv1_train_list_rawframes.txt', 'sthv1_val_list_rawframes.txt'],
    sthv2=['sthv2_train_list_videos.txt', 'sthv2_val_list_videos.txt'],
    kinetics400=['kinetics400_train_list_videos.txt', 'kinetics400_val_list_videos.txt'],
    hmdb51=[f'hmdb51_{s}_split_{i}_videos.txt' for i in (1, 2, 3) for s in ('train', 'val')],
    ucf101=[f'ucf101_{s}_split_{i}_videos.txt' for i in (1, 2, 3) for s in ('train', 'val')],
    jester=['jester_train_list_rawframes.txt', 'jester_val_list_rawframes.txt'],
    diving48=['diving48_train_list_videos.txt', 'diving48_val_list_videos.txt'],
)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def faults(out: Path) -> dict[tuple[str, str], str]:
    """The fault of each clip that is left out, by its split and name."""
    rows = [line.split('\t') for line in lines(out / 'preparation' / 'faults.tsv')[1:]]
    return {(split, name): fault for split, name, _, _, fault in rows}


def snapshot(root: Path) -> dict[Path, tuple[bytes, int]]:
    """Every file of a tree with its bytes and time."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob('*')
        if path.is_file()
    }
