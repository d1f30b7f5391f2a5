"""Runs an application on a port of this machine until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from types import FrameType
from typing import NoReturn

import click
import uvicorn
from fastapi import FastAPI

from retrieval.errors import SanadError

GRACE_SECONDS = 3  # for answers under way when the server is stopped; pages left open never end by themselves


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
    """Prints the address once connections are accepted, and stops without a word."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            click.echo(f"سند · Sanad: {address_of(sockets[0])}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A page left open holds a connection that never ends. That it is cut off then is meant, and no error to log.
        logging.getLogger("uvicorn.error").addFilter(_not_cut_off)
        await super().shutdown(sockets)


def stop_on_signals() -> None:
    """From now on SIGTERM and SIGINT end the process with status 0, whatever it is doing."""

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def run(app: FastAPI, bound: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, which then goes on to the handlers that were there before."""
    config = uvicorn.Config(app, log_config=None, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS)
    _Announcing(config).run(sockets=[bound])
