import copy
import logging
from types import SimpleNamespace

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.runner import BaseLoop

from msnet_mmaction import PreflightHook
from msnet_mmaction.checkpoints import CheckpointError, check_checkpoint
from msnet_mmaction.datasets import DataError
from msnet_mmaction.engine.hooks import check_classes, check_frames


@pytest.fixture(scope='module')
def cfg():
    return Config.fromfile('configs/msnet_r18_sthv1.py')


@pytest.fixture(scope='module')
def model(cfg):
    return MODELS.build(cfg.model)


@pytest.mark.parametrize('split', ['train', 'val', 'test'])
def test_a_sampler_that_disagrees_is_named(cfg, model, split):
    cfg = copy.deepcopy(cfg)
    cfg[f'{split}_dataloader'].dataset.pipeline[0].num_clips = 16
    with pytest.raises(ValueError, match=f'num_segments is 8.*SampleFrames in {split}.*is 16'):
        check_frames(cfg, model)


def test_the_flows_of_a_stack_are_no_frames(model):
    cfg = Config.fromfile('configs/ablations/table6/flow_5.py')
    check_frames(cfg, model)
    cfg.test_dataloader.dataset.pipeline[0].num_clips = 16
    with pytest.raises(ValueError, match=r'num_clips of SegmentSampleFrames in test.* is 16'):
        check_frames(cfg, model)


def test_a_sampler_inside_a_wrapped_dataset_is_found(cfg, model):
    cfg = copy.deepcopy(cfg)
    cfg.train_dataloader.dataset.pipeline[0].num_clips = 4
    cfg.train_dataloader.dataset = dict(type='RepeatDataset', dataset=cfg.train_dataloader.dataset)
    with pytest.raises(ValueError, match='train_dataloader is 4'):
        check_frames(cfg, model)


def test_head_and_backbone_must_agree(cfg):
    cfg = copy.deepcopy(cfg)
    cfg.model.cls_head.num_segments = 16
    with pytest.raises(ValueError, match=r'backbone.*is 8, .*head.*\(TSMHead\).*is 16'):
        MODELS.build(cfg.model)


def test_frames_of_a_batch_must_be_whole_clips(model):
    with pytest.raises(ValueError, match=r'12 frames a video.*num_segments=8'):
        model(torch.randn(1, 12, 3, 32, 32), mode='tensor')


def check(state, model, **kwargs):
    check_checkpoint(state, model, source='some.pth', **kwargs)


def test_the_own_checkpoint_fits(model):
    state = model.state_dict()
    check(state, model)
    check({f'module.{key}': value for key, value in state.items()}, model)
    check({key.replace('.conv.net.', '.conv.'): value for key, value in state.items()}, model)


def test_weights_of_a_shifted_convolution_are_not_those_of_a_plain_one(cfg, model):
    plain = copy.deepcopy(cfg.model)
    plain.backbone.backbone.is_shift = False
    with pytest.raises(CheckpointError, match=r'missing: backbone\.layer1\.0\.conv1\.conv\.weight'):
        check(model.state_dict(), MODELS.build(plain))


def test_a_checkpoint_without_the_motion_layer(model):
    tsm = {key: value for key, value in model.state_dict().items() if '.motion.' not in key}
    check(tsm, model, allow_missing_motion=True)
    with pytest.raises(CheckpointError, match=r'some\.pth.*keys are missing.*layer2\.motion'):
        check(tsm, model)


def test_another_classifier_must_be_asked_for(model):
    state = model.state_dict()
    state['cls_head.fc_cls.weight'] = torch.zeros(400, 512)
    with pytest.raises(
        CheckpointError, match=r'fc_cls\.weight \(400, 512\) instead of \(174, 512\)'
    ):
        check(state, model)
    check(state, model, allow_missing=['cls_head.fc_cls'])


def test_unknown_keys_are_never_excused(model):
    state = {**model.state_dict(), 'fc.weight': torch.zeros(1)}
    with pytest.raises(CheckpointError, match=r'unknown to the model: fc\.weight'):
        check(state, model, allow_missing=['fc'], allow_missing_motion=True)


def test_a_model_without_a_classifier_takes_the_checkpoint_of_one_with_it(cfg, model):
    """mmaction2's clip_feature_extraction.py puts a FeatureHead in the classifier's place."""
    cfg = copy.deepcopy(cfg)
    cfg.model.cls_head = dict(type='FeatureHead', backbone_name='tsm', num_segments=8)
    features = MODELS.build(cfg.model)
    check(model.state_dict(), features)
    with pytest.raises(CheckpointError, match='unknown to the model: neck'):
        check({**model.state_dict(), 'neck.weight': torch.zeros(1)}, features)


NAMES = ('bend', 'jump', 'run', 'wave')


@pytest.fixture
def data(tmp_path):
    """Builds a data set of this folder from the labels of its videos."""

    def build(labels, kind='CheckedVideoDataset', name='list.txt', **kwargs):
        for number in range(len(labels)):
            (tmp_path / f'{number}.mp4').touch()
        lines = [f'{number}.mp4 {label}' for number, label in enumerate(labels)]
        (tmp_path / name).write_text('\n'.join(lines))
        dataset = dict(
            type=kind,
            ann_file=str(tmp_path / name),
            data_prefix=dict(video=str(tmp_path)),
            pipeline=[],
        )
        return DATASETS.build({**dataset, **kwargs})

    return build


def model_of(num_classes):
    return SimpleNamespace(cls_head=SimpleNamespace(num_classes=num_classes))


KINDS = ['CheckedVideoDataset', 'VideoDataset']


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('split', ['train', 'val', 'test'])
def test_classes_that_agree(data, kind, split, caplog):
    assert check_classes(model_of(4), data([0, 3, 1, 2], kind), split) == []
    assert check_classes(model_of(4), data([0, 3, 1, 2], kind, num_classes=4), split) == []
    # Heads that don't classify have nothing to say.
    assert check_classes(SimpleNamespace(), data([0, 9], kind), split) == []


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('split', ['train', 'val', 'test'])
def test_a_label_that_the_head_lacks(data, kind, split):
    message = rf'list\.txt.*1\.mp4.*label 3.*{split}_dataloader.*num_classes=2.*0 to 1'
    with pytest.raises(DataError, match=message):
        check_classes(model_of(2), data([0, 3, 1, 2], kind), split)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize(('said', 'head'), [(4, 174), (174, 4)])
def test_classes_of_the_data_that_are_not_those_of_the_head(data, kind, said, head):
    with pytest.raises(DataError, match=rf'num_classes={head}.*list\.txt.*num_classes={said}'):
        check_classes(model_of(head), data([0, 3, 1, 2], kind, num_classes=said), 'val')


@pytest.mark.parametrize('kind', KINDS)
def test_a_head_of_more_classes_than_the_list_has(data, kind):
    """174 classes on data of 3: an error, unless the data set says that it has 174."""
    with pytest.raises(DataError, match=r'num_classes=174.*labels 0 to 2.*num_classes=3'):
        check_classes(model_of(174), data([0, 1, 2], kind), 'train')
    (warning,) = check_classes(model_of(174), data([0, 1, 2], kind, num_classes=174), 'train')
    assert '171 of the 174 classes' in warning
    # A part of a list is enough for a test.
    assert check_classes(model_of(174), data([0, 1, 2], kind), 'test') == []


@pytest.mark.parametrize('kind', KINDS)
def test_a_label_map_beside_the_list(data, kind, tmp_path):
    (tmp_path / 'label_map.txt').write_text('\n'.join(NAMES))
    assert check_classes(model_of(4), data([0, 1], kind), 'test') == []
    with pytest.raises(DataError, match=r'num_classes=5.*label_map\.txt.*4 classes'):
        check_classes(model_of(5), data([0, 1], kind), 'test')


def test_the_classes_of_a_named_list(data):
    with pytest.raises(DataError, match=r'num_classes=174.*num_classes=51'):
        check_classes(model_of(174), data([0, 50], classes='hmdb51'), 'train')


def test_wrapped_datasets(data):
    one, other = data([0, 1], name='a.txt'), data([3, 2], name='b.txt')
    joined = DATASETS.build(
        dict(
            type='RepeatDataset', times=2, dataset=dict(type='ConcatDataset', datasets=[one, other])
        )
    )
    assert check_classes(model_of(4), joined, 'train') == []
    with pytest.raises(DataError, match=r'b\.txt.*label 3'):
        check_classes(model_of(3), joined, 'train')


class _Loop(BaseLoop):
    dataloader = SimpleNamespace(dataset=None)

    def __init__(self):
        pass

    def run(self):
        pass


def starting(tmp_path, load_from=None, resume=False, config_load_from=None, trains=True):
    """A runner at the start of a run, as far as the hook looks at it."""
    config = tmp_path / 'config.py'
    config.write_text(f'load_from = {config_load_from!r}')
    cfg = Config.fromfile(config)
    cfg.load_from = load_from
    return SimpleNamespace(
        cfg=cfg,
        model=torch.nn.Identity(),
        hooks=[],
        work_dir=str(tmp_path),
        logger=logging.getLogger('test'),
        _train_loop=_Loop() if trains else None,
        _val_loop=None,
        _test_loop=None,
        _load_from=load_from,
        _resume=resume,
    )


def test_the_first_run_of_auto_resume_starts_from_load_from(tmp_path, caplog):
    torch.save({}, tmp_path / 'k400.pth')
    weights = str(tmp_path / 'k400.pth')
    runner = starting(tmp_path, resume=True, config_load_from=weights)
    with caplog.at_level('INFO'):
        PreflightHook().before_run(runner)
    assert runner._load_from == weights
    assert runner._resume is False
    assert f'nothing to resume in {tmp_path}' in caplog.text
    assert weights in caplog.text


def test_later_runs_resume(tmp_path):
    torch.save({}, tmp_path / 'epoch_1.pth')
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_1.pth'))
    runner = starting(tmp_path, resume=True, config_load_from='k400.pth')
    PreflightHook().before_run(runner)
    assert runner._load_from is None
    assert runner._resume is True


@pytest.mark.parametrize('resume', [True, False])
def test_nothing_to_start_from_stays_nothing(tmp_path, resume):
    runner = starting(tmp_path, resume=resume)
    PreflightHook().before_run(runner)
    assert runner._load_from is None
    assert runner._resume is resume
    # A config made in Python is in no file.
    runner.cfg = Config(dict(load_from=None))
    PreflightHook().before_run(runner)
    assert runner._load_from is None


@pytest.mark.parametrize('text', ['epoch 1', 'hello', 'version https://git-lfs', '{}', ''])
@pytest.mark.parametrize('how', ['load_from', 'resume', 'auto', 'test'])
def test_a_text_file_is_no_checkpoint(tmp_path, text, how):
    path = tmp_path / 'weights.pth'
    path.write_text(text)
    (tmp_path / 'last_checkpoint').write_text(str(path))
    given = None if how == 'auto' else str(path)
    runner = starting(tmp_path, given, resume=how in ('resume', 'auto'), trains=how != 'test')
    with pytest.raises(CheckpointError, match=r'weights\.pth: not a checkpoint'):
        PreflightHook().before_run(runner)


@pytest.mark.parametrize('zipped', [True, False])
def test_a_checkpoint_is_one(tmp_path, zipped):
    path = tmp_path / 'weights.pth'
    torch.save(dict(state_dict={}), path, _use_new_zipfile_serialization=zipped)
    PreflightHook().before_run(starting(tmp_path, str(path)))
    if zipped:
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(CheckpointError, match=r'weights\.pth: not a checkpoint.*cut off'):
            PreflightHook().before_run(starting(tmp_path, str(path)))


@pytest.mark.parametrize('checkpoint', [[1], {}, dict(state_dict=[1]), dict(epoch=1)])
def test_a_file_without_weights(tmp_path, checkpoint):
    runner = starting(tmp_path, 'weights.pth')
    with pytest.raises(CheckpointError, match=r'weights\.pth: not a checkpoint'):
        PreflightHook().after_load_checkpoint(runner, checkpoint)
