"""Runs an application on a port of this machine until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import NoReturn

import click
import uvicorn
from fastapi import FastAPI
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp

from retrieval.errors import SanadError
from server.connections import PromptProtocol
from server.metrics import Metrics

GRACE_SECONDS = 3  # for pages left open when the server is stopped, which never end by themselves
LOOK_AGAIN = 0.05  # seconds between two looks whether answers are still under way


class CannotListen(SanadError):
    """The address cannot be listened on. Values: ``address``, ``reason``."""

    code, status = "cannot-listen", 500
    arabic = "تعذّر الاستماع على {address}: {reason}"
    english = "Cannot listen on {address}: {reason}"


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to an address but not listening yet, so that nobody connects before there is an answer.

    Args:
        port: 0 takes a free one.

    Raises:
        CannotListen: the port is taken or may not be used, or the host is not an address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        # As every server does: a port whose last server has just stopped can be used again at once.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(address=f"{host}:{port}", reason=reason) from error
    return bound


def address_of(bound: socket.socket) -> str:
    """Where a browser on this machine finds what listens there: ``http://127.0.0.1:8000``."""
    host, port = bound.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"


def _not_cut_off(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError) and "graceful shutdown exceeded" not in str(record.msg)


class _Announcing(uvicorn.Server):
    """Prints the address once connections are accepted; stops without a word, when answers under way are finished."""

    def __init__(self, config: uvicorn.Config, *, path: str, under_way: Callable[[], float], patience: float) -> None:
        super().__init__(config)
        self._path = path
        self._under_way = under_way
        self._patience = patience

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            click.echo(f"سند · Sanad: {address_of(sockets[0])}{self._path}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A page left open holds a connection that never ends. That it is cut off then is meant, and no error to log.
        logging.getLogger("uvicorn.error").addFilter(_not_cut_off)
        for listening in (*self.servers, *(sockets or ())):  # Nobody new is let in while the others are finished.
            listening.close()
        deadline = monotonic() + self._patience
        while self._under_way() and monotonic() < deadline and not self.force_exit:
            await asyncio.sleep(LOOK_AGAIN)
        await super().shutdown(sockets)


def stop_on_signals() -> None:
    """From now on SIGTERM and SIGINT end the process with status 0, whatever it is doing."""

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def configured(app: ASGIApp) -> uvicorn.Config:
    """How an application is served."""
    return uvicorn.Config(
        app,
        http=PromptProtocol,
        ws="none",
        # Who has forwarded a request is for server.callers to tell; uvicorn would believe whatever is on loopback.
        proxy_headers=False,
        server_header=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def run(app: FastAPI, bound: socket.socket, *, patience: float) -> None:
    """Serve until SIGTERM or SIGINT, which then goes on to the handlers that were there before.

    Args:
        patience: Seconds that answers under way then get to be finished; nobody new is let in.
    """
    # It would end event streams as soon as the server is told to stop.
    AppStatus.disable_automatic_graceful_drain()
    metrics: Metrics = app.state.metrics
    _server(app, under_way=metrics.under_way, patience=patience).run(sockets=[bound])


async def serve(app: ASGIApp, bound: socket.socket, *, path: str) -> None:
    """Serve an application without answers to wait for, which is at ``path``, in the event loop that is running."""
    await _server(app, path=path).serve(sockets=[bound])


def _server(
    app: ASGIApp, *, path: str = "", under_way: Callable[[], float] = lambda: 0, patience: float = 0
) -> _Announcing:
    return _Announcing(configured(app), path=path, under_way=under_way, patience=patience)
