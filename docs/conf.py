"""How Sphinx builds these pages; ``make docs`` calls it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'docs' / '_ext'))
sys.path.insert(0, str(ROOT))

import model_zoo  # noqa: E402

# The pages are of the package as it is in this checkout, which has to be imported for them.
from msnet_mmaction import __version__  # noqa: E402

project = 'msnet_mmaction'
author = 'msnet_mmaction contributors'
copyright = author
version = release = __version__

extensions = [
    'myst_nb',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx.ext.viewcode',
    'sphinx_copybutton',
    'api_docs',
]
# What the notebook writes, too.
exclude_patterns = ['_build', '_ext', 'data', 'work_dirs', '**/.ipynb_checkpoints']

# Markdown, and the notebook as it is: a test runs it.
myst_enable_extensions = ['substitution']
myst_heading_anchors = 3
myst_substitutions = model_zoo.tables(ROOT)
nb_execution_mode = 'off'

autodoc_member_order = 'bysource'
autodoc_typehints = 'signature'
autodoc_typehints_format = 'short'
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_maximum_signature_line_length = 80
# What has no language, as formulas and trees of files, is not highlighted.
highlight_language = 'none'
copybutton_exclude = '.linenos, .gp, .go'

html_theme = 'furo'
html_title = f'msnet_mmaction {version}'
html_show_sourcelink = False
