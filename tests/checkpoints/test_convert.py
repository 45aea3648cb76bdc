import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from msnet_mmaction.checkpoints import LAYOUTS, PUBLISHED, convert, recognize, rename
from tests.helpers.checkpoints import official, torchvision_resnet18

MOTION = 'backbone.layer2.motion.'


def tsm(depth: int, **kwargs) -> nn.Module:
    return MODELS.build(dict(type='ResNetTSM', depth=depth, pretrained2d=False, **kwargs))


def below(prefix: str, state_dict: dict) -> dict:
    return {k.removeprefix(prefix): v for k, v in state_dict.items() if k.startswith(prefix)}


@pytest.mark.parametrize(('name', 'depth'), [('msnet_r18', 18), ('msnet_r50', 50)])
def test_every_key_of_the_authors_network_is_used(name, depth):
    theirs = official(name)
    ours = convert(theirs)
    dead = [key for key in theirs if key.startswith('module.base_model.bn2.')]
    assert len(dead) == 5
    assert len(ours) == len(theirs) - len(dead)

    backbone = below('backbone.', ours)
    motion = below('layer2.motion.', backbone)
    tsm(depth).load_state_dict(
        {k: v for k, v in backbone.items() if not k.startswith('layer2.motion.')}, strict=True
    )
    heads = {'cls_head.fc_cls.weight', 'cls_head.fc_cls.bias'}
    assert {key for key in ours if not key.startswith('backbone.')} == heads
    assert len(motion) == 6 + 4 * 2 * 6


@pytest.mark.parametrize(
    ('theirs', 'ours'),
    [
        ('base_model.conv1.weight', 'backbone.conv1.conv.weight'),
        ('base_model.bn1.running_var', 'backbone.conv1.bn.running_var'),
        ('base_model.layer3.1.conv1.weight', 'backbone.layer3.1.conv1.conv.net.weight'),
        ('base_model.layer3.1.conv2.weight', 'backbone.layer3.1.conv2.conv.weight'),
        ('base_model.layer3.1.bn2.bias', 'backbone.layer3.1.conv2.bn.bias'),
        ('base_model.layer3.0.downsample.0.weight', 'backbone.layer3.0.downsample.conv.weight'),
        ('base_model.layer3.0.downsample.1.bias', 'backbone.layer3.0.downsample.bn.bias'),
        ('base_model.chnl_reduction.0.weight', f'{MOTION}reduction.conv.weight'),
        ('base_model.chnl_reduction.1.bias', f'{MOTION}reduction.bn.bias'),
        ('base_model.flow_refinement.conv1.0.weight', f'{MOTION}transform.0.depthwise.conv.weight'),
        ('base_model.flow_refinement.conv2.1.bias', f'{MOTION}transform.1.depthwise.bn.bias'),
        ('base_model.flow_refinement.conv3.3.weight', f'{MOTION}transform.2.pointwise.conv.weight'),
        ('base_model.flow_refinement.conv4.4.bias', f'{MOTION}transform.3.pointwise.bn.bias'),
    ],
)
def test_names_of_the_authors(theirs, ours):
    state_dict = official()
    expected = state_dict[f'module.{theirs}']
    assert torch.equal(convert(state_dict)[ours], expected)


def test_the_authors_classifier_loses_its_kernel():
    ours = convert(official())
    assert ours['cls_head.fc_cls.weight'].shape == (174, 512)
    assert ours['cls_head.fc_cls.bias'].shape == (174,)


def test_data_parallel_or_not():
    plain = {key.removeprefix('module.'): value for key, value in official().items()}
    assert recognize(plain) == 'motionsqueeze'
    assert convert(plain).keys() == convert(official()).keys()
    with pytest.raises(ValueError, match='more than one key for each of: backbone'):
        convert({**official(), 'base_model.conv1.weight': torch.zeros(1)})


def test_the_authors_tsm():
    theirs = {
        key: value
        for key, value in official().items()
        if 'flow_refinement' not in key and 'chnl_reduction' not in key
    }
    tsm(18).load_state_dict(below('backbone.', convert(theirs)), strict=True)


def test_torchvision():
    theirs = torchvision_resnet18()
    assert recognize(theirs) == 'torchvision'
    ours = convert(theirs)
    assert len(ours) == len(theirs) - 2
    tsm_2d = tsm(18, is_shift=False)
    tsm_2d.load_state_dict(below('backbone.', ours), strict=True)
    assert torch.equal(
        tsm_2d.layer4[0].downsample.conv.weight, theirs['layer4.0.downsample.0.weight']
    )


def test_our_own_and_mmaction2s_pass_through():
    ours = convert(official())
    ours['data_preprocessor.mean'] = torch.zeros(3)
    again = convert(ours)
    assert recognize(ours) == 'mmaction2'
    assert again.keys() == ours.keys()
    assert all(again[key] is ours[key] for key in ours)
    with pytest.raises(ValueError, match='mmaction2 does not know: optimizer'):
        convert({**ours, 'optimizer.step': torch.zeros(1)})


@pytest.mark.parametrize('layout', ['motionsqueeze', 'mmaction2'])
def test_the_classifier_is_dropped_when_asked(layout):
    state_dict = official() if layout == 'motionsqueeze' else convert(official())
    kept, dropped = convert(state_dict), convert(state_dict, classifier='drop')
    assert kept.keys() - dropped.keys() == {'cls_head.fc_cls.weight', 'cls_head.fc_cls.bias'}
    assert 'backbone.conv1.conv.weight' in dropped


def test_unknown_keys_are_listed_with_the_file_and_the_layout():
    state_dict = official()
    state_dict |= {f'module.base_model.extra{i}.weight': torch.zeros(1) for i in range(12)}
    with pytest.raises(ValueError, match='does not know') as error:
        convert(state_dict, source='some.pth.tar')
    message = str(error.value)
    assert 'some.pth.tar' in message
    assert 'motionsqueeze' in message
    assert 'module.base_model.extra9.weight, …' in message
    assert 'extra10' not in message
    assert '(12 in all)' in message


def test_a_layout_that_is_forced():
    ours = rename(['base_model.conv1.weight'], 'motionsqueeze')
    assert ours == {'base_model.conv1.weight': 'backbone.conv1.conv.weight'}
    with pytest.raises(ValueError, match='torchvision does not know: module'):
        convert(official(), layout='torchvision')
    with pytest.raises(ValueError, match="no layout 'tdn'"):
        convert(official(), layout='tdn')
    with pytest.raises(ValueError, match='classifier is'):
        convert(official(), classifier='none')


def test_keys_of_no_layout():
    with pytest.raises(ValueError, match=r'clip\.pth: keys of none of the layouts .*: visual'):
        recognize(['visual.proj'], 'clip.pth')


def test_published_names():
    assert set(LAYOUTS) == {'motionsqueeze', 'mmaction2', 'torchvision'}
    assert len(PUBLISHED) == 13
    for name, url in PUBLISHED.items():
        assert name.split('/')[1] in url.rsplit('/', 1)[1]
        assert url.endswith('.pth')
