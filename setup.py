"""Package metadata. ``requirements/tested.txt`` holds the exact versions that the tests run on."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def read_version() -> str:
    """The version, read without importing the package (and so without torch)."""
    namespace: dict = {}
    exec((ROOT / 'msnet_mmaction' / 'version.py').read_text(), namespace)
    return namespace['__version__']


setup(
    name='msnet_mmaction',
    version=read_version(),
    description='MotionSqueeze (ECCV 2020) for MMAction2: motion features without optical flow',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
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
        'full': ['mmengine>=0.10,<0.11', 'mmcv>=2.0,<2.2'],
        'onedl': ['onedl-mmengine==0.10.12', 'onedl-mmcv==2.3.6'],
        'tensorboard': ['tensorboard'],
        'demo': ['scikit-image', 'scikit-video', 'matplotlib'],
    },
)
