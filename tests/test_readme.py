"""The README keeps its word: its API examples run, and it names every setting, command, option and file as they are."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import pytest

from retrieval.settings import Settings
from tests.environment import without_settings
from tests.postgresql import copy_index

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SANAD = Path(sys.executable).with_name("sanad")
ADDRESS = "http://127.0.0.1:8000"
EXAMPLES: dict[str, str] = dict(re.findall(r"<!-- test: (\S+) -->\n```bash\n(.*?)```", README, re.DOTALL))
COMMANDS = {point.name: point for point in entry_points(group="sanad.commands")}
# What an example does not show: curl is quiet, fails for a response that hangs, and tells each status on stderr.
CURL = "curl() { command curl --silent --show-error --max-time 60 --write-out '%{stderr}%{http_code}\\n' \"$@\"; }\n"


@pytest.fixture(scope="module")
def address(corpus_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where ``sanad serve`` listens, over a copy of the index of the shipped articles."""
    index = tmp_path_factory.mktemp("readme") / "index"
    copy_index(corpus_index, index)
    environment = without_settings()
    command = [SANAD, "serve", "--no-ui", "--port", "0", "--index", index]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if "http://" in line), None)
        assert line, "the server did not start: what it said is on standard error"
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def run(address: str) -> Callable[[str], tuple[list[int], str]]:
    """Runs shell text written for the README's address; gives the HTTP statuses and what was printed."""

    def run(text: str) -> tuple[list[int], str]:
        assert ADDRESS in text
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", CURL + text.replace(ADDRESS, address)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "NO_PROXY": "*", "no_proxy": "*"},
        )
        assert done.returncode == 0, done.stderr
        return [int(line) for line in done.stderr.split()], done.stdout

    return run


def assert_cited_exactly(answer: dict[str, Any], run: Callable[[str], tuple[list[int], str]]) -> None:
    assert answer["sentences"]
    quotes = {citation["number"]: citation for citation in answer["citations"]}
    for sentence in answer["sentences"]:
        assert sentence["citations"]
        assert set(sentence["citations"]) <= quotes.keys()
    for article_id in {citation["article_id"] for citation in quotes.values()}:
        text = json.loads(run(f"curl {ADDRESS}/v1/articles/{article_id}")[1])["text"]
        for citation in quotes.values():
            if citation["article_id"] == article_id:
                assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_answer(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["answer"])
    answer = json.loads(printed)
    assert statuses == [200]
    assert (answer["status"], answer["mode"], answer["language"]) == ("answered", "extractive", "ar")
    assert_cited_exactly(answer, run)
    denying = [p for p in answer["perspectives"] if p["denies"] is not None]
    assert denying
    assert answer["perspectives"][denying[0]["denies"]]["outlet"] == "رويترز"
    assert answer["evidence"][0]["features"]


def test_events(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["events"])
    events = re.findall(r"event: (\w+)\r?\ndata: (.*?)\r?\n", printed)
    names = [name for name, _ in events]
    assert statuses == [200]
    assert names == ["started", *["sentence"] * (len(names) - 2), "answer"]
    streamed = [json.loads(data)["sentence"] for name, data in events if name == "sentence"]
    answer = json.loads(events[-1][1])
    assert streamed == answer["sentences"]
    assert_cited_exactly(answer, run)


def test_follow_up(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["follow-up"])
    answer = json.loads(printed)
    assert statuses == [200, 200]
    assert answer["question"] != answer["standalone_question"]
    assert "المفاوضات" in answer["standalone_question"]
    assert_cited_exactly(answer, run)


def test_chat(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["chat"])
    completion = json.loads(printed)
    assert statuses == [200]
    assert "[1]" in completion["choices"][0]["message"]["content"]
    assert_cited_exactly(completion["sanad"], run)


def test_conversations(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["conversations"])
    assert statuses == [200, 200, 200]
    found, _, exported = printed.partition("# ")
    assert "conversations" in json.loads(found)
    assert exported.startswith("ماذا قال بقائي عن المفاوضات؟\n")
    assert re.search(r"^\[\^1-1\]: «", exported, re.MULTILINE)


def test_search(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["search"])
    hits = json.loads(printed)["hits"]
    assert statuses == [200]
    assert len(hits) == 3
    assert all("العقوبات" in hit["passage"]["text"] for hit in hits)
    assert "goals-of-the-muscat-talks" in {hit["passage"]["article_id"] for hit in hits}
    assert hits[0]["score"] >= hits[1]["score"] >= hits[2]["score"]


def test_articles_and_one_of_them(run: Callable[[str], tuple[list[int], str]], corpus_articles: Path) -> None:
    statuses, printed = run(EXAMPLES["articles"])
    assert statuses == [200]
    assert {article["id"] for article in json.loads(printed)["articles"]} == {p.stem for p in corpus_articles.iterdir()}
    statuses, printed = run(EXAMPLES["article"])
    article = json.loads(printed)
    assert statuses == [200]
    assert article["sentences"]
    assert all(article["text"][s["start"] : s["end"]] == s["text"] for s in article["sentences"])
    assert any(s["attribution"] for s in article["sentences"])


def test_articles_are_found(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["find"])
    listed, end = json.JSONDecoder().raw_decode(printed)
    assert statuses == [200, 200]
    assert 1 <= len(listed["articles"]) <= 3
    assert listed["total"] >= len(listed["articles"])
    assert json.loads(printed[end:])["sources"]


def test_voices_and_timeline_are_cited_exactly(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["explore"])
    voices, end = json.JSONDecoder().raw_decode(printed)
    timeline = json.loads(printed[end:])
    cited = [mark["citation"] for voice in voices["voices"] for mark in voice["marks"]]
    assert statuses == [200, 200]
    assert len(voices["voices"]) > 1
    assert timeline["entries"]
    for citation in [*cited, *(entry["citation"] for entry in timeline["entries"])]:
        text = json.loads(run(f"curl {ADDRESS}/v1/articles/{citation['article_id']}")[1])["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_health(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["health"])
    assert statuses == [200, 200]
    assert '"status":"ok"' in printed
    assert '"status":"ready"' in printed


def test_error_is_as_shown(run: Callable[[str], tuple[list[int], str]]) -> None:
    statuses, printed = run(EXAMPLES["error"])
    shown = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert shown
    assert statuses == [422]
    assert json.loads(printed) == json.loads(shown.group(1))


def test_every_example_is_run() -> None:
    source = Path(__file__).read_text("utf-8")
    assert EXAMPLES
    assert [name for name in EXAMPLES if f'EXAMPLES["{name}"]' not in source] == []
    # An example of the API that is not marked would not be run.
    assert sum("curl " in block for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL)) == len(EXAMPLES)


def test_settings_are_listed_with_their_defaults() -> None:
    listed = re.findall(r"^\| `SANAD_(\w+)` \| (?:`([^`]*)`|–) \| (.+) \|$", README, re.MULTILINE)
    fields = [
        (name.upper(), "" if field.default in (None, ()) else str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]
    assert listed == fields


def test_every_command_is_shown() -> None:
    assert COMMANDS
    assert [name for name in COMMANDS if f"sanad {name} " not in README] == []


def test_commands_and_options_exist() -> None:
    lines = re.findall(r"^sanad (\S+)(.*)$", README, re.MULTILINE)
    assert lines
    for name, rest in lines:
        command = COMMANDS[name].load()
        commands = [command, *command.commands.values()] if isinstance(command, click.Group) else [command]
        known = {option for one in commands for parameter in one.params for option in parameter.opts}
        asked = {word for word in shlex.split(rest, comments=True) if word.startswith("--")}
        assert asked <= known, f"sanad {name}"
        assert isinstance(command, click.Command)


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^make (\w+)", README, re.MULTILINE)) | set(re.findall(r"`make (\w+)", README))
    assert {"run", "test"} <= targets
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_links_lead_to_files() -> None:
    targets = {link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link and not link.startswith("#")}
    assert "ui/screenshots/desktop-ar.png" in targets
    assert [link for link in sorted(targets) if not (ROOT / link).exists()] == []


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "ui" / "screenshots").glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 400_000] == []
