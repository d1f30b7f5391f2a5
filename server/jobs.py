"""Changes of articles over HTTP: done one after the other, in the order they came, by one thread.

A job's state is in the catalog, so that it can be asked for by whichever process and after a restart. Each process
holds a lock for as long as it lives: what one whose lock is free has left undone is marked as interrupted, and what the
others are at is left alone. Uploads wait in files beside the index, each process's in a folder of its own.
"""

from __future__ import annotations

import logging
import shutil
import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, TypeAdapter
from sqlalchemy import select

from ingest.pipeline import Report, delete_articles, ingest_articles
from ingest.untrusted import UntrustedReader, Upload
from retrieval.errors import ModelMismatch, SanadError, UnreadableFile
from retrieval.models import Article, Record
from retrieval.tables import JobRow

if TYPE_CHECKING:
    from retrieval.engine import Engine
    from retrieval.settings import Settings

log = logging.getLogger("sanad.server")
RETRY_AFTER = 30  # seconds; an article takes about one, an upload may hold many
STOP_SECONDS = 10.0  # given to the commit at hand when the server stops

Kind = Literal["ingest", "replace", "delete"]
State = Literal["queued", "reading", "embedding", "done", "failed", "interrupted"]
Outcome = Literal["waiting", "read", "added", "replaced", "unchanged", "deleted", "failed"]
ENDED: tuple[State, ...] = ("done", "failed", "interrupted")


class QueueFull(SanadError):
    """As many changes of articles wait as may. Values: ``retry_after``, in seconds."""

    code, status = "ingest-queue-full", 503
    arabic = "قائمة انتظار الإدخال ممتلئة: أعد المحاولة بعد {retry_after} ثانية."
    english = "The queue of articles to ingest is full: try again in {retry_after} seconds."


class UnknownJob(SanadError):
    """The caller has no such job. Values: ``job_id``."""

    code, status = "unknown-job", 404
    arabic = "لا توجد مهمة بهذا المعرّف: {job_id}."
    english = "There is no job {job_id}."


class TwiceInOneJob(UnreadableFile):
    """Two files of one upload hold an article of the same id. Values: ``path``, ``article_id``."""

    arabic = "في {path} مقال سبق مثل معرّفه في ملف آخر من الرفع نفسه: {article_id}."
    english = "{path} holds an article whose id another file of the same upload has already: {article_id}."


class SeveralArticles(UnreadableFile):
    """A file that is to replace one article holds several. Values: ``path``."""

    arabic = "في {path} أكثر من مقال، والمطلوب استبدال مقال واحد."
    english = "{path} holds more than one article, and is to replace one."


class FileResult(Record):
    """One file of an upload (or the article that a request names), and what became of it."""

    name: str = Field(description="The file's name without folders, or the article's id.")
    outcome: Outcome = "waiting"
    article_ids: tuple[str, ...] = Field(default=(), description="The articles it holds.")
    detail: str | None = Field(default=None, description="Why it failed, in English.")
    detail_ar: str | None = Field(default=None, description="Why it failed, in Arabic.")


class Job(Record):
    """A change of articles. It has ended when its state is `done`, `failed` (of all files) or `interrupted`."""

    id: str
    kind: Kind
    state: State
    done: int = Field(ge=0, description="Files read, or articles embedded and visible, depending on the state.")
    total: int | None = Field(ge=0, description="Of how many; null until it is known.")
    files: tuple[FileResult, ...]
    created: datetime
    updated: datetime


@dataclass
class Work:
    """What a job is to do: read uploads, store articles (under ``article_id``, if given), or delete one."""

    kind: Kind
    owner: str | None
    uploads: Sequence[Upload] = ()
    articles: Sequence[Article] = ()
    article_id: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def names(self) -> list[str]:
        """What its results are told by."""
        return (
            [upload.name for upload in self.uploads]
            or [article.id for article in self.articles]
            or [self.article_id or ""]
        )


class _Stopped(Exception):
    """The server stops."""


_FILES = TypeAdapter(tuple[FileResult, ...])


class Jobs:
    """The queue and its thread, over the engine's catalog. Safe to share between threads."""

    def __init__(self, engine: Callable[[], Engine], *, waiting: int) -> None:
        self._engine = engine
        self._most = waiting
        self._queue: deque[Work] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._replica = uuid.uuid4().hex
        self._recovered = self._stopping = self._alive = False

    @property
    def folder(self) -> Path:
        """Where uploads wait."""
        return self._uploads / self._replica

    @property
    def _uploads(self) -> Path:
        return self._engine().settings.index / "uploads"

    def check(self) -> None:
        """Raises QueueFull when no more work is taken now, before an upload is read in vain."""
        self._recover()
        self._live()
        with self._changed:
            if len(self._queue) >= self._most or self._stopping:
                raise QueueFull(retry_after=RETRY_AFTER)

    def submit(self, work: Work) -> Job:
        """Put work at the end of the queue.

        Raises:
            QueueFull: when it is full.
        """
        self._recover()
        self._live()
        now = datetime.now(UTC)
        row = JobRow(id=work.id, kind=work.kind, state="queued", owner=work.owner, done=0, total=None, messages="[]")
        row.replica = self._replica
        row.created = row.updated = now
        row.messages = _FILES.dump_json(tuple(FileResult(name=name) for name in work.names())).decode()
        job = _job(row)
        with self._changed:
            if len(self._queue) >= self._most or self._stopping:
                raise QueueFull(retry_after=RETRY_AFTER)
            with self._engine().database.write() as session:
                session.add(row)
            self._queue.append(work)
            self._changed.notify_all()
        return job

    def job(self, job_id: str, owner: str | None, *, everybodys: bool = False) -> Job:
        """A job of the owner's.

        Raises:
            UnknownJob: when the owner has none of that id.
        """
        self._recover()
        with self._engine().database.read() as session:
            row = session.get(JobRow, job_id)
            if row is None or (row.owner != owner and not everybodys):
                raise UnknownJob(job_id=job_id)
            return _job(row)

    def close(self) -> None:
        """Stop after the commit at hand; what is not done is marked as interrupted."""
        with self._changed:
            self._stopping = True
            self._queue.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(STOP_SECONDS)
            self._interrupt({self._replica})

    def _recover(self) -> None:
        """Mark what processes that have ended left undone, once; before any work of this one's is taken."""
        with self._changed:
            if not self._recovered:
                dead = {name for name in self._replicas() if name is None or self._ended(name)}
                self._interrupt(dead)
                for name in dead:
                    shutil.rmtree(self._uploads / (name or "-"), ignore_errors=True)
                self._recovered = True

    def _replicas(self) -> set[str | None]:
        """The processes that have work undone, or uploads."""
        with self._engine().database.read() as session:
            named = set(session.scalars(select(JobRow.replica).where(JobRow.state.not_in(ENDED))))
        kept = self._uploads
        return named | ({path.name for path in kept.iterdir()} if kept.exists() else set())

    def _ended(self, replica: str) -> bool:
        return replica != self._replica and self._engine().database.is_free(_lock_name(replica))

    def _live(self) -> None:
        """Have this process's thread hold its lock, before anything is kept that another could take for left over."""
        with self._changed:
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
                self._thread.start()
            self._changed.wait_for(lambda: self._alive or self._thread is None)

    def _interrupt(self, replicas: set[str | None]) -> None:
        with self._engine().database.write() as session:
            for row in session.scalars(select(JobRow).where(JobRow.state.not_in(ENDED))):
                if row.replica in replicas:
                    row.state = "interrupted"
                    row.updated = datetime.now(UTC)

    def _run(self) -> None:
        try:
            with self._engine().database.lock(_lock_name(self._replica)):
                with self._changed:
                    self._alive = True
                    self._changed.notify_all()
                self._work()
        finally:
            with self._changed:
                self._alive, self._thread = False, None
                self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._stopping)
                if self._stopping:
                    return
                work = self._queue[0]
            try:
                _Run(self._engine(), work, self._note, lambda: self._stopping).finish()
            except _Stopped:
                return
            finally:
                shutil.rmtree(self.folder / work.id, ignore_errors=True)
            with self._changed:
                if self._queue and self._queue[0] is work:
                    self._queue.popleft()

    def _note(self, job_id: str, state: State, done: int, total: int | None, files: Sequence[FileResult]) -> None:
        with self._engine().database.write() as session:
            row = session.get_one(JobRow, job_id)
            row.state, row.done, row.total = state, done, total
            row.messages = _FILES.dump_json(tuple(files)).decode()
            row.updated = datetime.now(UTC)


class _Run:
    """One job being done."""

    def __init__(
        self,
        engine: Engine,
        work: Work,
        note: Callable[[str, State, int, int | None, Sequence[FileResult]], None],
        stopping: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._work = work
        self._write = note
        self._stopping = stopping
        self._files = [FileResult(name=name) for name in work.names()]
        self._articles: dict[str, Article] = {article.id: article for article in work.articles}

    def finish(self) -> None:
        """Do it; whatever goes wrong is told in the job."""
        try:
            self._read()
            report = self._store()
        except _Stopped:
            raise
        except Exception as error:
            self._fail(error)
        else:
            self._tell(report)

    def _read(self) -> None:
        with UntrustedReader() as reader:
            for number, upload in enumerate(self._work.uploads):
                self._note("reading", number, len(self._work.uploads))
                try:
                    articles = self._accepted(upload, reader.read(upload))
                except UnreadableFile as error:
                    self._files[number] = _failed(upload.name, error)
                    continue
                self._articles.update({article.id: article for article in articles})
                ids = tuple(article.id for article in articles)
                self._files[number] = FileResult(name=upload.name, outcome="read", article_ids=ids)
        if not self._work.uploads:
            self._files = [FileResult(name=name, outcome="read", article_ids=(name,)) for name in self._work.names()]

    def _accepted(self, upload: Upload, articles: list[Article]) -> list[Article]:
        if self._work.article_id is not None:
            if len(articles) > 1:
                raise SeveralArticles(path=upload.name)
            return [articles[0].model_copy(update={"id": self._work.article_id})]
        for article in articles:
            if article.id in self._articles:
                raise TwiceInOneJob(path=upload.name, article_id=article.id)
        return articles

    def _store(self) -> Report:
        settings = self._engine.settings
        if self._work.kind == "delete":
            self._note("embedding", 0, 1)
            return delete_articles([self._work.article_id or ""], settings)
        if not self._articles:
            return Report()
        self._note("embedding", 0, len(self._articles))
        try:
            return self._ingested(settings)
        except ModelMismatch:  # The index was re-embedded while this waited for its turn.
            return self._ingested(settings)

    def _ingested(self, settings: Settings) -> Report:
        return ingest_articles(
            list(self._articles.values()),
            settings,
            embedder=self._engine.embedder,
            advance=lambda done, total: self._note("embedding", done, total),
        )

    def _tell(self, report: Report) -> None:
        outcomes: dict[str, Outcome] = {}
        for outcome in ("added", "replaced", "unchanged", "deleted"):
            outcomes.update(dict.fromkeys(getattr(report, outcome), outcome))
        for index, file in enumerate(self._files):
            if file.outcome == "read":
                found = {outcomes[article_id] for article_id in file.article_ids}
                ranked: tuple[Outcome, ...] = ("added", "replaced", "deleted", "unchanged")
                first = next(outcome for outcome in ranked if outcome in found)
                self._files[index] = file.model_copy(update={"outcome": first})
        failed = all(file.outcome == "failed" for file in self._files)
        done = len(outcomes)
        self._write(self._work.id, "failed" if failed else "done", done, len(self._articles) or done, self._files)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, SanadError):
            log.error("job %s failed", self._work.id, exc_info=error)
            error = SanadError()
        self._files = [file if file.outcome == "failed" else _failed(file.name, error) for file in self._files]
        self._write(self._work.id, "failed", 0, len(self._articles), self._files)

    def _note(self, state: State, done: int, total: int) -> None:
        if self._stopping():
            raise _Stopped
        self._write(self._work.id, state, done, total, self._files)


def _lock_name(replica: str) -> str:
    return f"jobs-{replica}"


def _failed(name: str, error: SanadError) -> FileResult:
    return FileResult(name=name, outcome="failed", detail=error.message("en"), detail_ar=error.message("ar"))


def _job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        done=row.done,
        total=row.total,
        files=_FILES.validate_json(row.messages),
        created=row.created,
        updated=row.updated,
    )
