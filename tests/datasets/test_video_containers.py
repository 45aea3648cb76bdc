"""What downloads contain: whatever frame is asked for, it is the one that a player shows there."""

import io
from pathlib import Path

import numpy as np
import pytest

from msnet_mmaction.datasets.readers.pyav_reader import PyAVReader
from msnet_mmaction.utils.pyav import import_av
from tests.helpers.containers import ROWS, table
from tests.helpers.videos import number_of

DOCS = Path(__file__).parents[2] / 'docs' / 'data_loading.md'


def in_order(data):
    """All frames, decoded one after the other by PyAV alone."""
    with import_av().open(io.BytesIO(data)) as container:
        return [frame.to_ndarray(format='rgb24') for frame in container.decode(video=0)]


@pytest.mark.parametrize('row', ROWS, ids=lambda row: ', '.join(row[:3]))
def test_any_frame_is_that_of_decoding_in_order(row):
    data = row.data()
    frames = in_order(data)
    assert [number_of(frame) for frame in frames] == row.numbers
    reader = PyAVReader(data)
    assert reader.timed == row.timed
    assert len(reader) == reader.num_frames == len(frames)
    rng = np.random.default_rng(0)
    alone = [[index] for index in rng.permutation(len(frames)).tolist()]
    together = [rng.choice(len(frames), 8, replace=False).tolist() for _ in range(8)]
    deep = '10 bits' in row.feature
    for indices in [*alone, *together]:
        read = reader.read(indices)
        assert [number_of(frame) for frame in read] == [row.numbers[i] for i in indices]
        if not deep:  # whose colours PyAV interpolates
            assert np.array_equal(read, [frames[i] for i in indices])


def test_the_table_of_the_documentation_is_that_of_the_tests():
    assert table() in DOCS.read_text(encoding='utf-8'), f'docs/data_loading.md lacks\n{table()}'
