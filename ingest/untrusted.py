"""Files of strangers, read in a process of their own that may not do much: little memory, little time, no network.

Run as ``python -m ingest.untrusted`` it reads a line ``{"file", "name"}`` at a time and answers with a line: the
articles, or the problem. What a reader does with a bomb then costs that process, and no more.
"""

from __future__ import annotations

import json
import os
import re
import resource
import selectors
import subprocess
import sys
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from pydantic import TypeAdapter

from ingest.readers.problems import ReadingProblem
from retrieval.models import Article

SECONDS = 30.0
"""For one file, of which a hundred printed pages take about a third."""

MEMORY_BYTES = 1536 * 1024 * 1024
"""Address space of the process, of which Python with its libraries has a tenth."""

OUTPUT_BYTES = 64 * 1024 * 1024
"""Most that is taken from it about one file."""

MAX_CHARACTERS = 400_000
"""Of one article: some hundred printed pages, which take minutes to embed."""

MAX_ARTICLES = 500
"""Of one text file."""

LONGEST_NAME = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_ARTICLES = TypeAdapter(list[Article])
_DENIED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "urllib.", "ftplib.", "http.")


@dataclass(frozen=True)
class Upload:
    """A stranger's file: where it lies, and what he called it, made harmless."""

    file: Path
    name: str


def safe_name(name: str) -> str:
    """A file's name without folders, control characters or marks that turn its letters around."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    cleaned = " ".join(_UNSAFE.sub("", last).split()).strip(". ")
    stem, dot, suffix = cleaned.rpartition(".")
    short = f"{stem[: LONGEST_NAME - 1 - len(suffix)]}{dot}{suffix}" if dot and len(suffix) < 10 else cleaned
    return short[:LONGEST_NAME] or "upload"


class UntrustedReader:
    """Reads uploads one after the other. Use as a context manager; not from several threads at once."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> UntrustedReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, upload: Upload) -> list[Article]:
        """The articles of a file, whatever its type.

        Raises:
            UnreadableFile: when it holds none, or reading it takes too much.
        """
        told = self._ask(upload)
        if told is None:
            raise ReadingProblem(Path(upload.name), "too-demanding")
        if "code" in told:
            raise ReadingProblem(Path(upload.name), told["code"], told["detail"])
        return _ARTICLES.validate_python(told["articles"])

    def _ask(self, upload: Upload) -> Any:
        """What the process says of a file; ``None`` when it is dead, silent for too long, or says too much."""
        process = self._running()
        assert process.stdin is not None
        question = json.dumps({"file": str(upload.file), "name": upload.name})
        with suppress(BrokenPipeError):
            process.stdin.write(question.encode() + b"\n")
            process.stdin.flush()
        line = _line(process)
        if line is None:
            self._stop()
            return None
        return json.loads(line)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest.untrusted"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Its parent's secrets are in the environment.
                env={name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "PYTHONPATH") if name in os.environ},
            )
        return self._process

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process = None


def _line(process: subprocess.Popen[bytes]) -> bytes | None:
    assert process.stdout is not None
    deadline = monotonic() + SECONDS
    line = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - monotonic())):
            part = os.read(process.stdout.fileno(), 65536)
            line += part
            if line.endswith(b"\n"):
                return bytes(line)
            if not part or len(line) > OUTPUT_BYTES:
                return None
    return None


def main() -> None:
    """Read files until there are no more."""
    from ingest.readers.content import reader_of  # Loaded before anything is denied.

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(5000)
    sys.addaudithook(_deny)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        path = Path(asked["name"])
        try:
            data = Path(asked["file"]).read_bytes()
            articles = reader_of(path, data)(path, data)
            _check(path, articles)
            told: dict[str, Any] = {"articles": _ARTICLES.dump_python(articles, mode="json")}
        except ReadingProblem as problem:
            told = {"code": problem.reason_code, "detail": problem.detail}
        except MemoryError:
            told = {"code": "too-demanding", "detail": ""}
        except Exception as error:  # A reader that fails for a file of a stranger's has not failed for the next one.
            told = {"code": "damaged", "detail": type(error).__name__}
        sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
        sys.stdout.buffer.flush()


def _check(path: Path, articles: list[Article]) -> None:
    if len(articles) > MAX_ARTICLES:
        raise ReadingProblem(path, "too-many", MAX_ARTICLES)
    if any(len(article.text) > MAX_CHARACTERS for article in articles):
        raise ReadingProblem(path, "too-long", MAX_CHARACTERS)


def _deny(event: str, arguments: tuple[Any, ...]) -> None:
    """No document has a reason to make its reader reach for the network, another program, or to write a file."""
    if event.startswith(_DENIED):
        _refuse(event)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        _refuse(event)


def _refuse(event: str) -> NoReturn:
    raise PermissionError(f"{event} is not for documents to cause")


if __name__ == "__main__":
    main()
