"""The formats of exported networks: writing a file, and running it."""

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from .clip_scores import ClipScores

#: Names of input and output.
INPUT, OUTPUT = 'frames', 'scores'


class Format(NamedTuple):
    """A file format.

    Attributes:
        suffix: Suffix of its files.
        packages: Packages that writing and checking need.
        write: Writes a network that is traced with these frames, with variable N.
        load: Loads a file and returns a function from frames to scores.
    """

    suffix: str
    packages: tuple[str, ...]
    write: Callable[[ClipScores, Tensor, Path], None]
    load: Callable[[Path], Callable[[Tensor], Tensor]]

    def check_packages(self) -> None:
        """Check that the packages are installed.

        Raises:
            ImportError: If one is not; it says what to install.
        """
        missing = [name for name in self.packages if find_spec(name) is None]
        if missing:
            raise ImportError(
                f'{", ".join(missing)} must be installed for this format: '
                "pip install 'msnet_mmaction[export]'"
            )


def _write_onnx(network: ClipScores, frames: Tensor, path: Path) -> None:
    with warnings.catch_warnings():
        # Tracing warns of sizes that become constants; all but N are constants of this network.
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
