import copy

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction.checkpoints import CheckpointError, check_checkpoint
from msnet_mmaction.engine.hooks import check_frames


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
