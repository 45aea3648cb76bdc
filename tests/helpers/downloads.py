"""Small trees that look as the downloads of the data sets do, with their names and formats."""

import csv
import io
import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from msnet_mmaction.commands.demo.motion_data import encode
from msnet_mmaction.datasets import load_classes
from msnet_mmaction.utils.pyav import import_av

#: Frames of each clip.
FRAMES = 16


@cache
def pixels(frames: int = FRAMES) -> np.ndarray:
    rng = np.random.default_rng(0)
    texture = cv2.resize(rng.integers(0, 255, (12, 24, 3), dtype=np.uint8), (96, 48))
    return np.stack([np.roll(texture, 2 * i, axis=1) for i in range(frames)])


@cache
def video(container: str, frames: int = FRAMES) -> bytes:
    """A clip as mp4 (H.264), webm (VP9) or avi (MPEG-4, as those of HMDB-51)."""
    if container != 'avi':
        return encode(pixels(frames), container)
    file = io.BytesIO()
    with import_av().open(file, 'w', format='avi') as output:
        stream = output.add_stream('mpeg4', rate=30)
        stream.height, stream.width = pixels().shape[1:3]
        stream.pix_fmt = 'yuv420p'
        for frame in pixels(frames):
            output.mux(stream.encode(import_av().VideoFrame.from_ndarray(frame, format='rgb24')))
        output.mux(stream.encode(None))
    return file.getvalue()


@cache
def jpeg(number: int) -> bytes:
    return cv2.imencode('.jpg', pixels()[number])[1].tobytes()


def _write(path: Path, content: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def sthv1(root: Path) -> Path:
    """Clips 1 to 8: five of training, two of validation, one of the test."""
    names = load_classes('sthv1')
    labels = {1: 2, 2: 4, 3: 0, 4: 1, 5: 173, 6: 4, 7: 2}
    lines = {number: f'{number};{names[label]}\n' for number, label in labels.items()}
    _write(root / 'something-something-v1-labels.csv', ''.join(f'{name}\n' for name in names))
    for word, numbers in (('train', range(1, 6)), ('validation', range(6, 8))):
        content = ''.join(lines[number] for number in numbers)
        _write(root / f'something-something-v1-{word}.csv', content)
    _write(root / 'something-something-v1-test.csv', '8\n')
    for number in range(1, 9):
        folder = root / '20bn-something-something-v1' / str(number)
        for frame in range(FRAMES):
            _write(folder / f'{frame + 1:05}.jpg', jpeg(frame))
    return root


def sthv2(root: Path, newer: bool = True) -> Path:
    """The same clips as of V1, as webm files."""
    names = load_classes('sthv2')
    labels = {1: 86, 2: 87, 3: 0, 4: 1, 5: 173, 6: 87, 7: 86}

    def item(number: int) -> dict:
        template = names[labels[number]].replace('something', '[something]')
        label = names[labels[number]].replace('something', 'a cup')
        return dict(id=str(number), label=label, template=template, placeholders=['a cup'])

    contents = dict(
        labels={name: str(label) for label, name in enumerate(names)},
        train=[item(number) for number in range(1, 6)],
        validation=[item(number) for number in range(6, 8)],
        test=[dict(id='8')],
    )
    for word, content in contents.items():
        name = f'labels/{word}.json' if newer else f'something-something-v2-{word}.json'
        _write(root / name, json.dumps(content))
    for number in range(1, 9):
        _write(root / '20bn-something-something-v2' / f'{number}.webm', video('webm'))
    return root


def kinetics400(root: Path, class_folders: bool = True) -> Path:
    """Four clips of training and two of validation, in folders whose names have spaces, or none."""
    names = load_classes('k400')
    header = ['label', 'youtube_id', 'time_start', 'time_end', 'split', 'is_cc']
    for split, file_name, count in (('train', 'train', 4), ('val', 'validate', 2)):
        rows = [[names[i], f'{split}-_{i:05}', 7 * i, 7 * i + 10, split, 0] for i in range(count)]
        table = io.StringIO()
        csv.writer(table).writerows([header, *rows])
        _write(root / f'{file_name}.csv', table.getvalue())
        for label, youtube_id, start, end, *_ in rows:
            folder = root / split / (label if class_folders else '')
            _write(folder / f'{youtube_id}_{start:06d}_{end:06d}.mp4', video('mp4'))
    return root


def hmdb51(root: Path) -> Path:
    """Three clips a class, each of which is for training, for testing and unused in turn."""
    for name in load_classes('hmdb51'):
        videos = [f'#{i}_Clip_{name}_f_cm_np1_fr_med_{i}.avi' for i in range(3)]
        for split in (1, 2, 3):
            content = ''.join(f'{v} {(i + split) % 3} \n' for i, v in enumerate(videos))
            path = root / 'testTrainMulti_7030_splits' / f'{name}_test_split{split}.txt'
            _write(path, content)
        for v in videos:
            _write(root / 'hmdb51_org' / name / v, video('avi'))
    return root


def ucf101(root: Path) -> Path:
    """Two clips of each of three classes, one for training and one for testing in each split."""
    names = ['ApplyEyeMakeup', 'Archery', 'YoYo']
    folder = root / 'ucfTrainTestlist'
    _write(folder / 'classInd.txt', ''.join(f'{i} {n}\r\n' for i, n in enumerate(names, start=1)))
    for split in (1, 2, 3):
        lines = {'trainlist': '', 'testlist': ''}
        for label, name in enumerate(names, start=1):
            clips = [f'{name}/v_{name}_g{group:02}_c01.avi' for group in (1, 2)]
            lines['trainlist'] += f'{clips[split % 2]} {label}\n'
            lines['testlist'] += f'{clips[1 - split % 2]}\n'
        for word, content in lines.items():
            _write(folder / f'{word}{split:02}.txt', content)
    for name in names:
        for group in (1, 2):
            _write(root / 'UCF-101' / name / f'v_{name}_g{group:02}_c01.avi', video('avi'))
    return root


def jester(root: Path) -> Path:
    """Clips 1 to 4: two of training, one of validation, one of the test."""
    _write(root / 'jester-v1-labels.csv', 'Swiping Left\nSwiping Right\nDoing other things\n')
    _write(root / 'jester-v1-train.csv', '1;Swiping Left\n2;Doing other things\n')
    _write(root / 'jester-v1-validation.csv', '3;Swiping Right\n')
    _write(root / 'jester-v1-test.csv', '4\n')
    for number in range(1, 5):
        for frame in range(FRAMES):
            path = root / '20bn-jester-v1' / str(number) / f'{frame + 1:05}.jpg'
            _write(path, jpeg(frame))
    return root


def diving48(root: Path) -> Path:
    """Two clips of training and one of testing."""
    vocabulary = [['Back', '15som', '05Twis', 'FREE'], ['Back', 'Dive', 'NoTwis', 'PIKE']]
    _write(root / 'Diving48_vocab.json', json.dumps(vocabulary))
    entries = [
        dict(vid_name=f'_8Vy3dlHg2w_{number:05}', label=number % 2, start_frame=0, end_frame=15)
        for number in range(3)
    ]
    _write(root / 'Diving48_V2_train.json', json.dumps(entries[:2]))
    _write(root / 'Diving48_V2_test.json', json.dumps(entries[2:]))
    for entry in entries:
        _write(root / 'rgb' / f'{entry["vid_name"]}.mp4', video('mp4'))
    return root


TREES = dict(
    sthv1=sthv1,
    sthv2=sthv2,
    kinetics400=kinetics400,
    hmdb51=hmdb51,
    ucf101=ucf101,
    jester=jester,
    diving48=diving48,
)
