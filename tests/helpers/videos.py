"""Small videos of every kind, in which each frame shows its own number."""

import io
from fractions import Fraction

import cv2
import numpy as np

from msnet_mmaction.utils.pyav import import_av

BITS, BLOCK = 8, 16


def numbered(number, height=48, width=BITS * BLOCK):
    """A frame, (H, W, 3), with its number in binary as white blocks above a pattern that moves."""
    frame = np.zeros((height, width, 3), np.uint8)
    for bit in range(BITS):
        frame[: height // 2, bit * BLOCK : (bit + 1) * BLOCK] = 255 * (number >> bit & 1)
    noise = np.random.default_rng(7).integers(0, 255, (height, width, 3), dtype=np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    frame[height // 2 :] = np.roll(smooth, 2 * number, axis=1)[height // 2 :]
    return frame


def number_of(frame):
    middles = frame[frame.shape[0] // 4, BLOCK // 2 :: BLOCK].mean(axis=1)[:BITS] > 128
    return sum(1 << bit for bit in range(BITS) if middles[bit])


def video(
    container='mp4',
    codec='libx264',
    frames=40,
    gop=12,
    b_frames=2,
    times=None,
    options=None,
    size=None,
    pix_fmt='yuv420p',
    faststart=None,
):
    """The bytes of a video; ``times`` are the frames' places in time, in twelfths of a second.

    An mp4 has its index at its begin if ``faststart`` is a path at which it can be written.
    """
    file = str(faststart) if faststart else io.BytesIO()
    movflags = {'movflags': 'faststart'} if faststart else {}
    av = import_av()
    with av.open(file, 'w', format=container, options=movflags) as output:
        stream = output.add_stream(codec, rate=12, options=options or {})
        stream.width, stream.height = size or (BITS * BLOCK, 48)
        stream.pix_fmt = 'yuvj420p' if codec == 'mjpeg' else pix_fmt
        stream.codec_context.gop_size = gop
        stream.codec_context.max_b_frames = b_frames
        stream.codec_context.thread_count = 1
        for number in range(frames):
            image = numbered(number)
            if size:
                image = cv2.resize(image, size)
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts = times[number] if times else number
            frame.time_base = Fraction(1, 12)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return faststart.read_bytes() if faststart else file.getvalue()


KINDS = {
    'mp4, H.264 with B-frames': video,
    'mp4, H.264 of one key frame': lambda **kw: video(gop=250, **kw),
    'mp4, H.264, any frame a reference': lambda **kw: video(b_frames=0, **kw),
    'webm, VP9': lambda **kw: video('webm', 'libvpx-vp9', **kw),
    'webm, VP8 with hidden frames': lambda **kw: video(
        'webm',
        'libvpx',
        options={'auto-alt-ref': '1', 'lag-in-frames': '16', 'deadline': 'good', 'b': '2M'},
        **kw,
    ),
    'avi, MPEG-4': lambda **kw: video('avi', 'mpeg4', b_frames=0, options={'b': '2M'}, **kw),
    'avi, MPEG-4 with B-frames': lambda **kw: video('avi', 'mpeg4', options={'b': '2M'}, **kw),
    'avi, Motion JPEG': lambda **kw: video('avi', 'mjpeg', b_frames=0, **kw),
}


def broken(data, packet):
    """The video with the content of one of its packets, counted as in the file, overwritten."""
    with import_av().open(io.BytesIO(data)) as container:
        content = [bytes(packet) for packet in container.demux() if packet.size][packet]
    assert data.count(content) == 1
    return data.replace(content, bytes([255]) * len(content))
