"""A PostgreSQL server of the tests' own, and index folders that are kept in it instead of SQLite.

Each folder gets a schema, so that tests and the indexes of one test stay apart. Needs Debian's package postgresql.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from retrieval.database import CATALOG_FILE, Database

STARTED_WITH = Path(__file__).with_name("on_postgresql")
ADDRESS = "TEST_POSTGRESQL"
"""Where the server is, for the processes that a test starts. No setting of Sanad: tests take those away."""


def binaries() -> Path | None:
    """Where Debian keeps the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Server:
    """A running server, reached by a socket in a folder of its own; ``stop`` and ``start`` it as a test needs."""

    def __init__(self) -> None:
        bin_folder = binaries()
        assert bin_folder is not None, "the tests on PostgreSQL need Debian's package postgresql"
        self._bin = bin_folder
        self._folder = Path(tempfile.mkdtemp(prefix="sanad-pg-"))
        # The server refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._folder, self._user)
        self._data = self._folder / "data"
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=sanad", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c max_connections=200"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self._folder / 'log'}", f"--options={options}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` ends the connections, ``immediate`` is as good as a crash."""
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def close(self) -> None:
        """Stop it for good and remove its files."""
        subprocess.run([self._bin / "pg_ctl", "stop", "-D", self._data, "-m", "immediate"], **self._as_user())
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The address of its database, as SQLAlchemy writes it."""
        return f"postgresql://sanad@/postgres?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self._bin / program, f"--pgdata={self._data}", *arguments], **self._as_user())
        log = self._folder / "log"
        assert done.returncode == 0, (program, done.stderr, log.read_text() if log.exists() else "")

    def _as_user(self) -> dict[str, Any]:
        # A server that inherited the pipes would keep them open.
        errors = subprocess.DEVNULL
        options: dict[str, Any] = {"cwd": self._folder, "stdout": errors, "stderr": errors, "check": False}
        return options | ({"user": self._user, "group": self._user} if self._user else {})


def copy_index(source: Path, target: Path) -> Path:
    """Copy an index's folder, with what is kept of it on the server when that is where catalogs are kept."""
    shutil.copytree(source, target)
    if server := os.environ.get(ADDRESS):
        bin_folder = binaries()
        assert bin_folder is not None
        old, new = _schema(source), _schema(target)
        dumped = subprocess.run(
            [bin_folder / "pg_dump", f"--schema={old}", server], capture_output=True, text=True, check=True
        )
        command = [bin_folder / "psql", "--quiet", "--set=ON_ERROR_STOP=1", server]
        subprocess.run(command, input=dumped.stdout.replace(old, new), capture_output=True, text=True, check=True)
    return target


def _schema(folder: Path) -> str:
    return "index_" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


@cache
def url_of(server: str, folder: Path) -> str:
    """The address of the schema that stands for an index's folder; made when there is none."""
    schema = _schema(folder)
    with psycopg.connect(server.replace("postgresql://sanad@/postgres?host=", "user=sanad dbname=postgres host=")) as c:
        c.execute(f"SELECT pg_advisory_xact_lock(1); CREATE SCHEMA IF NOT EXISTS {schema}")
    return f"{server}&options={quote(f'-csearch_path={schema}')}"


def redirect(server: str) -> None:
    """From now on, whatever this process and those it starts would keep in an index's folder is kept on the server."""
    original = Database.__init__

    def kept_there(self: Database, folder: Path, url: str | None = None) -> None:
        original(self, folder, url or url_of(server, folder))
        if url is None:
            (folder / CATALOG_FILE).touch()  # by which the commands tell an index from no index

    Database.__init__ = kept_there  # type: ignore[method-assign]
    if os.environ.get(ADDRESS) != server:
        os.environ[ADDRESS] = server
        inherited = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join([str(STARTED_WITH), *([inherited] if inherited else [])])
