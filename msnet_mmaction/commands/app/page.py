"""The page itself. This module and ``server`` alone import Gradio."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import gradio as gr

from ...datasets import DataError
from .analysis import Analysis, Settings, analyse
from .limits import Limits, check_video
from .networks import Network
from .page_files import PageFiles

#: Files that nobody has asked to be removed are removed after an hour.
KEPT_SECONDS = 3600.0

_READY = 'Drop a video, or record one with the camera.'


def build_page(
    networks: Sequence[Network], files: PageFiles, limits: Limits, film_frames: int
) -> gr.Blocks:
    """Build the page.

    Args:
        networks: One, or two that are shown side by side.
        files: Where uploads and films are.
        limits: Of an upload.
        film_frames: The most frames of a film.
    """
    defaults = Settings(film_frames=film_frames)

    def check(upload: str | None, request: gr.Request) -> tuple:
        """Tell at once what is wrong with a file; such a file is removed."""
        files.remove_older_than(KEPT_SECONDS)
        if upload is None:
            return gr.skip(), _READY
        path = Path(upload)
        files.keep(request.session_hash, path)
        try:
            seconds = check_video(path, limits)
        except DataError as error:
            files.remove(path)
            return None, f'error: {error}'
        return gr.skip(), f'{path.name}: {seconds:.1f} s. Press Analyse.'

    def run(
        upload: str | None,
        window: float,
        film_step: float,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  (Gradio finds it by its default)
    ) -> Iterator[list]:
        """Analyse with one network after the other; the upload is removed at the end."""
        nothing = [None, None, None, ''] * len(networks)
        if upload is None:
            yield [gr.skip(), _READY, *nothing]
            return
        path = Path(upload)
        # The films of the analysis before.
        files.remove_all_of_but(request.session_hash, path)
        settings = Settings(float(window), int(film_step), film_frames)
        shown = list(nothing)
        try:
            for n, network in enumerate(networks):
                found = analyse(
                    network,
                    path,
                    files.new_film(request.session_hash),
                    settings,
                    limits,
                    partial(_tell, progress, network.name),
                )
                shown[4 * n : 4 * n + 4] = _shown(found)
                if n + 1 < len(networks):
                    yield [gr.skip(), f'{path.name}: {n + 1} of {len(networks)}', *shown]
        except DataError as error:
            yield [None, f'error: {error}', *nothing]
        else:
            yield [None, f'{path.name} is analysed, and was removed.', *shown]
        finally:
            files.remove(path)

    def leave(request: gr.Request) -> None:
        files.remove_all_of(request.session_hash)

    with gr.Blocks(title='msnet_mmaction', analytics_enabled=False) as page:
        gr.Markdown('# Motion in a video\nWhat a network recognises, when, and how things move.')
        with gr.Row():
            video = gr.Video(
                label=f'A video of at most {limits.seconds:g} s and {limits.megabytes:g} MB',
                sources=['upload', 'webcam'],
                # As it is recorded: a mirrored video is of another class, where left is not right.
                webcam_options=gr.WebcamOptions(mirror=False),
                # False would have FFmpeg write the file anew.
                include_audio=True,
                height=380,
                elem_id='video',
            )
            with gr.Column():
                window = gr.Slider(
                    0.5, 10, defaults.window, step=0.5, label='Window (s)', elem_id='window'
                )
                step = gr.Slider(
                    1,
                    10,
                    defaults.film_step,
                    step=1,
                    label=f'Film: every so many frames, at most {film_frames} of them',
                )
                button = gr.Button('Analyse', variant='primary', elem_id='analyse')
                message = gr.Textbox(
                    _READY, label='Message', interactive=False, lines=2, elem_id='message'
                )
        outputs = []
        with gr.Row(equal_height=False):
            for n, network in enumerate(networks):
                with gr.Column(min_width=480):
                    # A code span: a file's name may hold anything.
                    gr.Markdown(f'## `{network.name.replace("`", "")}`')
                    top = gr.Label(label='Top 5', num_top_classes=5, elem_id=f'top{n}')
                    gr.Markdown('### Scores over time')
                    chart = gr.Plot(show_label=False, format='png', elem_id=f'scores{n}')
                    gr.Markdown('### Motion, and how sure it is')
                    film = gr.Video(
                        show_label=False,
                        interactive=False,
                        autoplay=True,
                        loop=True,
                        buttons=['download'],
                        elem_id=f'film{n}',
                    )
                    outputs += [top, chart, film, gr.Markdown(elem_id=f'caption{n}')]
        gr.on(
            [video.upload, video.stop_recording],
            check,
            [video],
            [video, message],
            api_visibility='private',
            queue=False,
        )
        button.click(
            run,
            [video, window, step],
            [video, message, *outputs],
            api_visibility='private',
            # The results come one after the other, and the bar over the message tells the rest.
            show_progress_on=[message],
        )
        page.unload(leave)
    # One at a time: a network serves one video, and the machine has other things to do.
    page.queue(default_concurrency_limit=1, max_size=8)
    return page


def _tell(progress: gr.Progress, name: str, share: float, what: str) -> None:
    progress(share, f'{name}: {what}')


def _shown(found: Analysis) -> list:
    film = None if found.film is None else str(found.film)
    return [found.top, found.chart, film, found.caption]
