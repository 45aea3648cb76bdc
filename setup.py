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
    install_requires=[
        'torch>=2.1',
        'numpy>=1.23',
        'mmengine>=0.10,<1',
        'mmaction2>=1.2,<2',
        # mmaction2 imports it and does not declare it.
        'importlib_metadata',
        # mmengine imports pkg_resources, which later ones warn about and lack (mmcv#3325).
        'setuptools<81',
        'av>=15',
        # decord ships wheels for x86-64 alone; decord2 is imported by the same name.
        'decord>=0.6; platform_machine in "x86_64 AMD64" and sys_platform != "darwin"',
        'decord2; platform_machine not in "x86_64 AMD64" or sys_platform == "darwin"',
    ],
    # mmcv and mmcv-lite own the same import name, so neither may be forced on an environment
    # that holds the other one: a fresh machine takes `lite`.
    extras_require={
        'lite': ['mmcv-lite>=2.0,<2.2'],
        'full': ['mmcv>=2.0,<2.2'],
        'tensorboard': ['tensorboard'],
        'demo': ['scikit-image', 'scikit-video', 'matplotlib'],
    },
)
