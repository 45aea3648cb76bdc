"""What is uploaded and made is removed."""

import os
import subprocess
import sys
import time

from msnet_mmaction.commands.app.page_files import PageFiles
from tests.helpers.processes import ROOT


def upload(files, name='a.mp4'):
    path = files.folder / f'folder of {name}' / name
    path.parent.mkdir()
    path.write_text('a video')
    return path


def test_files_of_a_visitor():
    with PageFiles() as files:
        mine, other = upload(files), upload(files, 'b.mp4')
        film = files.new_film('me')
        film.write_text('a film')
        files.keep('me', mine)
        files.keep('you', other)

        files.remove_all_of_but('me', mine)
        assert sorted(files.folder.iterdir()) == sorted([mine.parent, other.parent])

        files.remove_all_of('me')
        files.remove_all_of('me')
        assert list(files.folder.iterdir()) == [other.parent]
    assert not files.folder.exists()


def test_a_film_that_was_never_written():
    with PageFiles() as files:
        files.new_film('me')
        files.remove_all_of('me')
        assert list(files.folder.iterdir()) == []


def test_nothing_outside_the_folder_is_removed(tmp_path):
    precious = tmp_path / 'precious.mp4'
    precious.write_text('mine')
    with PageFiles() as files:
        link = files.folder / 'link'
        link.symlink_to(tmp_path)
        for path in (precious, link / 'precious.mp4', files.folder / '..' / 'x' / '..'):
            files.keep('me', path)
        files.remove_all_of('me')
    assert precious.read_text() == 'mine'


def test_what_nobody_removed_grows_old():
    with PageFiles() as files:
        old, new = upload(files, 'old.mp4'), upload(files, 'new.mp4')
        past = time.time() - 100
        os.utime(old, (past, past))
        files.remove_older_than(50)
        assert not old.parent.exists()
        assert new.exists()


def test_the_folder_is_gone_after_a_termination():
    code = (
        'import time\n'
        'from msnet_mmaction.commands.app.page_files import PageFiles, ended_by_exceptions\n'
        'with ended_by_exceptions(), PageFiles() as files:\n'
        "    (files.folder / 'film').touch()\n"
        '    print(files.folder, flush=True)\n'
        '    time.sleep(60)\n'
    )
    process = subprocess.Popen(
        [sys.executable, '-c', code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
    )
    folder = process.stdout.readline().strip()
    assert os.path.isdir(folder)
    process.terminate()
    process.wait(30)
    process.stdout.close()
    assert not os.path.exists(folder)
