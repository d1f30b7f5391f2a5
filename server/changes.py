"""Articles changed over HTTP: POST, PUT and DELETE under /v1/articles, each a job; GET /v1/jobs/{id}."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ingest.readers.layout import detect_language, normalise_layout
from ingest.readers.problems import ReadingProblem
from ingest.untrusted import MAX_CHARACTERS, Upload, safe_name
from retrieval.errors import UnknownArticle, UnreadableFile
from retrieval.models import Article, Day, Record
from server import examples
from server.callers import CallerDep, guarded
from server.jobs import ENDED, RETRY_AFTER, Job, Jobs, QueueFull, UnknownJob, Work
from server.negotiation import EVENT_STREAM, JSON, wants_events
from server.problems import (
    BAD_ADDRESS,
    BAD_BODY,
    NO_DATABASE,
    BodyTooLarge,
    MalformedUpload,
    NoFiles,
    NotAnUpload,
    RequestTooSlow,
    documented,
)
from server.strict import StrictRoute, check_media_type
from server.workers import WorkersDep

MOST_FILES = 100
POLLED_EVERY = 0.25
"""Seconds between two looks at a job whose events somebody follows."""

_MULTIPART = "multipart/form-data"


class TextRoute(StrictRoute):
    """A route that takes the text of an article: four bytes a character, and as much again for the rest."""

    body_bytes = MAX_CHARACTERS * 8


class ArticleText(Record):
    """An article as data. What is not known is left out."""

    text: str = Field(min_length=1, max_length=MAX_CHARACTERS, description="One line a paragraph.")
    title: str | None = Field(default=None, max_length=1000)
    source: str | None = Field(default=None, max_length=1000, description="Who published it.")
    published: Day | None = None
    language: str | None = Field(default=None, pattern="^[a-z]{2,3}$", description="Told from the text by default.")
    topics: tuple[str, ...] = Field(default=(), max_length=100)


router = APIRouter(prefix="/v1", tags=["articles"], route_class=TextRoute, **guarded("ingest"))

_FILES_SCHEMA = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
    "required": ["files"],
}
_UPLOAD = {
    "requestBody": {
        "required": True,
        "description": "Files in the field `files`: Markdown, text, HTML, PDF or Word, told by what is in them.",
        "content": {_MULTIPART: {"schema": _FILES_SCHEMA, "example": {"files": ["…"]}}},
    }
}
_REPLACEMENT = {
    "requestBody": {
        "required": True,
        "description": "The article as data, or one file in the field `files`.",
        "content": {
            JSON: {
                "schema": ArticleText.model_json_schema(),
                "example": examples.article_text,
            },
            _MULTIPART: {"schema": _FILES_SCHEMA, "example": {"files": ["…"]}},
        },
    }
}
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "Taken; `Location` is where to ask how it goes.",
        "content": {JSON: {"example": examples.job}},
        "headers": {"Location": {"description": "The job's address.", "schema": {"type": "string"}}},
    }
}
_BAD_UPLOAD = (
    *NO_DATABASE,
    BodyTooLarge(limit=64 * 2**20),
    NotAnUpload(received=JSON),
    NoFiles(limit=MOST_FILES),
    MalformedUpload(reason="Missing boundary in multipart."),
    RequestTooSlow(seconds=10),
    QueueFull(retry_after=RETRY_AFTER),
)
_FOLLOWED = f"event: job\ndata: {examples.job}\n\n"
ArticleId = Annotated[
    str,
    Path(
        description="Its id: letters of any script, digits, `-`, `_`, `.` and `/`.",
        pattern=r"^\w[\w.\-/]{0,199}$",
        examples=[examples.article.id],
    ),
]


def jobs_of(request: Request) -> Jobs:
    """The jobs of the application that serves ``request``."""
    jobs: Jobs = request.app.state.jobs
    return jobs


JobsDep = Annotated[Jobs, Depends(jobs_of)]


@router.post(
    "/articles",
    operation_id="addArticles",
    summary="Add articles from files",
    status_code=202,
    response_model=Job,
    responses=_ACCEPTED | documented(*BAD_ADDRESS, *_BAD_UPLOAD),
    openapi_extra=_UPLOAD,
)
async def add_articles(
    request: Request, response: Response, caller: CallerDep, jobs: JobsDep, workers: WorkersDep
) -> Job:
    """Files become articles, or new versions of those with the same id (from a file's front matter, else its name).
    An article is seen by readers when all of it is in place, and its earlier versions stay for their citations.
    """
    work = Work("ingest", caller.owner)
    await _uploaded(request, work, jobs, workers)
    return await _taken(work, response, jobs, workers)


@router.put(
    "/articles/{article_id:path}",
    operation_id="putArticle",
    summary="Replace an article, or add one",
    status_code=202,
    response_model=Job,
    responses=_ACCEPTED | documented(*BAD_BODY, *_BAD_UPLOAD, UnreadableFile(path="a.txt", reason="it has no text")),
    openapi_extra=_REPLACEMENT,
)
async def put_article(
    request: Request,
    response: Response,
    article_id: ArticleId,
    caller: CallerDep,
    jobs: JobsDep,
    workers: WorkersDep,
) -> Job:
    """The article gets a new version, unless nothing has changed; citations of its earlier ones stay valid."""
    work = Work("replace", caller.owner, article_id=article_id)
    if _media_type(request) == _MULTIPART:
        await _uploaded(request, work, jobs, workers, most=1)
    else:
        check_media_type(request)
        jobs.check()
        work.articles = [_article(article_id, await request.json())]
    return await _taken(work, response, jobs, workers)


@router.delete(
    "/articles/{article_id:path}",
    operation_id="deleteArticle",
    summary="Delete an article",
    status_code=202,
    response_model=Job,
    responses=_ACCEPTED
    | documented(
        *BAD_ADDRESS, UnknownArticle(article_id="مكتبة-الجبل"), QueueFull(retry_after=RETRY_AFTER), *NO_DATABASE
    ),
)
async def delete_article(
    response: Response, article_id: ArticleId, caller: CallerDep, jobs: JobsDep, workers: WorkersDep
) -> Job:
    """It is no longer found; its texts stay, by version, for the citations that name them."""
    await workers.run(partial(workers.engine.article, article_id), waits=True)
    return await _taken(Work("delete", caller.owner, article_id=article_id), response, jobs, workers)


@router.get(
    "/jobs/{job_id}",
    operation_id="getJob",
    summary="How a job goes",
    response_model=Job,
    responses={
        200: {
            "description": "The job as it is now. With `Accept: text/event-stream`, an event `job` (Job) whenever it "
            "has changed, the last when it has ended.",
            "content": {
                JSON: {"example": examples.job},
                EVENT_STREAM: {"schema": {"type": "string"}, "example": _FOLLOWED},
            },
        },
        **documented(UnknownJob(job_id="9c1f"), *BAD_ADDRESS, *NO_DATABASE),
    },
)
async def get_job(
    request: Request,
    job_id: Annotated[str, Path(description="Its id.", max_length=64, examples=["9c1f"])],
    caller: CallerDep,
    jobs: JobsDep,
    workers: WorkersDep,
) -> Job | Response:
    """Whose a job is not, for him it does not exist."""
    find = partial(jobs.job, job_id, caller.owner, everybodys=caller.may("admin"))
    job = await workers.run(find, waits=True)
    if not wants_events(request.headers.get("accept", "")):
        return job

    async def events() -> AsyncIterator[ServerSentEvent]:
        shown, latest = None, job
        while True:
            if latest != shown:
                yield ServerSentEvent(latest.model_dump_json(), event="job")
                shown = latest
            if latest.state in ENDED:
                return
            await anyio.sleep(POLLED_EVERY)
            latest = await workers.run(find, waits=True)

    return EventSourceResponse(events())


async def _taken(work: Work, response: Response, jobs: Jobs, workers: Any) -> Job:
    try:
        job: Job = await workers.run(partial(jobs.submit, work), waits=True)
    except BaseException:
        shutil.rmtree(jobs.folder / work.id, ignore_errors=True)
        raise
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


async def _uploaded(request: Request, work: Work, jobs: Jobs, workers: Any, *, most: int = MOST_FILES) -> None:
    """Read the files of a request into the job's folder."""
    if _media_type(request) != _MULTIPART:
        raise NotAnUpload(received=_media_type(request) or "?")
    jobs.check()
    form = await _form(request, workers.engine.settings.upload_megabytes * 2**20, most)
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise NoFiles(limit=most)
        work.uploads = await workers.run(partial(_kept, files, jobs.folder / work.id), waits=True)
    finally:
        await form.close()


async def _form(request: Request, limit: int, most: int) -> FormData:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limit:
        raise BodyTooLarge(limit=limit)

    async def bounded() -> AsyncGenerator[bytes, None]:
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            if received > limit:
                raise BodyTooLarge(limit=limit)
            yield chunk

    parser = MultiPartParser(request.headers, bounded(), max_files=most, max_fields=10, max_part_size=10_000)
    try:
        return await parser.parse()
    except MultiPartException as error:
        if "Too many files" in error.message:
            raise NoFiles(limit=most) from None
        raise MalformedUpload(reason=error.message) from None
    except (UnicodeDecodeError, LookupError, KeyError) as error:
        raise MalformedUpload(reason=type(error).__name__) from None
    except BodyTooLarge:
        for file in parser._files_to_close_on_error:
            file.close()
        raise


def _kept(files: list[UploadFile], folder: FilePath) -> list[Upload]:
    """Copy files under names of our own."""
    folder.mkdir(parents=True)
    kept = []
    for number, file in enumerate(files):
        path = folder / str(number)
        with path.open("xb") as copy:
            shutil.copyfileobj(file.file, copy)
        kept.append(Upload(path, safe_name(file.filename or "")))
    return kept


def _article(article_id: str, body: Any) -> Article:
    try:
        given = ArticleText.model_validate(body)
    except ValidationError as error:
        problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors()]
        raise RequestValidationError(problems) from None
    text = normalise_layout(given.text)
    if not text.strip():
        raise ReadingProblem(FilePath(article_id), "empty")
    language = given.language or detect_language(text)
    return Article(id=article_id, text=text, language=language, **given.model_dump(exclude={"text", "language"}))


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
