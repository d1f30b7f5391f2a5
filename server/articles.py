"""GET /v1/articles and /v1/articles/{id}: what is ingested, and the exact text citations point into."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query

from retrieval.errors import EmptyQuestion, QuestionTooLong, UnknownArticle
from retrieval.models import ArticleDetail, ArticleListing, Day, Filters
from server import examples
from server.callers import guarded
from server.problems import BAD_ADDRESS, NO_DATABASE, documented
from server.strict import LARGEST_INTEGER, StrictRoute
from server.workers import WorkersDep

router = APIRouter(prefix="/v1/articles", tags=["articles"], route_class=StrictRoute, **guarded("read"))


@router.get(
    "",
    operation_id="listArticles",
    summary="List or find articles",
    responses=examples.shown(examples.articles)
    | documented(*BAD_ADDRESS, EmptyQuestion(), QuestionTooLong(length=2431, limit=2000), *NO_DATABASE),
)
async def list_articles(
    workers: WorkersDep,
    q: Annotated[
        str | None,
        Query(description="Words that title or text must hold, in any inflection.", examples=["مكتبة الميناء"]),
    ] = None,
    source: Annotated[
        tuple[str, ...],
        Query(description="From these sources only; an empty one stands for the unknown source."),
    ] = (),
    published_from: Annotated[Day | None, Query(description="Published on this day or later.")] = None,
    published_to: Annotated[Day | None, Query(description="Published on this day or earlier.")] = None,
    offset: Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="Articles to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="Most articles to return.")] = 100,
) -> ArticleListing:
    """The ingested articles without their texts: the newest first, or with `q` the best match first. Articles whose
    publication date is unknown come last, and never fit a date that is asked for.
    """
    filters = Filters(sources=source, published_from=published_from, published_to=published_to)
    return await workers.run(
        partial(workers.engine.find_articles, q, filters=filters, offset=offset, limit=limit), waits=True
    )


@router.get(
    "/{article_id:path}",  # An id is its author's choice and may hold a slash.
    operation_id="getArticle",
    summary="Read an article",
    responses=examples.shown(examples.article)
    | documented(UnknownArticle(article_id="مكتبة-الجبل"), *BAD_ADDRESS, *NO_DATABASE),
)
async def get_article(
    workers: WorkersDep,
    article_id: Annotated[
        str,
        Path(description="Its id, as in a citation; may hold Arabic letters.", examples=[examples.article.id]),
    ],
    version: Annotated[
        int | None,
        Query(ge=1, le=LARGEST_INTEGER, description="The version a citation names; default: the newest.", examples=[1]),
    ] = None,
) -> ArticleDetail:
    """The full text with its sentences and who says them. A citation's `start` and `end` count characters
    (Unicode code points, not UTF-16 units) of this `text`.
    """
    return await workers.run(partial(workers.engine.article, article_id, version=version), waits=True)
