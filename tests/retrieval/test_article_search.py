"""Finding articles: every word, in title or text, in any inflection; filters, pages, totals; following changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ingest.pipeline import ingest
from retrieval.engine import Engine
from retrieval.errors import EmptyQuestion, QuestionTooLong
from retrieval.models import Filters
from retrieval.settings import Settings
from tests.hashing_embedder import HashingEmbedder

ARTICLES = {
    "dam": ("سد الوادي يفتح بواباته", "الأنباء", "2031-02-01", "فتحت البلدية بوابات السد بعد الأمطار."),
    "bridge": ("جسر الميناء", "الساحل", "2031-03-05", "أغلقت البلدية الجسر أسبوعًا. وقال عراقجي إن الإصلاح قريب."),
    "school": ("مدارس جديدة", None, "2030-09-09", "وُزّعت الكتب على المدارس قرب الجسور."),
    "note": (None, "الأنباء", None, "خبر قصير عن جسر ومدرسة معًا."),
}
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(article_id: str, title: str | None, source: str | None, published: str | None, text: str) -> None:
        fields = {"id": article_id, "title": title, "source": source, "published": published}
        front = "\n".join(f"{name}: {value or 'null'}" for name, value in fields.items())
        folder = tmp_path / "news"
        folder.mkdir(exist_ok=True)
        (folder / f"{article_id}.md").write_text(f"---\n{front}\nlanguage: ar\n---\n\n{text}\n", "utf-8")

    return written


@pytest.fixture
def ingested(tmp_path: Path) -> Callable[[], None]:
    def run() -> None:
        ingest([tmp_path / "news"], Settings(index=tmp_path / "index"), embedder=HashingEmbedder())

    return run


@pytest.fixture
def engine(tmp_path: Path, write: Write, ingested: Callable[[], None]) -> Iterator[Engine]:
    for article_id, fields in ARTICLES.items():
        write(article_id, *fields)
    ingested()
    with closing(Engine(Settings(index=tmp_path / "index"), embedder=HashingEmbedder())) as engine:
        yield engine


def found(engine: Engine, query: str | None = None, **options: object) -> list[str]:
    listing = engine.find_articles(query, **options)  # type: ignore[arg-type]
    return [article.id for article in listing.articles]


def test_without_a_query_the_newest_come_first_and_the_undated_last(engine: Engine) -> None:
    listing = engine.find_articles()
    assert [article.id for article in listing.articles] == ["bridge", "dam", "school", "note"]
    assert listing.total == 4
    assert listing.articles[0].sentences == 2


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("الجُـسور", {"bridge", "school", "note"}),
        ("البلدية", {"dam", "bridge"}),
        ("البلدية جسر", {"bridge"}),
        ("الوادي", {"dam"}),  # in the title only
        ("مدارسُ جسر", {"school", "note"}),
        ("Araghchi", {"bridge"}),
        ("زحل", set()),
        ("البلدية زحل", set()),
        ("من في على", set()),
    ],
)
def test_every_word_has_to_be_there_in_any_inflection(engine: Engine, query: str, ids: set[str]) -> None:
    assert set(found(engine, query)) == ids


def test_a_title_counts_more_than_a_text(engine: Engine) -> None:
    assert found(engine, "الجسر")[0] == "bridge"


def test_filters_hold_with_and_without_a_query(engine: Engine) -> None:
    assert found(engine, filters=Filters(sources=("الأنباء",))) == ["dam", "note"]
    assert found(engine, filters=Filters(sources=("",))) == ["school"]
    assert set(found(engine, filters=Filters(sources=("", "الساحل")))) == {"school", "bridge"}
    assert found(engine, filters=Filters(published_from=date(2031, 2, 1))) == ["bridge", "dam"]
    assert found(engine, filters=Filters(published_to=date(2031, 2, 1))) == ["dam", "school"]
    listing = engine.find_articles("الجسور", filters=Filters(sources=("الأنباء", "الساحل")))
    assert {article.id for article in listing.articles} == {"bridge", "note"}
    assert listing.total == 2
    assert found(engine, "الجسور", filters=Filters(published_to=date(2030, 12, 31))) == ["school"]


def test_pages_do_not_overlap_and_the_total_stays(engine: Engine) -> None:
    pages = [engine.find_articles("الجسور", offset=offset, limit=2) for offset in (0, 2, 4)]
    assert [len(page.articles) for page in pages] == [2, 1, 0]
    assert {page.total for page in pages} == {3}
    assert len({article.id for page in pages for article in page.articles}) == 3
    assert found(engine, offset=1, limit=2) == ["dam", "school"]


def test_a_query_without_a_letter_or_too_long_is_refused(engine: Engine) -> None:
    with pytest.raises(EmptyQuestion):
        engine.find_articles("؟!")
    with pytest.raises(QuestionTooLong):
        engine.find_articles("س" * 2001)


def test_sources_are_counted_with_their_dates(engine: Engine) -> None:
    assert [(s.source, s.articles, s.first, s.last) for s in engine.sources()] == [
        ("الأنباء", 2, date(2031, 2, 1), date(2031, 2, 1)),
        ("الساحل", 1, date(2031, 3, 5), date(2031, 3, 5)),
        (None, 1, date(2030, 9, 9), date(2030, 9, 9)),
    ]


def test_what_is_ingested_later_is_found(engine: Engine, write: Write, ingested: Callable[[], None]) -> None:
    assert found(engine, "الفنار") == []
    write("bridge", "الفنار القديم", "الساحل", "2031-04-01", "أُضيء الفنار.")
    ingested()
    assert found(engine, "الفنار") == ["bridge"]
    assert found(engine, "عراقجي") == []


def test_nothing_ingested_is_an_empty_list(tmp_path: Path) -> None:
    with closing(Engine(Settings(index=tmp_path / "none"), embedder=HashingEmbedder())) as engine:
        for query in (None, "الجسر"):
            listing = engine.find_articles(query)
            assert (listing.articles, listing.total) == ((), 0)
        assert engine.sources() == []
        assert engine.voices().voices == ()
        assert engine.timeline().entries == ()
