"""Package metadata. ``requirements/tested.txt`` holds the exact versions that the tests run on."""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
#: Its public address, as ``https://.../msnet_mmaction``; None while it has none.
REPOSITORY = None


def read_version() -> str:
    """The version, read without importing the package (and so without torch)."""
    namespace: dict = {}
    exec((ROOT / 'msnet_mmaction' / 'version.py').read_text(), namespace)
    return namespace['__version__']


def read_long_description(repository: str | None = REPOSITORY) -> str:
    """README.md without relative links, which lead nowhere on a package index.

    They become absolute; while the repository has no public address, links become their text, and
    pictures are left out.
    """
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    picture, link = r'!\[([^]]*)\]\((?!\w+:)([^)]*)\)', r'(?<!!)\[([^]]*)\]\((?!\w+:|#)([^)]*)\)'
    if repository is None:
        return re.sub(link, r'\1', re.sub(picture, '', text))
    text = re.sub(picture, rf'![\1]({repository}/raw/main/\2)', text)
    return re.sub(link, rf'[\1]({repository}/blob/main/\2)', text)


class BuildWithConfigs(build_py):
    """Copies configs, tools and ``model-index.yml`` into ``.mim``, where MIM and MMEngine look.

    An editable installation has those of the repository.
    """

    def run(self) -> None:
        """Build, then fill ``.mim``."""
        super().run()
        if self.editable_mode:
            return
        mim = Path(self.build_lib, 'msnet_mmaction', '.mim')
        # What an earlier build left may be of files that are no more.
        shutil.rmtree(mim, ignore_errors=True)
        # tools/dev is for who works on this package.
        ignored = shutil.ignore_patterns('__pycache__', 'dev')
        for name in ('configs', 'tools'):
            shutil.copytree(ROOT / name, mim / name, ignore=ignored)
        shutil.copy2(ROOT / 'model-index.yml', mim)


setup(
    name='msnet_mmaction',
    version=read_version(),
    description='MotionSqueeze (ECCV 2020) for MMAction2: motion features without optical flow',
    long_description=read_long_description(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    author='msnet_mmaction contributors',
    url=REPOSITORY,
    project_urls={
        'Paper': 'https://arxiv.org/abs/2007.09933',
        'MMAction2': 'https://github.com/open-mmlab/mmaction2',
    },
    keywords='action recognition, video understanding, motion, optical flow, mmaction2, openmmlab',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Science/Research',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3 :: Only',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Scientific/Engineering :: Image Recognition',
        'Typing :: Typed',
    ],
    cmdclass={'build_py': BuildWithConfigs},
    packages=find_packages(include=['msnet_mmaction', 'msnet_mmaction.*']),
    package_data={
        'msnet_mmaction': [
            'py.typed',
            'datasets/labels/class_names/*.txt',
            'commands/reproduce/published.yml',
        ]
    },
    python_requires='>=3.10',
    # The ranges are those of docs/installation.md: what was run.
    install_requires=[
        'torch>=2.1',
        'numpy>=1.23',
        'mmaction2>=1.2,<1.3',
        # mmaction2 imports it and does not declare it.
        'importlib_metadata',
        # mmengine imports pkg_resources, which later ones warn about and lack (mmcv#3325).
        'setuptools<81',
        'av>=15',
        # decord ships wheels for x86-64 alone; decord2 is imported by the same name.
        'decord>=0.6; platform_machine in "x86_64 AMD64" and sys_platform != "darwin"',
        'decord2; platform_machine not in "x86_64 AMD64" or sys_platform == "darwin"',
    ],
    # Several distributions own the import names mmengine and mmcv, and pip lets them overwrite
    # each other. So none is required above: a fresh machine names its stack by one of the first
    # three extras, and an environment that has one keeps it.
    extras_require={
        'lite': ['mmengine>=0.10,<0.11', 'mmcv-lite>=2.0,<2.2'],
        'full': ['mmengine>=0.10,<0.11', 'mmcv>=2.1,<2.2'],
        'onedl': ['onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6'],
        'tensorboard': ['tensorboard'],
        'export': ['onnx', 'onnxruntime'],
        # The page of the command app, on the Gradio that was tried. It brings uvicorn and FastAPI.
        'app': ['gradio>=6.31,<7', 'matplotlib'],
        'demo': ['scikit-image', 'scikit-video', 'matplotlib'],
    },
)
