"""The server as a process of its own, for tests that kill it, measure it or send it what is no request."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from tests.environment import without_settings

SERVE = """
import json, runpy, sys
from pathlib import Path
from retrieval.engine import Engine
from retrieval.settings import Settings
from server import serving
from server.app import create_app
embedder = runpy.run_path(sys.argv[1])["HashingEmbedder"]()
settings = Settings(index=Path(sys.argv[2]), **json.loads(sys.argv[3]))
engine = Engine(settings, embedder=embedder)
serving.run(create_app(settings, engine), serving.bind("127.0.0.1", 0), patience=3)
"""


@contextmanager
def served(
    index: Path, *, errors: TextIO | None = None, **settings: Any
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its address and process, over an index of the hashing embedder. Killed when the context ends, if it lives.

    Args:
        errors: where what it says on standard error goes; by default to this process's.
    """
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", SERVE),
            *(str(Path(__file__).with_name("hashing_embedder.py")), str(index), json.dumps(settings)),
        ],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env=without_settings() | {"OMP_NUM_THREADS": "1"},
    )
    try:
        assert process.stdout is not None
        yield next(line for line in process.stdout if "http://" in line).split()[-1], process
    finally:
        process.kill()
        process.wait()
