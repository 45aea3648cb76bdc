"""Draw class activation (Grad-CAM) over a video: mmaction2's vis_cam.py and its command line."""

import warnings

from msnet_mmaction.commands.cli import run_mmaction_tool
from msnet_mmaction.commands.moviepy_editor import provide_moviepy_editor

if __name__ == '__main__':
    provide_moviepy_editor()
    # It asks for the gradient of a layer's output alone, which such a hook has right.
    warnings.filterwarnings('ignore', message='Using a non-full backward hook')
    run_mmaction_tool('visualizations/vis_cam.py')
