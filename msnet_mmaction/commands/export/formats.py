"""The formats of an exported network: how each is written, and how it is run again."""

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from .clip_scores import ClipScores

#: Names of what goes in and what comes out.
INPUT, OUTPUT = 'frames', 'scores'


class Format(NamedTuple):
    """A file format.

    Attributes:
        suffix: How its files end.
        packages: What must be installed to write and to check one.
        write: Writes a network, traced with these frames, whose N is left free.
        load: Returns what runs a file: frames to scores.
    """

    suffix: str
    packages: tuple[str, ...]
    write: Callable[[ClipScores, Tensor, Path], None]
    load: Callable[[Path], Callable[[Tensor], Tensor]]

    def check_packages(self) -> None:
        """Check that what is needed is installed.

        Raises:
            ImportError: If it is not; it says what to install.
        """
        missing = [name for name in self.packages if find_spec(name) is None]
        if missing:
            raise ImportError(
                f'{", ".join(missing)} must be installed for this format: '
                "pip install 'msnet_mmaction[export]'"
            )


def _write_onnx(network: ClipScores, frames: Tensor, path: Path) -> None:
    with warnings.catch_warnings():
        # Of tracing: sizes that are constants of this network, but for N.
        warnings.simplefilter('ignore')
        torch.onnx.export(
            network,
            (frames,),
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: 'clips'}, OUTPUT: {0: 'clips'}},
        )


def _load_onnx(path: Path) -> Callable[[Tensor], Tensor]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])

    def run(frames: Tensor) -> Tensor:
        return torch.from_numpy(session.run([OUTPUT], {INPUT: frames.numpy()})[0])

    return run


def _write_torch_export(network: ClipScores, frames: Tensor, path: Path) -> None:
    free = {'frames': {0: torch.export.Dim('clips', min=1)}}
    torch.export.save(torch.export.export(network, (frames,), dynamic_shapes=free), path)


def _load_torch_export(path: Path) -> Callable[[Tensor], Tensor]:
    return torch.export.load(path).module()


FORMATS = {
    'onnx': Format('.onnx', ('onnx', 'onnxruntime'), _write_onnx, _load_onnx),
    'torch-export': Format('.pt2', (), _write_torch_export, _load_torch_export),
}
