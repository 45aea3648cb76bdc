"""Broken downloads: each fault is told, nothing of the download is touched."""

import re
import shutil

import pytest

from msnet_mmaction.commands.prepare import check_frames, check_video, prepare
from msnet_mmaction.datasets import load_classes
from tests.helpers.downloads import FRAMES, jpeg, kinetics400, sthv1, sthv2, video
from tests.helpers.preparations import LISTS, faults, lines, snapshot


def break_v2(videos):
    """Every fault that a folder of files can have; the clips that it strikes."""
    good = video('webm')
    (videos / '1.webm').unlink()
    (videos / '2.webm').write_bytes(b'')
    (videos / '3.webm').write_bytes(good[: len(good) // 2])
    (videos / '4.webm').write_bytes(b'no video ' * 99)
    (videos / '6.webm').rename(videos / '6 (1).webm')
    (videos / '7.webm').rename(videos / '7.MP4')  # another suffix: still found, by its contents


def test_faults_are_listed_and_the_download_is_not_touched(tmp_path):
    root, out = sthv2(tmp_path / 'root'), tmp_path / 'out'
    break_v2(root / '20bn-something-something-v2')
    before = snapshot(root)
    report = prepare('sthv2', root, out)
    assert snapshot(root) == before
    assert lines(out / LISTS['sthv2'][0]) == ['5.webm 173']
    assert lines(out / LISTS['sthv2'][1]) == ['7.MP4 86']
    found = faults(out)
    assert found[('train', '1')] == 'it is missing'
    assert found[('train', '2')] == 'the file is empty'
    assert re.fullmatch(r'it is cut off: \d of 16 frames are there', found[('train', '3')])
    assert 'it cannot be read' in found[('train', '4')]
    assert found[('val', '6')] == 'it is missing; is it videos/6 (1).webm?'
    assert len(found) == 5
    assert lines(out / 'preparation' / 'unused.tsv')[1:] == [
        'videos/6 (1).webm\tno annotation names it'
    ]
    printed = str(report)
    assert '5 videos are LEFT OUT' in printed
    assert '1 videos are named by no annotation' in printed
    assert lines(out / 'preparation' / 'classes.tsv')[174] == '173\t' + '\t'.join(
        [load_classes('sthv2')[173], '1', '0', '0']
    )


def test_faults_of_frames(tmp_path):
    root, out = sthv1(tmp_path / 'root'), tmp_path / 'out'
    frames = root / '20bn-something-something-v1'
    (frames / '1' / '00007.jpg').unlink()
    (frames / '2' / '00003.jpg').write_bytes(b'')
    (frames / '3' / '00016.jpg').write_bytes(jpeg(3)[:400])
    (frames / '4' / '00016.jpg').write_bytes(b'\xff\xd8no jpeg\xff\xd9')
    shutil.rmtree(frames / '6')
    (frames / '6').mkdir()
    for number in range(2, FRAMES + 1):
        (frames / '7' / f'{number:05}.jpg').unlink()
    report = prepare('sthv1', root, out)
    found = faults(out)
    assert found[('train', '1')] == '00007.jpg is missing among its 15 frames'
    assert found[('train', '2')] == '1 of 16 frames are broken; 00003.jpg is empty'
    assert found[('train', '3')] == '1 of 16 frames are broken; 00016.jpg is truncated'
    assert found[('train', '4')] == '1 of 16 frames are broken; 00016.jpg is not a picture'
    assert found[('val', '6')] == 'there is no frame in it'
    assert len(found) == 5
    # One frame is short, but not broken.
    assert lines(out / LISTS['sthv1'][1]) == ['7 1 2']
    assert '1 usable videos have one frame' in str(report)


@pytest.mark.parametrize('container', ['mp4', 'avi', 'webm'])
def test_videos_cut_off(tmp_path, container):
    content = video(container)
    path = tmp_path / f'clip.{container}'
    path.write_bytes(content)
    assert check_video(path) == (FRAMES, None, 0)
    path.write_bytes(content[: int(0.6 * len(content))])
    check = check_video(path)
    assert check.frames < FRAMES
    assert 'cut off' in check.fault or 'cannot be read' in check.fault
    path.write_bytes(video(container, 1))
    assert check_video(path) == (1, None, 0)


def test_damaged_frames_are_told_and_used(tmp_path):
    """As a data set's published accuracies count such videos, the lists hold them."""
    root, out = kinetics400(tmp_path / 'root'), tmp_path / 'out'
    content = bytearray(video('mp4'))
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    path = next((root / 'train' / 'abseiling').iterdir())
    path.write_bytes(content)
    frames, fault, damaged = check_video(path)
    assert fault is None
    # Each frame of these clips is coded on its own: at most those in the way are struck.
    assert 1 <= damaged <= 3
    assert frames + damaged >= FRAMES
    report = prepare('kinetics400', root, out)
    assert len(lines(out / LISTS['kinetics400'][0])) == 4
    assert lines(out / 'preparation' / 'damaged.tsv')[1:] == [
        f'videos_train/abseiling/{path.name}\t{damaged}'
    ]
    assert '1 usable videos have damaged frames' in str(report)


def test_a_video_of_damage(tmp_path):
    content = bytearray(video('mp4'))
    content[1000:-3000] = bytes(len(content) - 4000)
    (tmp_path / 'clip.mp4').write_bytes(content)
    assert check_video(tmp_path / 'clip.mp4').fault


def test_frames_are_counted_by_their_numbers(tmp_path):
    (tmp_path / '00001.jpg').write_bytes(jpeg(0))
    (tmp_path / 'flow_x_00001.jpg').write_bytes(jpeg(1))
    assert check_frames(tmp_path) == (1, None, 0)
