"""What is put into the page: videos, what is none, and small networks."""

import io
from pathlib import Path

import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction.utils.pyav import import_av
from tests.helpers.processes import ROOT
from tests.helpers.videos import video

CONFIG = ROOT / 'configs' / 'demo' / 'msnet_r18_motion.py'
PLAIN_CONFIG = ROOT / 'configs' / 'demo' / 'resnet18_motion.py'


def write_checkpoints(folder: Path) -> tuple[Path, Path]:
    """Checkpoints of ``CONFIG`` and of ``PLAIN_CONFIG``, which estimates no motion."""
    torch.manual_seed(0)
    paths = []
    for config in (CONFIG, PLAIN_CONFIG):
        model = MODELS.build(Config.fromfile(config).model)
        # As its training starts: else deep layers make numbers that are none.
        model.init_weights()
        paths.append(folder / f'{config.stem}.pth')
        torch.save(dict(state_dict=model.state_dict()), paths[-1])
    return paths[0], paths[1]


def write_video(path: Path, frames: int = 40) -> Path:
    """A video of 12 frames a second."""
    path.write_bytes(video(frames=frames))
    return path


def write_long_video(path: Path, hours: float = 4) -> Path:
    """A video of four frames that are shown over so many hours."""
    every = int(hours * 3600 * 12 / 3)
    path.write_bytes(video(frames=4, times=[n * every for n in range(4)], b_frames=0))
    return path


def write_recording(path: Path, frames: int = 40) -> Path:
    """A video as browsers record a camera, about twelve frames a second.

    Its header tells no length, and nothing tells a rate: the frames come when they come.
    """
    av = import_av()
    with (
        av.open(io.BytesIO(video('webm', 'libvpx', frames, b_frames=0))) as source,
        av.open(str(path), 'w', format='webm', options={'live': '1'}) as output,
    ):
        stream = output.add_stream_from_template(source.streams.video[0])
        packets = (packet for packet in source.demux(source.streams.video[0]) if packet.size)
        for n, packet in enumerate(packets):
            packet.stream = stream
            packet.pts = packet.dts = n * 83 + n * 37 % 29  # milliseconds
            packet.duration = 0
            output.mux(packet)
    return path


def write_audio(path: Path) -> Path:
    """A second of silence."""
    av = import_av()
    with av.open(str(path), 'w') as output:
        stream = output.add_stream('aac', rate=16000, layout='mono')
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), 'fltp', 'mono')
        frame.sample_rate = 16000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path
