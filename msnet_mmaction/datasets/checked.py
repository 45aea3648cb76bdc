"""mmaction2's datasets, which say what is wrong with a list or a video, before hours are spent."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mmaction.datasets import RawframeDataset, VideoDataset
from mmaction.registry import DATASETS
from mmengine.fileio import exists
from mmengine.logging import print_log


class DataError(ValueError):
    """A list or a video that can't be used; the message names it and says what to do."""


class _Checked:
    """Checks of a list when it is loaded, and of each sample when it is read."""

    #: What one line of the list holds, and the keys of the sample's path.
    line_format: str
    path_key: str

    def load_data_list(self) -> list[dict]:
        """Load the annotation file.

        Raises:
            DataError: If the file is missing or empty, a line is malformed, a label is out of
                range (``num_classes`` given) or a video does not exist.
        """
        if not exists(self.ann_file):
            raise DataError(
                f'the list {self.ann_file} does not exist: prepare the data, or set ann_file'
            )
        try:
            samples = super().load_data_list()
        except (ValueError, IndexError, AssertionError) as error:
            raise DataError(
                f"{self.ann_file}: a line is not '{self.line_format}' ({error})"
            ) from error
        if not samples:
            raise DataError(f'the list {self.ann_file} is empty: there is nothing to read')
        self._check_labels(samples)
        self._check_paths(samples)
        return samples

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline on a sample; a failure names the sample."""
        try:
            return super().prepare_data(idx)
        except Exception as error:
            path = self.get_data_info(idx).get(self.path_key)
            raise DataError(
                f'{path} (entry {idx} of {self.ann_file}) could not be read: it is truncated, '
                f'not a video, or not as long as the list says. Replace it or take it off the '
                f'list. The cause: {type(error).__name__}: {error}'
            ) from error

    def _check_labels(self, samples: list[dict]) -> None:
        if self.num_classes is None or self.multi_class:
            return
        for sample in samples:
            if not 0 <= sample['label'] < self.num_classes:
                raise DataError(
                    f'{self.ann_file}: {sample[self.path_key]} has label {sample["label"]}, but '
                    f'there are {self.num_classes} classes, 0 to {self.num_classes - 1}. Either '
                    'the list belongs to other classes or num_classes is wrong'
                )

    def _check_paths(self, samples: list[dict]) -> None:
        paths = sorted({sample[self.path_key] for sample in samples})
        if '://' in paths[0]:
            return  # not on a disk: asking for each would cost a request each
        if len(paths) > 50_000:
            print_log(f'Checking that {len(paths)} files of {self.ann_file} exist', 'current')
        with ThreadPoolExecutor(16) as pool:
            found = pool.map(self._path_exists, paths, chunksize=256)
        missing = [path for path, there in zip(paths, found, strict=True) if not there]
        if missing:
            raise DataError(
                f'{len(missing)} of {len(paths)} files of {self.ann_file} do not exist, the '
                f'first is {missing[0]}. Check data_prefix, or take them off the list'
            )

    @staticmethod
    def _path_exists(path: str) -> bool:
        return os.path.exists(path)


@DATASETS.register_module()
class CheckedVideoDataset(_Checked, VideoDataset):
    """mmaction2's ``VideoDataset`` with clear errors; it takes the same arguments.

    ``num_classes`` has the labels checked.
    """

    line_format = '<video> <label>'
    path_key = 'filename'

    @staticmethod
    def _path_exists(path: str) -> bool:
        # mmaction2 reads a name without a suffix as that of an mp4 file.
        return os.path.exists(path if os.path.splitext(path)[1] else f'{path}.mp4')


@DATASETS.register_module()
class CheckedRawframeDataset(_Checked, RawframeDataset):
    """mmaction2's ``RawframeDataset`` with clear errors; it takes the same arguments.

    ``num_classes`` has the labels checked.
    """

    line_format = '<folder> <number of frames> <label>'
    path_key = 'frame_dir'
