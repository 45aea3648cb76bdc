"""What the page shows of a video, without the page."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from ...apis import iter_predictions, motion_along_video
from ...datasets import DataError, VideoFrames
from ...models.layers import motion_layers
from ...visualization import motion_film, score_figure, write_mp4
from .limits import Limits, check_video
from .networks import Network

#: Classes in a chart.
_LINES = 8


class Settings(NamedTuple):
    """What a visitor chooses.

    Attributes:
        window: Length of the windows whose scores are drawn, in seconds; they overlap by half.
        film_step: Every how many frames of the video the film shows one.
        film_frames: The most frames of the film.
    """

    window: float = 2.0
    film_step: int = 2
    film_frames: int = 48


class Analysis(NamedTuple):
    """What a network finds in a video.

    Attributes:
        top: The five best classes and their probability, the mean over the windows.
        chart: Scores over time, of the eight classes that reach the highest.
        film: The film of the motion; None of a network that estimates none.
        caption: What the film shows, or why there is none.
    """

    top: dict[str, float]
    chart: Figure
    film: Path | None
    caption: str


def analyse(
    network: Network,
    video: Path,
    film: Path,
    settings: Settings,
    limits: Limits,
    progress: Callable[[float, str], None] = lambda share, what: None,
) -> Analysis:
    """Run a network along a video.

    Args:
        network: The network.
        video: The file.
        film: Where to write the film, an MP4 file.
        settings: What is shown.
        limits: See :func:`.check_video`.
        progress: Called with the share that is done of what is being done.

    Raises:
        DataError: If the video can't be used; the message names it without its folder.
    """
    seconds = check_video(video, limits)
    try:
        frames = VideoFrames(video)
        # What a browser records of a camera tells no rate.
        rate = frames.fps or len(frames) / seconds
        if len(frames) / rate > limits.seconds:
            # A header may tell a shorter length than that of the frames.
            raise DataError(
                f'{video.name} has {len(frames)} frames, {len(frames) / rate:.0f} s of video: the '
                f'limit is {limits.seconds:g} s'
            )
        starts, ends, scores = _predict(network, video, settings.window, rate, seconds, progress)
        written, caption = _write_film(network, video, film, settings, progress)
    except ValueError as error:
        raise DataError(_without_folder(error, video)) from error
    mean = scores.mean(axis=0)
    best = mean.argsort()[::-1][:5]
    # A class that is sure for a moment has a low mean.
    drawn = scores.max(axis=0).argsort()[::-1][:_LINES]
    return Analysis(
        top={network.class_names[label]: float(mean[label]) for label in best},
        chart=score_figure(
            starts, ends, scores[:, drawn], [network.class_names[label] for label in drawn]
        ),
        film=written,
        caption=caption,
    )


def _predict(
    network: Network,
    video: Path,
    window: float,
    rate: float,
    seconds: float,
    progress: Callable[[float, str], None],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Begin, end and scores of windows along the video."""
    spans, scores = [], []
    for prediction in iter_predictions(
        network.model, str(video), classes=network.class_names, window=window, fps=rate
    ):
        if prediction.scores is None:
            raise DataError(prediction.error)
        spans.append(prediction.span)
        scores.append(prediction.scores)
        progress(min(prediction.span[1] / seconds, 1.0), 'scores')
    starts, ends = np.array(spans).T
    return starts, ends, np.stack(scores)


def _write_film(
    network: Network,
    video: Path,
    film: Path,
    settings: Settings,
    progress: Callable[[float, str], None],
) -> tuple[Path | None, str]:
    try:
        first, *_ = motion_layers(network.model)
    except ValueError:
        return None, 'No film: no layer of this network estimates motion.'
    try:
        motion = motion_along_video(
            network.model,
            video,
            [first],
            step=settings.film_step,
            max_frames=settings.film_frames,
            original_size=True,
            progress=lambda done, of: progress(done / of, 'motion'),
        )
    except DataError as error:
        # Of a video too short for the step, the scores are still worth seeing.
        return None, f'No film: {_without_folder(error, video)}'
    field = next(iter(motion.fields.values()))
    pictures = motion_film(motion.frames, field, frame_names=[str(n) for n in motion.frame_indices])
    write_mp4(film, pictures, fps=6)
    return film, (
        f'Motion at {first}, frames {motion.frame_indices[0]} to {motion.frame_indices[-1]}, '
        f'every {settings.film_step}.'
    )


def _without_folder(error: Exception, video: Path) -> str:
    """The message without the temporary folder that an upload lies in."""
    return str(error).replace(str(video), video.name)
