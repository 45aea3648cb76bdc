"""The page in a real browser: a video goes in, results are seen, nothing stays."""

import http.client
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers import app_files
from tests.helpers.processes import ROOT

PATIENCE = 120  # seconds
CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')
DRIVER = shutil.which('chromedriver')
MISSING = [
    name
    for name, found in (
        ('gradio', importlib.util.find_spec('gradio')),
        ('selenium', importlib.util.find_spec('selenium')),
        ('Chromium', CHROMIUM),
        ('chromedriver', DRIVER),
    )
    if not found
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(MISSING), reason=f'a browser opens the page: {", ".join(MISSING)} not installed'
    ),
]

# Whatever a test's browser looks up, it finds nothing but the page.
OPTIONS = (
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--window-size=1300,1500',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
)


class Page:
    """The page of two networks, served by a process of its own."""

    def __init__(self, folder):
        squeeze, plain = app_files.write_checkpoints(folder)
        temporary = folder / 'temporary files'
        temporary.mkdir()
        words = [app_files.CONFIG, squeeze, '--compare', app_files.PLAIN_CONFIG, plain]
        words += ['--port', 0, '--device', 'cpu', '--max-megabytes', 1, '--film-frames', 12]
        self.log = folder / 'log.txt'
        with self.log.open('w') as log:
            self.process = subprocess.Popen(
                [sys.executable, '-m', 'msnet_mmaction', 'app', *map(str, words)],
                env={**os.environ, 'PYTHONPATH': str(ROOT), 'TMPDIR': str(temporary)},
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        self.temporary = temporary
        self.port = int(wait(self._address).rsplit(':', 1)[1].strip('/'))
        self.address = f'http://127.0.0.1:{self.port}/'

    def _address(self):
        assert self.process.poll() is None, self.log.read_text()
        return next((w for w in self.log.read_text().split() if w.startswith('http://')), None)

    def files(self):
        """All that lies in the temporary folder."""
        return [path for path in self.temporary.rglob('*') if path.is_file()]

    def end(self):
        self.process.terminate()
        self.process.wait(30)


class Visitor:
    """A browser that has the page open."""

    def __init__(self, page, folder):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for option in (*OPTIONS, f'--user-data-dir={folder}'):
            options.add_argument(option)
        options.set_capability('goog:loggingPrefs', {'performance': 'ALL'})
        self.browser = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.browser.get(page.address)
        wait(self.message)

    def script(self, code):
        return self.browser.execute_script(f'return {code}')

    def message(self):
        return self.script("document.querySelector('#message textarea')?.value")

    def text(self, element):
        return self.script(f"document.getElementById('{element}').innerText")

    def drop(self, path):
        """Choose a file, and return what the page says of it."""
        before = self.message()
        field = self.browser.find_element('css selector', '#video input[type=file]')
        field.send_keys(str(path))
        wait(lambda: self.message() != before)
        return self.message()

    def analyse(self):
        self.browser.find_element('id', 'analyse').click()
        wait(lambda: self.message().endswith('was removed.') or 'error' in self.message())
        return self.message()

    def strangers(self):
        """Addresses of others that the page has asked for anything."""
        messages = [json.loads(entry['message'])['message'] for entry in self.log()]
        asked = [
            message['params']['request']['url']
            for message in messages
            if message['method'] == 'Network.requestWillBeSent'
        ]
        own = ('http://127.0.0.1:', 'data:', 'blob:', 'chrome:')
        return [address for address in asked if not address.startswith(own)]

    def log(self):
        return self.browser.get_log('performance')


def wait(what):
    """Wait until something is true, and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.3)
    raise TimeoutError(what)


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    page = Page(tmp_path_factory.mktemp('page'))
    yield page
    page.end()


@pytest.fixture
def visitor(page, tmp_path):
    visitor = Visitor(page, tmp_path / 'profile')
    yield visitor
    visitor.browser.quit()


def test_a_video_goes_in_and_results_are_seen(page, visitor, tmp_path):
    video = app_files.write_video(tmp_path / 'a clip $1.mp4')
    assert visitor.drop(video).endswith('s. Press Analyse.')
    # Trimming would load a program from another machine.
    trim = '#video button[aria-label="Trim video to selection"]'
    wait(lambda: visitor.script(f"document.querySelector('{trim}')"))
    assert visitor.script(f"document.querySelector('{trim}').offsetWidth") == 0
    assert visitor.analyse().endswith('is analysed, and was removed.')

    for n in range(2):
        assert visitor.text(f'top{n}').count('class ') == 6  # the best one twice
        chart = f"document.querySelector('#scores{n} img')"
        assert wait(lambda chart=chart: visitor.script(f'{chart}?.naturalWidth')) > 400
    # The film is decoded, and plays.
    film = "document.querySelector('#film0 video')"
    assert wait(lambda: visitor.script(f'{film}?.readyState')) >= 1
    assert wait(lambda: visitor.script(f'{film}.currentTime')) > 0
    assert visitor.script(f'[{film}.videoWidth, {film}.error]') == [900, None]
    assert visitor.script("document.querySelector('#film1 video')") is None
    assert 'no layer of this network' in visitor.text('caption1')

    screenshot = tmp_path / 'page.png'
    visitor.browser.save_screenshot(str(screenshot))
    picture = np.asarray(Image.open(screenshot).convert('RGB'))
    assert picture.shape[1] == 1300
    assert len(np.unique(picture[len(picture) // 2 :].reshape(-1, 3), axis=0)) > 500

    assert visitor.strangers() == []
    assert [path.name for path in page.files()] == ['motion.mp4']
    visitor.browser.get('about:blank')
    wait(lambda: not page.files())


def test_bad_files_are_told_and_removed(page, visitor, tmp_path):
    text = tmp_path / 'text.mp4'
    text.write_text('no video')
    long = app_files.write_long_video(tmp_path / 'long.mp4')
    sound = app_files.write_audio(tmp_path / 'sound.mp4')
    assert visitor.drop(text).startswith('error: text.mp4 is no video that can be read')
    assert visitor.drop(long).startswith('error: long.mp4 is longer than the limit of 5 min')
    assert visitor.drop(sound).startswith('error: sound.mp4 holds no video')
    assert not page.files()
    # The page still works.
    assert 'Press' in visitor.drop(app_files.write_video(tmp_path / 'clip.mp4'))


def test_a_recording_of_the_camera(page, visitor):
    """Chromium's own camera, a picture that moves."""
    click = "(e => e && (e.click(), true))(document.querySelector('{}'))"
    webcam = click.format(
        '#video [aria-label="Capture from camera"], #video .source-selection button:nth-child(2)'
    )
    wait(lambda: visitor.script(webcam))
    for label in ('access webcam', 'record', 'stop'):
        button = (
            "(e => e && (e.click(), true))([...document.querySelectorAll('#video button')].find("
            f"b => (b.innerText + b.ariaLabel + b.title).toLowerCase().includes('{label}')))"
        )
        wait(lambda button=button: visitor.script(button))
        time.sleep(3)
    wait(lambda: 'Press Analyse' in visitor.message())
    assert visitor.analyse().endswith('is analysed, and was removed.')
    assert visitor.text('top0').count('class ') == 6


def test_an_upload_that_is_too_large(page, visitor, tmp_path):
    large = tmp_path / 'large.mp4'
    large.write_bytes(bytes(3 * 2**20))
    visitor.browser.find_element('css selector', '#video input[type=file]').send_keys(str(large))
    wait(lambda: 'exceed the maximum allowed size' in visitor.script('document.body.innerText'))
    assert not page.files()


@pytest.mark.parametrize('chunked', [False, True])
def test_the_server_refuses_what_is_too_large(page, chunked):
    """A program does not ask the page's script first, and need not tell the length."""
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="large.mp4"\r\n\r\n'
    body = head + bytes(3 * 2**20) + b'\r\n--x--\r\n'
    connection = http.client.HTTPConnection('127.0.0.1', page.port, timeout=60)
    connection.request(
        'POST',
        '/gradio_api/upload',
        body=iter([body]) if chunked else body,
        headers={'Content-Type': 'multipart/form-data; boundary=x'},
    )
    assert connection.getresponse().status == 413
    connection.close()
    assert not page.files()


def test_the_page_is_for_this_machine(page):
    connection = http.client.HTTPConnection('127.0.0.1', page.port, timeout=60)
    connection.request('GET', '/', headers={'Host': 'somewhere.example'})
    assert connection.getresponse().status == 400
    connection.close()
    connection.request('GET', '/')
    answer = connection.getresponse()
    assert "default-src 'self'" in answer.getheader('content-security-policy')
    connection.close()


def test_everything_is_gone_at_the_end(tmp_path):
    page = Page(tmp_path)
    assert [path.name[:19] for path in Path(page.temporary).iterdir()] == ['msnet_mmaction_app_']
    page.end()
    assert list(page.temporary.iterdir()) == []
    assert 'Traceback' not in page.log.read_text()
