"""Serving the page: one address, no other machine asked for anything."""

import os
import socket

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import Limits
from .page_files import PageFiles

#: The browser loads from the page's own address alone, whatever a library's HTML names.
_POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "form-action 'self'; base-uri 'self'; frame-ancestors 'self'"
)
#: Gradio's scissors load FFmpeg from another machine.
_NO_TRIMMING = '#video button[aria-label="Trim video to selection"] {display: none}'
#: What surrounds a file in an upload.
_ENVELOPE = 100_000
_LOCAL = ('127.0.0.1', '::1', 'localhost')


class Guard:
    """Refuses uploads that are too large before a byte is read, and sets the browser's policy.

    Args:
        app: What it guards.
        max_bytes: The largest request.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app, self.max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, as an ASGI application does."""
        if scope['type'] != 'http':
            await self.app(scope, receive, send)
            return

        async def send_with_policy(message: Message) -> None:
            if message['type'] == 'http.response.start':
                policy = (b'content-security-policy', _POLICY.encode())
                message = {**message, 'headers': [*message['headers'], policy]}
            await send(message)

        length = Headers(scope=scope).get('content-length', '0')
        if not length.isdecimal() or int(length) > self.max_bytes:
            limit = f'{self.max_bytes / 2**20:.0f} MB'
            refusal = PlainTextResponse(f'The file is larger than the limit of {limit}.', 413)
            await refusal(scope, receive, send_with_policy)
            return
        await self.app(scope, receive, send_with_policy)


def serve(page: gr.Blocks, listening: socket.socket, limits: Limits, files: PageFiles) -> None:
    """Serve the page until the process is interrupted.

    Args:
        page: The page.
        listening: The socket to listen on.
        limits: Of an upload.
        files: The folder of the page's files.
    """
    host = listening.getsockname()[0]
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, max_bytes=limits.bytes + _ENVELOPE)
    if host in _LOCAL:
        # Else a page of the internet whose name leads here could read this one.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*_LOCAL, '[::1]'])
    gr.mount_gradio_app(
        app,
        page,
        path='/',
        footer_links=[],
        run_history=False,
        max_file_size=limits.bytes,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        # The default theme loads its fonts from Google.
        theme=gr.themes.Default(font=['system-ui', 'sans-serif'], font_mono=['monospace']),
        css=_NO_TRIMMING,
        blocked_paths=[os.getcwd()] if not files.folder.is_relative_to(os.getcwd()) else [],
    )
    config = uvicorn.Config(
        app, log_level='warning', timeout_graceful_shutdown=3, server_header=False
    )
    uvicorn.Server(config).run(sockets=[listening])
