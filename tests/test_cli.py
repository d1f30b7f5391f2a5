"""The ``sanad`` command: what it prints, what it refuses, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from retrieval.catalog import MODEL_KEY, Catalog
from retrieval.embedding import Embedder
from retrieval.models import Answer, AnswerSentence, Attribution, Citation
from server.cli import SUMMARIES, main
from server.printed import printed
from tests.postgresql import copy_index

SANAD = Path(sys.executable).with_name("sanad")
DENIAL = "من نفى تقرير رويترز؟"
FOREIGN = "Who won the football world cup in 2018?"
BRIDGE = "---\nid: bridge\ntitle: جسر الوادي\nsource: صحيفة الوادي\n---\nقال المهندس سالم إن الجسر يمتد 12 كيلومترا.\n"

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's settings nor an index in the working folder."""
    for name in [name for name in os.environ if name.startswith("SANAD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SANAD_INDEX", str(tmp_path / "nothing here"))


@pytest.fixture
def sanad(monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> Run:
    """Runs a command in this process, with the model that is loaded already."""
    monkeypatch.setattr(Embedder, "of", classmethod(lambda _cls, _settings: embedder))
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def index(corpus_index: Path, tmp_path: Path) -> Path:
    """A copy of the shipped articles' index, to be changed or damaged."""
    return copy_index(corpus_index, tmp_path / "an index")


@pytest.fixture
def bridge(tmp_path: Path) -> Path:
    """A folder with one small article."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "bridge.md").write_text(BRIDGE, "utf-8")
    return folder


def refused(result: Result, status: int = 1) -> list[str]:
    """The lines on standard error of a command that failed as it should."""
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    assert not result.stdout
    return result.stderr.splitlines()


# -- the group --------------------------------------------------------------------------------------------------


@pytest.mark.sqlite  # a process that keeps its catalogs on PostgreSQL has loaded what does
def test_help_names_every_command_without_loading_any() -> None:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", SANAD, "--help"], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - start
    names = {point.name for point in entry_points(group="sanad.commands")}
    assert names == set(SUMMARIES)
    for name in names:
        assert f"  {name} " in done.stdout
        assert SUMMARIES[name] in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"torch", "chromadb", "gradio", "pydantic", "fastapi", "llama_index", "numpy"}
    assert seconds < 3


@pytest.mark.parametrize("name", sorted(SUMMARIES))
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Usage: sanad {name} ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["ask"],
        ["ask", "ما الجسر؟", "--mode", "poetic"],
        ["ingest"],
        ["serve", "--port", "99999"],
        ["articles", "--index", __file__],
    ],
)
def test_misuse_exits_2(sanad: Run, arguments: list[str]) -> None:
    assert any(line.startswith("Error: ") for line in refused(sanad(*arguments), 2))


def test_every_bad_setting_is_told_in_a_line_of_its_own(sanad: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_PORT", "eighty")
    monkeypatch.setenv("SANAD_BM25_WEIGHT", "7")
    lines = refused(sanad("articles"), 2)
    assert sorted(line.partition("=")[0] for line in lines) == ["SANAD_BM25_WEIGHT", "SANAD_PORT"]
    assert any("eighty" in line for line in lines)


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("doctor",)])
def test_generative_mode_without_a_model_is_refused_at_start(
    sanad: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SANAD_MODE", "generative")
    monkeypatch.setenv("SANAD_BM25_WEIGHT", "7")
    lines = refused(sanad(*command), 2)
    assert [line.partition(" · ")[0] for line in lines] == [
        "SANAD_BM25_WEIGHT=7: Input should be less than or equal to 1",
        "SANAD_LLM_BASE_URL: is needed when SANAD_MODE is generative",
        "SANAD_LLM_MODEL: is needed when SANAD_MODE is generative",
    ]
    assert all("مطلوب حين" in line for line in lines[1:])


def test_an_unforeseen_failure_is_one_line_and_its_traceback_is_for_the_asking(
    sanad: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.catalog.Catalog.articles", lambda *_, **__: 1 / 0)
    (line,) = refused(sanad("articles", "--index", index))
    assert "ZeroDivisionError: division by zero" in line
    traced = sanad("--traceback", "articles", "--index", index)
    assert traced.exit_code == 1
    assert "Traceback" in traced.stderr


# -- ingest, articles, delete -----------------------------------------------------------------------------------


def test_ingest_counts_what_it_did(sanad: Run, bridge: Path, tmp_path: Path) -> None:
    index = tmp_path / "new"
    counts = [
        sanad("ingest", bridge, "--index", index).stdout,
        sanad("ingest", bridge, "--index", index).stdout,
    ]
    (bridge / "bridge.md").write_text(BRIDGE.replace("12", "13"), "utf-8")
    counts.append(sanad("ingest", bridge, "--index", index).stdout)
    (bridge / "bridge.md").unlink()
    counts.append(sanad("ingest", bridge, "--index", index).stdout)
    counts.append(sanad("ingest", bridge, "--index", index, "--prune").stdout)
    figures = [[int(word) for word in line.split() if word.isdigit()] for line in counts]
    # added, replaced, unchanged, deleted
    assert figures == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]


def test_unreadable_files_are_told_and_the_others_ingested(sanad: Run, bridge: Path) -> None:
    (bridge / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (bridge / "empty.txt").write_text("", "utf-8")
    result = sanad("ingest", bridge)
    assert result.exit_code == 1
    assert [name in line for name, line in zip(("broken.pdf", "empty.txt"), result.stderr.splitlines(), strict=True)]
    assert result.stdout.startswith("added أُضيف 1 ")
    assert [article["id"] for article in json.loads(sanad("articles", "--json").stdout)["articles"]] == ["bridge"]


def test_a_missing_path_is_refused_before_anything_is_ingested(sanad: Run, bridge: Path, tmp_path: Path) -> None:
    (line,) = refused(sanad("ingest", bridge, tmp_path / "missing.md"))
    assert str(tmp_path / "missing.md") in line
    assert "لا يوجد ملف أو مجلد بهذا الاسم" in line
    assert not (tmp_path / "nothing here").exists()


@pytest.mark.shared
def test_the_real_shared_file_is_ingested_from_where_it_is(sanad: Run, shared_file: Path) -> None:
    result = sanad("ingest", shared_file)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("added أُضيف 4 ")
    assert len(sanad("articles").stdout.splitlines()) == 4


def test_articles_are_listed_for_people_and_for_programs(sanad: Run, bridge: Path) -> None:
    sanad("ingest", bridge)
    assert sanad("articles").stdout == "bridge\t–\tصحيفة الوادي\tجسر الوادي\n"
    (article,) = json.loads(sanad("articles", "--json").stdout)["articles"]
    assert (article["title"], article["sentences"]) == ("جسر الوادي", 1)


def test_control_characters_of_an_article_do_not_reach_the_terminal(sanad: Run, bridge: Path) -> None:
    (bridge / "evil.md").write_text('---\nid: evil\ntitle: "a\\x1b]0;b\\x07"\n---\nقال سالم نعم.\n', "utf-8")
    assert sanad("ingest", bridge).exit_code == 0
    assert "\x1b" not in sanad("articles").stdout


def test_delete_takes_all_or_none(sanad: Run, index: Path) -> None:
    first, second = [line.split("\t")[0] for line in sanad("articles", "--index", index).stdout.splitlines()][:2]
    (line,) = refused(sanad("delete", first, "unheard-of", "--index", index))
    assert "unheard-of" in line
    assert first in sanad("articles", "--index", index).stdout
    assert sanad("delete", first, second, "--index", index).stdout.rstrip().endswith("deleted حُذف 2")
    assert first not in sanad("articles", "--index", index).stdout


@pytest.mark.parametrize("arguments", [["articles"], ["delete", "bridge"], ["ask", DENIAL]])
def test_an_index_that_is_not_there_is_told_and_not_made(sanad: Run, tmp_path: Path, arguments: list[str]) -> None:
    (line,) = refused(sanad(*arguments))
    assert "run sanad ingest first" in line
    assert "شغّل sanad ingest" in line
    assert not (tmp_path / "nothing here").exists()


def test_the_option_overrides_the_setting(sanad: Run, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_INDEX", str(index))
    assert sanad("articles").exit_code == 0
    refused(sanad("articles", "--index", index.parent))


# -- ask --------------------------------------------------------------------------------------------------------


def test_an_answer_is_printed_with_who_says_it_and_the_words_it_cites(sanad: Run, index: Path) -> None:
    answer = Answer.model_validate_json(sanad("ask", DENIAL, "--index", index, "--json").stdout)
    assert answer.status != "abstained"
    text = sanad("ask", DENIAL, "--index", index).stdout
    for sentence in answer.sentences:
        assert f"{sentence.text} {''.join(f'[{n}]' for n in sentence.citations)}" in text
        if sentence.attribution and sentence.attribution.speaker:
            assert f"  — {sentence.attribution.speaker}" in text
    assert "\nالمصادر\n" in text
    for citation in answer.citations:
        assert f"[{citation.number}] {citation.title}" in text
        assert citation.article_id in text
        assert f"«{citation.quote}»" in text


def test_json_is_the_whole_answer_and_its_quotes_are_the_articles_words(sanad: Run, index: Path) -> None:
    answer = Answer.model_validate_json(sanad("ask", DENIAL, "--index", index, "--json").stdout)
    assert answer.citations
    with closing(Catalog(index)) as catalog:
        for citation in answer.citations:
            text = catalog.article(citation.article_id, citation.article_version).text
            assert text[citation.start : citation.end] == citation.quote


def test_an_abstention_is_called_one_in_the_questions_language(sanad: Run, index: Path) -> None:
    text = sanad("ask", FOREIGN, "--index", index).stdout
    assert text.startswith("The available sources do not answer this question.\n")
    assert "\nPassages near the question, not an answer to it\n[1] " in text
    assert "Sources\n" not in text


def test_a_follow_up_is_asked_in_its_conversation(sanad: Run, index: Path) -> None:
    first = Answer.model_validate_json(sanad("ask", "ماذا قال بقائي؟", "--index", index, "--json").stdout)
    again = sanad("ask", "وماذا نفى؟", "--index", index, "--conversation", first.conversation_id)
    assert again.exit_code == 0, again.output
    assert f"--conversation {first.conversation_id}" in again.stderr
    with closing(Catalog(index)) as catalog:
        turns = catalog.history.conversation(str(first.conversation_id)).turns
    assert [turn.question for turn in turns] == ["ماذا قال بقائي؟", "وماذا نفى؟"]


def test_all_that_an_answer_can_have_is_printed() -> None:
    denial = Attribution(
        speaker="كريم الدالي",
        role="المتحدث باسم البلدية",
        outlet="راديو",
        direct_quote=True,
        stance="denies",
        denies="Wire",
    )
    answer = Answer(
        id="a",
        question="ومن نفى؟",
        standalone_question="من نفى هدم السوق؟",
        language="ar",
        status="partial",
        mode="extractive",
        text="",
        sentences=(
            AnswerSentence(text="السوق باقٍ.", citations=(1, 2), attribution=denial),
            AnswerSentence(text="بدأ العمل.", citations=(2,)),
        ),
        citations=tuple(
            Citation(number=n, article_id="m", article_version=1, passage_id="m@1#0", start=0, end=5, quote=f"قول {n}")
            for n in (1, 2)
        ),
        confidence=0.5,
        notes=("llm_failed:timed out", "sentences_dropped:2", "new_code"),
    )
    assert printed(answer).split("\n\n") == [
        "فُهم السؤال: من نفى هدم السوق؟",
        "إجابة جزئية: لا تغطي المصادر السؤال كله.",
        "السوق باقٍ. [1][2]\n  — كريم الدالي (المتحدث باسم البلدية)، عبر راديو، ينفي رواية Wire، اقتباس مباشر",
        "بدأ العمل. [2]\n  — رواية المقال",
        "تعذّر الجواب بنموذج اللغة (timed out)، فهذه جمل المقالات كما هي.",
        "حُذفت جمل لم تسندها المصادر: 2",
        "new_code",
        "المصادر\n[1] m\n    «قول 1»\n[2] m\n    «قول 2»",
    ]
    english = printed(answer.model_copy(update={"language": "en"}))
    assert "  — كريم الدالي (المتحدث باسم البلدية), via راديو, denies the account of Wire, direct quote" in english
    assert "\n\nSources\n[1] m\n" in english


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["؟!"], "The question is empty"),
        (["م" * 5000], "The question is too long"),
        ([DENIAL, "--conversation", "never"], "There is no conversation never"),
        ([DENIAL, "--mode", "generative"], "Generative mode needs SANAD_LLM_BASE_URL"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_line(sanad: Run, index: Path, arguments: list[str], told: str) -> None:
    (line,) = refused(sanad("ask", *arguments, "--index", index))
    assert line.startswith(told)


# -- doctor -----------------------------------------------------------------------------------------------------


def test_doctor_finds_a_sound_index_sound_and_hides_secrets(
    sanad: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANAD_LLM_API_KEY", "hunter2")
    monkeypatch.setenv("SANAD_LLM_BASE_URL", "http://me:swordfish@127.0.0.1:9/v1")
    result = sanad("doctor", "--index", index)
    assert result.exit_code == 0, result.output
    assert [line.split()[:2] for line in result.stdout.splitlines()[-4:]] == [
        ["✓", "catalog:"],
        ["✓", "model:"],
        ["✓", "chroma:"],
        ["✓", "bm25:"],
    ]
    found = json.loads(sanad("doctor", "--index", index, "--json").stdout)
    assert found["healthy"]
    assert found["articles"] == len(sanad("articles", "--index", index).stdout.splitlines())
    assert found["model"].startswith("intfloat/multilingual-e5-small ")
    assert found["versions"]["chromadb"]
    for text in (result.output, json.dumps(found)):
        assert "hunter2" not in text
        assert "swordfish" not in text


def test_doctor_says_that_there_is_no_index_and_makes_none(sanad: Run, tmp_path: Path) -> None:
    result = sanad("doctor")
    assert result.exit_code == 1
    assert "✗ catalog: The index" in result.stdout
    assert not (tmp_path / "nothing here").exists()


def damaged_file(index: Path, part: str) -> Path:
    """The largest file of an index, cut to a third."""
    file = max((f for f in (index / part).rglob("*") if f.is_file()), key=lambda f: f.stat().st_size)
    os.truncate(file, file.stat().st_size // 3)
    return file


@pytest.mark.parametrize("part", ["chroma", "bm25"])
def test_a_truncated_index_is_told_left_alone_and_rebuilt_by_the_next_question(
    sanad: Run, index: Path, part: str
) -> None:
    before = Answer.model_validate_json(sanad("ask", DENIAL, "--index", index, "--json").stdout)
    file = damaged_file(index, part)
    size = file.stat().st_size
    told = sanad("doctor", "--index", index)
    assert told.exit_code == 1
    (line,) = [line for line in told.stdout.splitlines() if "✗" in line]
    assert line.startswith(f"  ✗ {part}: ")
    assert "rebuilds it from the catalog" in line
    assert file.stat().st_size == size

    after = Answer.model_validate_json(sanad("ask", DENIAL, "--index", index, "--json").stdout)
    assert (after.sentences, after.citations) == (before.sentences, before.citations)
    assert sanad("doctor", "--index", index).exit_code == 0


def test_the_next_ingest_rebuilds_a_damaged_index_too(sanad: Run, index: Path, corpus_articles: Path) -> None:
    damaged_file(index, "bm25")
    assert sanad("ingest", corpus_articles, "--index", index).exit_code == 0
    assert sanad("doctor", "--index", index).exit_code == 0


def test_a_chroma_server_that_is_away_is_told(sanad: Run, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_CHROMA_URL", "http://127.0.0.1:9")
    told = sanad("doctor", "--index", index)
    assert told.exit_code == 1
    assert "✗ chroma: it cannot be opened" in told.stdout
    assert "start the Chroma server" in told.stdout
    assert "Could not connect to a Chroma server" in refused(sanad("ask", DENIAL, "--index", index))[0]


@pytest.mark.sqlite
def test_a_damaged_catalog_is_told(sanad: Run, index: Path) -> None:
    for journal in index.glob("catalog.sqlite3-*"):  # what one holds decides which of its complaints SQLite makes
        journal.unlink()
    (index / "catalog.sqlite3").write_bytes(b"no database at all" * 100)
    told = sanad("doctor", "--index", index)
    assert told.exit_code == 1
    assert "✗ catalog: " in told.stdout
    assert "file is not a database" in told.stdout
    refused(sanad("articles", "--index", index))


def test_an_index_of_another_model_is_refused_and_told(sanad: Run, index: Path) -> None:
    with closing(Catalog(index)) as catalog:
        catalog.set_meta({MODEL_KEY: "some/other-model 0 (384)"})
    (line,) = refused(sanad("ask", DENIAL, "--index", index))
    assert "some/other-model" in line
    told = sanad("doctor", "--index", index)
    assert told.exit_code == 1
    assert "✗ model: " in told.stdout


def test_the_real_process_keeps_the_streams_apart(index: Path) -> None:
    done = subprocess.run(
        [SANAD, "ask", DENIAL, "--index", index, "--json"], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    Answer.model_validate_json(done.stdout)
    assert not done.stderr
