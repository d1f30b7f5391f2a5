"""Gives memory that is no longer used back to the system while the server runs.

Each answer takes and frees tensors and lists of another size, in threads of which glibc gives each an arena of its own;
what is freed stays in them. Over half an hour of questions that no cache knows, the server grew by 9 % so. With two
arenas for all threads, and ``malloc_trim`` now and then, little of that is left. Another C library is let be.
"""

from __future__ import annotations

import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import anyio.to_thread

from server.periodic import repeating

EVERY_SECONDS = 20.0
"""Between two trims, of some milliseconds each."""

ARENAS = 2
_M_ARENA_MAX = -8  # of glibc's malloc.h


@asynccontextmanager
async def giving_back() -> AsyncIterator[None]:
    """Within it, freed memory is given back to the system: at once, then every :data:`EVERY_SECONDS`."""
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, ARENAS)
        trim = partial(anyio.to_thread.run_sync, libc.malloc_trim, 0)  # ctypes lets other threads run meanwhile
    except (OSError, AttributeError, TypeError):  # another C library
        yield
        return
    async with repeating(trim, EVERY_SECONDS):
        yield
