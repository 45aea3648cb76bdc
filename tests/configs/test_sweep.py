"""Every config builds, and its three pipelines read data of the data set that it names."""

import copy
import functools
import re
from pathlib import Path

import pytest
import torch
from mmaction.models import Recognizer3D
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from torch import nn

from msnet_mmaction.commands.reproduce.configs import pipeline_shape
from msnet_mmaction.commands.reproduce.experiments import load_paper
from msnet_mmaction.engine.hooks import check_frames
from tests.helpers.config_data import CLASSES, FLOW_X, FLOW_Y, FOLDERS, write_data

ROOT = Path(__file__).parents[2] / 'configs'
NAMES = sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.rglob('*.py') if '_base_' not in path.parts
)
SPLITS = ('train', 'val', 'test')
#: Each network of the paper's rows: its config, the row, the data set, its place in the row.
ROWS = [
    (network.tested.removeprefix('configs/'), experiment, dataset, place)
    for experiment in load_paper().experiments.values()
    for dataset, networks in experiment.networks.items()
    for place, network in enumerate(networks)
]


def data_of(name):
    """The data set that a config's name says; the ablations are of Something-Something V1."""
    named = re.search(r'_(sthv1|sthv2|k400|hmdb51|motion)\.py$', name)
    return named.group(1) if named else 'sthv1'


def is_flow(name):
    return 'flow' in name and 'rep_flow' not in name


FLOW = [name for name in NAMES if is_flow(name)]


@functools.cache
def load(name):
    return Config.fromfile(ROOT / name)


def network(name):
    """Configs of one model share it."""
    return _network(str(load(name).model.to_dict()), name)


_networks = {}


def _network(key, name):
    if key not in _networks:
        torch.manual_seed(0)
        _networks[key] = MODELS.build(load(name).model).eval()
    return _networks[key]


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp('sweep')
    write_data(root)
    return root


_samples = {}


def read(dataset):
    """The first sample of a dataset; of many clips it reads two. Configs share what is equal."""
    key = str(dataset.to_dict())
    if key not in _samples:
        dataset = copy.deepcopy(dataset)
        for sampler in samplers(dataset):
            clips = clips_term(sampler)
            sampler[clips] = min(sampler.get(clips, 1), 2)
        _samples[key] = DATASETS.build(dataset)[0]
    return _samples[key]


def samplers(dataset):
    return [t for t in dataset.pipeline if 'Sample' in t.type]


def clips_term(sampler):
    """How a sampler calls the clips whose scores are averaged."""
    of_one_clip = sampler.type in ('SampleFrames', 'UniformSample')
    return 'num_clips' if of_one_clip else 'num_sample_positions'


def first_convolution(model):
    return next(m for m in model.backbone.modules() if isinstance(m, nn.Conv2d | nn.Conv3d))


@pytest.mark.parametrize('name', NAMES)
def test_reads_its_data(name, data, monkeypatch):
    monkeypatch.chdir(data)
    cfg, model = load(name), network(name)
    check_frames(cfg, model)
    place = data_of(name) + ('_flow' if name == 'demo/flow_r18_motion.py' else '')
    for split in SPLITS:
        dataset = cfg[f'{split}_dataloader'].dataset
        assert dataset.num_classes == model.cls_head.num_classes == CLASSES[data_of(name)]
        assert dataset.get('classes') == (None if 'motion' in name else data_of(name))
        folder = Path(dataset.get('data_root', ''), dataset.ann_file).parent
        assert folder == Path('data', FOLDERS[place])
        assert (dataset.get('modality') == 'Flow') == is_flow(name)
        # Readers that name a broken file, and are as fast as any.
        readers = {t.type for t in dataset.pipeline if 'Decode' in t.type}
        frames = dataset.type == 'CheckedRawframeDataset'
        assert readers == {'FrameFilesDecode' if frames else 'VideoDecode'}

        sample = read(dataset)
        assert sample['data_samples'].gt_label.item() == dataset.num_classes - 1
        *clips, height, width = sample['inputs'].shape
        assert (height, width) == ((64, 64) if 'motion' in name else (224, 224))
        (sampler,) = samplers(dataset)
        # DenseSampleFrames tests ten clips if not told otherwise.
        many = sampler.get(clips_term(sampler), 1)
        many = min(many, 2) if split == 'test' or many > 1 else 1
        channels = first_convolution(model).in_channels
        if isinstance(model, Recognizer3D):
            assert clips == [many, channels, sampler.clip_len]
        else:
            assert clips[0] % sampler.num_clips == 0
            assert clips[1:] == [channels]


@pytest.mark.parametrize('name', NAMES)
def test_predicts_from_what_it_reads(name, data, monkeypatch):
    monkeypatch.chdir(data)
    cfg, model = load(name), network(name)
    sample = read(cfg.val_dataloader.dataset)
    # A quarter of the pixels: only the shapes matter.
    batch = dict(
        inputs=[sample['inputs'][..., ::4, ::4]],
        data_samples=[copy.deepcopy(sample['data_samples'])],
    )
    with torch.inference_mode():
        (predicted,) = model.val_step(batch)
    assert predicted.pred_score.shape == (CLASSES[data_of(name)],)
    assert torch.isfinite(predicted.pred_score).all()


@pytest.mark.parametrize('name', NAMES)
def test_trains_all_of_it_at_the_rates_of_its_input(name):
    cfg, model = load(name), network(name)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    rates = {
        id(p): group['lr'] / cfg.optim_wrapper.optimizer.lr
        for group in wrapper.optimizer.param_groups
        for p in group['params']
    }
    assert rates.keys() == {id(p) for p in model.parameters()}
    # Weights for colours, averaged, become weights for flow, as in the code of TSM: 5 x. What
    # starts from scratch, R(2+1)D and the demo's, has no such convolution.
    averaged = is_flow(name) and 'r2plus1d' not in name and 'demo' not in name
    assert rates[id(first_convolution(model).weight)] == pytest.approx(5 if averaged else 1)
    processes = 1 if 'demo' in name else 8
    assert cfg.auto_scale_lr.base_batch_size == processes * cfg.train_dataloader.batch_size


@pytest.mark.parametrize('name', FLOW)
def test_flow_is_cropped_and_mirrored_as_flow(name, data, monkeypatch):
    monkeypatch.chdir(data)
    dataset = copy.deepcopy(load(name).train_dataloader.dataset)
    crops = [t.scales for t in dataset.pipeline if t.type == 'MultiScaleCrop']
    flips = [t for t in dataset.pipeline if 'Flip' in t.type]
    if 'motion' in name:
        assert not crops + flips
        return
    assert crops == [(1, 0.875, 0.75)]
    (flip,) = flips
    for ratio, x in ((0, FLOW_X), (1, 255 - FLOW_X)):
        flip.flip_ratio = ratio
        inputs = DATASETS.build(dataset)[0]['inputs'].float()
        # (T, 2 L, H, W) of stacks, x and y in turn; (1, 2, T, H, W) of clips.
        channels = inputs.mean(dim=(0, 2, 3, 4) if inputs.ndim == 5 else (0, 2, 3))
        expected = torch.tensor([x, FLOW_Y]).repeat(len(channels) // 2).float()
        torch.testing.assert_close(channels, expected, atol=2, rtol=0)


@pytest.mark.parametrize('name', NAMES)
def test_says_what_it_is(name):
    cfg, model = load(name), network(name)
    assert cfg.custom_imports.imports == ['msnet_mmaction']
    assert cfg.default_hooks.preflight.type == 'PreflightHook'
    assert cfg.default_hooks.broken_files.type == 'BrokenFilesHook'
    # A plain TSM says so.
    layers = [key for key, _ in model.named_modules() if key.endswith('.motion')]
    assert bool(layers) == (cfg.model.backbone.type == 'MSNet')
    if 'ablations' not in name:
        assert bool(layers) == ('msnet' in name or 'rep_flow' in name)
    # Transforms are named by what they are, never by their place.
    assert 'pipeline[' not in re.sub(r'_base_\.\w+_pipeline\[', '', (ROOT / name).read_text())


@pytest.mark.parametrize(
    ('name', 'experiment', 'dataset', 'place'),
    ROWS,
    ids=[f'{e.name}-{dataset}-{place}' for _, e, dataset, place in ROWS],
)
def test_is_what_its_row_says(name, experiment, dataset, place):
    cfg, model = load(name), network(name)
    assert data_of(name) == dataset
    # 8 of '8', of '16+8' and of '8 + 8 x 5'.
    several = experiment.frames.split('+')
    frames = int(several[min(place, len(several) - 1)].split('x')[0])
    shape = pipeline_shape(cfg, model)
    # (T, C, H, W), or (1, C, T, H, W).
    assert shape[-4 if len(shape) == 4 else 2] == frames
    if experiment.row == 'TSM two-stream, 6 clips':
        return  # of three crops each; its note says that the config tests one
    (sampler,) = samplers(cfg.test_dataloader.dataset)
    default = 10 if sampler.type == 'DenseSampleFrames' else 1
    assert sampler.get(clips_term(sampler), default) == (experiment.clips or 1)
