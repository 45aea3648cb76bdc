"""Draw class activation (Grad-CAM) over a video: mmaction2's vis_cam.py and its command line."""

from msnet_mmaction.cli import run_mmaction_tool
from msnet_mmaction.visualization.moviepy_editor import provide_moviepy_editor

if __name__ == '__main__':
    provide_moviepy_editor()
    run_mmaction_tool('visualizations/vis_cam.py')
