"""Small videos in the containers, codecs and with the features that downloads have."""

import io
import re
import struct
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msnet_mmaction.utils.pyav import import_av
from tests.helpers.videos import video

DATA = Path(__file__).parents[1] / 'data'


class Row(NamedTuple):
    """A row of the table in docs/data_loading.md: a video whose frames show their numbers."""

    container: str
    codec: str
    feature: str
    data: Callable[[], bytes]
    #: Whether time stamps tell which frame is which; else they are counted.
    timed: bool
    #: The numbers of the frames that are shown.
    numbers: list[int] = [*range(40)]


def copied(
    data: bytes, container: str, ordered: bool = False, options: dict | None = None
) -> bytes:
    """The packets of a video in another container, as ``ffmpeg -c copy`` does.

    With ``ordered``, their times are in the order of decoding: where it finds none, FFmpeg makes
    such times up.
    """
    file = io.BytesIO()
    av = import_av()
    with (
        av.open(io.BytesIO(data)) as source,
        av.open(file, 'w', format=container, options=options or {}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.size]
        for number, packet in enumerate(packets):
            if ordered:
                packet.time_base = Fraction(1, 12)
                packet.pts = packet.dts = number
                packet.duration = 1
            packet.stream = stream
            target.mux(packet)
    return file.getvalue()


def packed() -> bytes:
    """MPEG-4 in AVI as DivX packs it: a frame and the B-frame after it are one packet.

    The packet that comes next says that no frame is coded in it.
    """
    av = import_av()
    file = io.BytesIO()
    data = video('avi', 'mpeg4', b_frames=1, options={'b': '2M'})
    with av.open(io.BytesIO(data)) as source, av.open(file, 'w', format='avi') as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        chunks: list[bytes] = []
        for content in (bytes(packet) for packet in source.demux(video=0) if packet.size):
            kind = content[content.index(b'\x00\x00\x01\xb6') + 4] >> 6
            if kind == 2:  # a B-frame
                chunks[-1] += content
                chunks.append(b'\x00\x00\x01\xb6\x51\x9f')
            else:
                chunks.append(content)
        for number, chunk in enumerate(chunks):
            packet = av.Packet(chunk)
            packet.stream = stream
            packet.time_base = Fraction(1, 12)
            packet.pts = packet.dts = number
            packet.is_keyframe = number == 0
            target.mux(packet)
    # The name of the encoder, by which decoders know that its packets are packed.
    return re.sub(
        rb'(?<=\x00\x00\x01\xb2)Lavc[\d.]+',
        lambda match: b'DivX5b1p'.ljust(len(match[0])),
        file.getvalue(),
    )


def cut_by_edit_list(data: bytes, frames: int) -> bytes:
    """The mp4 as ``ffmpeg -ss ... -c copy`` leaves it: a list says that its begin isn't shown."""
    content = bytearray(data)
    # ISO/IEC 14496-12: version, number of entries, duration, time in the track, rate.
    place = content.index(b'elst') + 16
    (start,) = struct.unpack('>i', content[place : place + 4])
    ticks = 12288 // 12
    content[place : place + 4] = struct.pack('>i', start + frames * ticks)
    return bytes(content)


def with_sound(container: str, codec: str, sound: str, seconds: float) -> bytes:
    """A video of 40 frames, a twelfth of a second each, with silence beside it."""
    av = import_av()
    file = io.BytesIO()
    data = video(container, codec)
    with av.open(io.BytesIO(data)) as source, av.open(file, 'w', format=container) as target:
        pictures = target.add_stream_from_template(source.streams.video[0])
        silence = target.add_stream(sound, rate=48000)
        silence.layout = 'mono'
        encoded = [packet for packet in source.demux(video=0) if packet.size]
        for packet in encoded:
            packet.stream = pictures
        size = 960
        for start in range(0, int(48000 * seconds), size):
            frame = av.AudioFrame(format=silence.format.name, layout='mono', samples=size)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.pts = 48000, start
            encoded += silence.encode(frame)
        encoded += silence.encode(None)
        for packet in sorted(encoded, key=lambda packet: (packet.dts or 0) * packet.time_base):
            target.mux(packet)
    return file.getvalue()


def _h264(container: str, parameters: str = '', **kwargs: object) -> bytes:
    return video(container, options={'x264-params': parameters}, **kwargs)


_QUIET = {'x265-params': 'log-level=none:keyint=12:open-gop=1'}
_B_FRAMES = dict(options={'b': '2M'})
_NO_B_FRAMES = dict(options={'b': '2M'}, b_frames=0)
_VP8 = {'auto-alt-ref': '1', 'lag-in-frames': '16', 'deadline': 'good', 'b': '2M'}
_EVERY_FIFTH_LEFT_OUT = [number + number // 4 for number in range(40)]

ROWS = [
    Row('mp4', 'H.264', 'B-frames', partial(video, 'mp4'), True),
    Row('mp4', 'H.264', 'no B-frames', partial(video, 'mp4', b_frames=0), True),
    Row('mp4', 'H.264', 'one key frame', partial(video, 'mp4', gop=250), True),
    Row('mp4', 'H.264', 'open groups of pictures', partial(_h264, 'mp4', 'open-gop=1'), True),
    Row('mp4', 'H.264', 'refreshed part by part', partial(_h264, 'mp4', 'intra-refresh=1'), True),
    Row('mp4', 'H.264', 'interlaced', partial(_h264, 'mp4', 'tff=1'), True),
    Row('mp4', 'H.264', '10 bits', partial(video, 'mp4', pix_fmt='yuv420p10le'), True),
    Row('mp4', 'H.264', 'fragments', lambda: copied(
        video('mp4'), 'mp4', options={'movflags': 'frag_keyframe+empty_moov'}), True),
    Row('mp4', 'H.264', 'begin cut off by an edit list',
        lambda: cut_by_edit_list(video('mp4'), 5), True, [*range(5, 40)]),
    Row('mp4', 'H.264', 'copied from AVI', lambda: copied(video('avi'), 'mp4', True), False),
    Row('mp4', 'H.264', 'longer sound', partial(with_sound, 'mp4', 'libx264', 'aac', 8), True),
    Row('mp4', 'HEVC', 'B-frames, open groups',
        partial(video, 'mp4', 'libx265', options=_QUIET), True),
    Row('mp4', 'MPEG-4', 'B-frames', partial(video, 'mp4', 'mpeg4', **_B_FRAMES), False),
    Row('mkv', 'H.264', 'B-frames', partial(video, 'matroska'), True),
    Row('mkv', 'H.264', 'copied from AVI', lambda: copied(video('avi'), 'matroska', True), False),
    Row('mkv', 'H.264', 'longer sound',
        partial(with_sound, 'matroska', 'libx264', 'aac', 8), True),
    Row('mkv', 'MPEG-4', 'packed, copied from AVI', lambda: copied(packed(), 'matroska'), False),
    Row('webm', 'VP9', '', partial(video, 'webm', 'libvpx-vp9'), True),
    Row('webm', 'VP9', 'longer sound',
        partial(with_sound, 'webm', 'libvpx-vp9', 'libopus', 8), True),
    Row('webm', 'VP8', 'hidden frames', partial(video, 'webm', 'libvpx', options=_VP8), False),
    Row('webm', 'AV1', '', partial(video, 'webm', 'libsvtav1', options={'preset': '12'}), True),
    Row('avi', 'MPEG-4', 'no B-frames', partial(video, 'avi', 'mpeg4', **_NO_B_FRAMES), False),
    Row('avi', 'MPEG-4', 'B-frames', partial(video, 'avi', 'mpeg4', **_B_FRAMES), False),
    Row('avi', 'MPEG-4', 'B-frames of XviD', (DATA / 'xvid_b_frames.avi').read_bytes, False,
        [*range(37), 39]),
    Row('avi', 'MPEG-4', 'packed B-frames', packed, False),
    Row('avi', 'MPEG-4', 'every fifth frame left out', partial(
        video, 'avi', 'mpeg4', times=_EVERY_FIFTH_LEFT_OUT, **_NO_B_FRAMES), False),
    Row('avi', 'H.264', 'B-frames', partial(video, 'avi'), False),
    Row('avi', 'Motion JPEG', '', partial(video, 'avi', 'mjpeg', b_frames=0), False),
    Row('flv', 'H.264', 'B-frames', partial(video, 'flv'), False),
    Row('flv', 'Sorenson', '', partial(video, 'flv', 'flv', b_frames=0), False),
    Row('wmv', 'WMV2', '', partial(video, 'asf', 'wmv2', b_frames=0), False),
    Row('ts', 'H.264', 'B-frames', partial(video, 'mpegts'), False),
    Row('ts', 'MPEG-2', 'B-frames', partial(video, 'mpegts', 'mpeg2video', **_B_FRAMES), False),
    Row('mpg', 'MPEG-2', 'B-frames', partial(video, 'mpeg', 'mpeg2video', **_B_FRAMES), False),
    Row('none', 'H.264', 'B-frames', partial(video, 'h264'), False),
]  # fmt: skip


def table() -> str:
    """The rows as docs/data_loading.md has them."""
    lines = ['| container | codec | feature | frames are found by |', '|---|---|---|---|']
    for row in ROWS:
        way = 'their times' if row.timed else 'counting'
        lines.append(f'| {row.container} | {row.codec} | {row.feature or "-"} | {way} |')
    return '\n'.join(lines)
