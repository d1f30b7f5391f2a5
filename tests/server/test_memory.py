"""Memory that answers have used and freed is given back while the server runs."""

from __future__ import annotations

import ctypes
import threading
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from server import memory


def test_freed_memory_is_given_back_again_and_again(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "EVERY_SECONDS", 0.01)
    often = threading.Event()
    trimmed: list[int] = []

    def trim(pad: int) -> int:
        trimmed.append(pad)
        if len(trimmed) == 3:
            often.set()
        return 1

    set_: list[tuple[int, int]] = []
    libc = SimpleNamespace(malloc_trim=trim, mallopt=lambda *option: set_.append(option))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: libc)
    with TestClient(app):
        assert often.wait(10)
    count = len(trimmed)
    assert set(trimmed) == {0}
    assert set_ == [(-8, memory.ARENAS)]
    assert not threading.Event().wait(0.05)
    assert len(trimmed) == count, "it goes on after the server has stopped"


@pytest.mark.parametrize("error", [OSError, AttributeError, TypeError])
def test_another_c_library_is_served_without_it(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def missing(name: object) -> object:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with TestClient(app) as client:
        assert client.get("/healthz").status_code == 200
