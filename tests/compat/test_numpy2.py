"""What NumPy 2 took from MMAction2, called through MMAction2."""

from types import ModuleType

import mmaction.datasets.transforms.pose_transforms as pose_transforms
import numpy as np
import pytest
from mmaction.datasets.transforms import MMCompact, PoseCompact
from mmaction.evaluation import RetrievalRecall, average_recall_at_avg_proposals
from mmaction.utils import frame_extract

from msnet_mmaction.compat import numpy2
from tests.helpers.videos import video


def keypoints() -> np.ndarray:
    """One person, two frames, three joints: x from 20 to 60, y from 30 to 70; one is missing."""
    return np.array([[[[20, 30], [60, 70], [0, 0]], [[40, 50], [np.nan, np.nan], [30, 40]]]], float)


def test_pose_compact():
    results = PoseCompact(padding=0.5, threshold=10)(
        dict(img_shape=(100, 120), keypoint=keypoints())
    )
    # The box of 40 x 40 around (40, 50) is half as large again: x from 10, y from 20.
    assert results['img_shape'] == (60, 60)
    np.testing.assert_array_equal(results['keypoint'][0, 0], [[10, 10], [50, 50], [0, 0]])
    np.testing.assert_array_equal(results['keypoint'][0, 1], [[30, 30], [0, 0], [20, 20]])


def test_mm_compact():
    images = [np.arange(100 * 120 * 3).reshape(100, 120, 3) for _ in range(2)]
    joints = np.nan_to_num(keypoints())
    results = MMCompact(padding=0.5, threshold=10)(
        dict(img_shape=(100, 120), keypoint=joints, imgs=images)
    )
    assert results['img_shape'] == (60, 60)
    np.testing.assert_array_equal(results['imgs'][0], images[0][20:80, 10:70])


def test_retrieval_recall():
    scores = np.array([[0.9, 0.5, 0.1], [0.2, 0.7, 0.6]])
    # Of two queries, one has its class first; both have it among the first two.
    found = RetrievalRecall.calculate(scores, [[1], [1]], topk=(1, 2), target_indices=True)
    assert [recall.item() for recall in found] == [50, 100]


def test_average_recall_at_average_number():
    # Two proposals; the first is the truth. The recall is 1 from one proposal on, 0 with none.
    truth = {'video': np.array([[0.0, 10.0]])}
    proposals = {'video': np.array([[0.0, 10.0, 0.9], [20.0, 30.0, 0.1]])}
    recall, average, number, auc = average_recall_at_avg_proposals(
        truth, proposals, 2, max_avg_proposals=2
    )
    assert recall.shape == (10, 100)
    np.testing.assert_array_equal(average, [0.0] * 49 + [1.0] * 51)
    np.testing.assert_allclose(number, np.arange(1, 101) / 50)
    # The area by the trapezoid rule: a ramp of 0.02 and a rectangle of 1, over 2.
    assert auc == pytest.approx(100 * (0.01 + 1) / 2)


def test_frame_extract(tmp_path):
    path = tmp_path / 'video.mp4'
    path.write_bytes(video(frames=3))
    paths, frames = frame_extract(str(path), short_side=32, out_dir=str(tmp_path / 'frames'))
    assert len(paths) == len(frames) == 3
    assert min(frames[0].shape[:2]) == 32


def test_numpy_itself_is_left_alone():
    names = {name for name in ('Inf', 'in1d', 'trapz') if hasattr(np, name)}
    numpy2.provide_numpy_names()
    assert {name for name in ('Inf', 'in1d', 'trapz') if hasattr(np, name)} == names


def test_nothing_is_replaced_where_numpy_has_the_names(monkeypatch):
    for name, value in dict(Inf=np.inf, in1d=np.isin, trapz=np.sum).items():
        monkeypatch.setattr(np, name, value, raising=False)
    monkeypatch.setattr(pose_transforms, 'np', np)
    numpy2.provide_numpy_names()
    assert pose_transforms.np is np


def test_a_second_call_replaces_nothing(monkeypatch):
    monkeypatch.delattr(np, 'Inf', raising=False)
    monkeypatch.setattr(pose_transforms, 'np', np)
    numpy2.provide_numpy_names()
    stand_in = pose_transforms.np
    numpy2.provide_numpy_names()
    assert pose_transforms.np is stand_in
    assert isinstance(stand_in, ModuleType)
    assert stand_in.Inf == np.inf
    assert stand_in.linalg is np.linalg
    with pytest.raises(AttributeError):
        _ = stand_in.no_such_name
