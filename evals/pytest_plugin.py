"""A pytest plugin: ask Sanad in tests of your own, and run suites as tests.

In ``pytest.ini`` (or ``pyproject.toml``) say what is asked, one of::

    sanad_corpus = articles          # files or folders, ingested into a temporary index once a session
    sanad_index = .sanad             # an index that is already there
    sanad_url = http://127.0.0.1:8000

and write tests::

    def test_length(sanad):
        answer = sanad.ask("كم طول الجسر؟")
        answer.assert_cited()
        answer.assert_says("12", "اثنا عشر")
        answer.assert_attributed("سالم")

``sanad_suites`` names suites (paths or patterns) whose cases become tests where pytest collects them.

pytest loads this module in every run of whoever has Sanad installed, so nothing but pytest is imported until a test
asks something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from evals.runner import CaseResult
    from evals.suite import Case, Suite
    from evals.targets import Target
    from retrieval.models import Answer, AnswerSentence, Mode

_SOURCES = ("sanad_url", "sanad_index", "sanad_corpus")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings of an ini file."""
    parser.addini("sanad_corpus", "Sanad: files or folders to ingest into a temporary index", type="paths")
    parser.addini("sanad_index", "Sanad: folder of an index that is already there")
    parser.addini("sanad_url", "Sanad: address of a running server")
    parser.addini("sanad_suites", "Sanad: suites (paths or patterns) to collect as tests", type="args")


class Answered:
    """An answer with assertions on it. Each returns the answer, so they can be written one after another.

    Words are looked for as in a suite: in analysed text, as substrings or, written ``re:…``, as patterns.
    """

    def __init__(self, answer: Answer, article_text: Callable[[str, int], str | None]) -> None:
        self.answer = answer
        self._article_text = article_text

    @property
    def text(self) -> str:
        """The text of the answer."""
        return self.answer.text

    @property
    def quotes(self) -> list[str]:
        """The cited words of articles, in the order of their numbers."""
        return [citation.quote for citation in self.answer.citations]

    def assert_answers(self) -> Answered:
        """It is an answer, whole or partial, and no abstention."""
        __tracebackhide__ = True
        if self.answer.status == "abstained":
            self._fail("wanted an answer, it abstains")
        return self

    def assert_abstains(self) -> Answered:
        """It says that the articles do not answer."""
        __tracebackhide__ = True
        if self.answer.status != "abstained":
            self._fail(f"wanted an abstention, the answer is {self.answer.status}")
        return self

    def assert_cited(self) -> Answered:
        """It is an answer every sentence of which has a citation, each quoting the stored article exactly."""
        from evals.metrics import is_exact

        __tracebackhide__ = True
        self.assert_answers()
        if not self.answer.sentences:
            self._fail("the answer has no sentence")
        numbers = {citation.number for citation in self.answer.citations}
        for sentence in self.answer.sentences:
            if not sentence.citations or not numbers.issuperset(sentence.citations):
                self._fail(f"a sentence without its citation: {sentence.text}")
        for citation in self.answer.citations:
            if not is_exact(citation, self._article_text(citation.article_id, citation.article_version)):
                self._fail(f"citation [{citation.number}] is not the stored text of {citation.article_id}")
        return self

    def assert_says(self, *alternatives: str) -> Answered:
        """Its text has any of these."""
        from evals.matching import answer_texts, met

        __tracebackhide__ = True
        self.assert_answers()
        if not met(alternatives, answer_texts(self.answer)):
            self._fail(f"does not say {' | '.join(alternatives)}")
        return self

    def assert_does_not_say(self, *unwanted: str) -> Answered:
        """Its text has none of these."""
        from evals.matching import answer_texts, matches

        __tracebackhide__ = True
        for words in unwanted:
            if matches(words, answer_texts(self.answer)):
                self._fail(f"says {words}")
        return self

    def assert_quotes(self, *alternatives: str) -> Answered:
        """Some cited quote has any of these."""
        from evals.matching import met

        __tracebackhide__ = True
        if not met(alternatives, self.quotes):
            self._fail(f"no quote has {' | '.join(alternatives)}")
        return self

    def assert_attributed(self, *speakers: str, says: str | Sequence[str] | None = None) -> Answered:
        """A sentence is attributed to any of these speakers or outlets, and cites a quote with any of ``says``."""
        from evals.matching import met

        __tracebackhide__ = True
        wanted = [says] if isinstance(says, str) else says
        for sentence in self.answer.sentences:
            if met(speakers, _voices(sentence)) and (wanted is None or met(wanted, self._cited(sentence))):
                return self
        of = f" of {' | '.join(wanted)}" if wanted else ""
        self._fail(f"no sentence{of} is attributed to {' | '.join(speakers)}")
        return self

    def _cited(self, sentence: AnswerSentence) -> list[str]:
        return [citation.quote for citation in self.answer.citations if citation.number in sentence.citations]

    def _fail(self, reason: str) -> None:
        __tracebackhide__ = True
        lines = [reason, f"question: {self.answer.standalone_question}", f"answer ({self.answer.status}):"]
        for sentence in self.answer.sentences:
            marks = "".join(f"[{number}]" for number in sentence.citations)
            lines.append(f"  {sentence.text} {marks} — {', '.join(_voices(sentence)) or '…'}")
        if not self.answer.sentences:
            lines.append(f"  {self.answer.text}")
        pytest.fail("\n".join(lines), pytrace=True)


def _voices(sentence: AnswerSentence) -> list[str]:
    said = sentence.attribution
    return [name for name in (said.speaker, said.outlet) if name] if said else []


class Sanad:
    """What the fixture ``sanad`` gives: Sanad over the corpus, index or server that the ini file names."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def ask(self, question: str, before: Iterable[str] = (), *, mode: Mode | None = None) -> Answered:
        """Ask a question, after the questions ``before`` in the same conversation.

        Raises:
            SanadError: a question was refused or failed.
        """
        conversation = None
        for earlier in before:
            conversation = self.target.answer(earlier, conversation, mode).conversation_id
        return Answered(self.target.answer(question, conversation, mode), self.target.article_text)


class _Targets:
    """The targets of a session, made when first asked and closed at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._open = ExitStack()
        self._made: dict[tuple[Path, ...] | str, Target] = {}
        self._model: Any = None

    def configured(self) -> Target | None:
        """The one that the ini file names; ``None`` when it names none."""
        named = [name for name in _SOURCES if self._config.getini(name)]
        if len(named) > 1:
            raise pytest.UsageError(f"{' and '.join(named)} name different things to ask: set one of them")
        if not named:
            return None
        if named == ["sanad_corpus"]:
            return self.over(self._config.getini("sanad_corpus"))
        value = self._config.getini(named[0])
        if value not in self._made:
            self._made[value] = self._remote(value) if named == ["sanad_url"] else self._indexed(value)
        return self._made[value]

    def over(self, corpus: Sequence[Path]) -> Target:
        """A temporary index of these files."""
        from evals.targets import InProcess, fresh_settings

        key = tuple(corpus)
        if key not in self._made:
            settings = self._open.enter_context(fresh_settings())
            self._made[key] = self._closing(InProcess(settings, self.embedder(), corpus))
        return self._made[key]

    def embedder(self) -> Any:
        """The embedding model, loaded once."""
        from evals.targets import load_embedder
        from retrieval.settings import Settings

        if self._model is None:
            self._model = load_embedder(Settings())
        return self._model

    def close(self) -> None:
        """Close every target and remove the temporary indexes."""
        self._open.close()

    def _remote(self, url: str) -> Target:
        from evals.targets import Remote

        return self._closing(Remote(url))

    def _indexed(self, folder: str) -> Target:
        from evals.targets import Indexed
        from retrieval.settings import Settings

        index = self._config.rootpath / folder
        if not index.is_dir():
            raise pytest.UsageError(f"sanad_index: there is no folder {index}")
        return self._closing(Indexed(Settings(index=index), self.embedder()))

    def _closing(self, target: Target) -> Target:
        self._open.callback(target.close)
        return target


_TARGETS = pytest.StashKey[_Targets]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for the session's targets; none is made yet."""
    config.stash[_TARGETS] = _Targets(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close what was made."""
    targets = config.stash.get(_TARGETS, None)
    if targets is not None:
        targets.close()


@pytest.fixture
def sanad(pytestconfig: pytest.Config) -> Sanad:
    """Sanad to ask, as ``sanad_corpus``, ``sanad_index`` or ``sanad_url`` of the ini file names it."""
    target = pytestconfig.stash[_TARGETS].configured()
    if target is None:
        raise pytest.UsageError(f"the fixture sanad needs one of {', '.join(_SOURCES)} in the ini file")
    return Sanad(target)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the suites that ``sanad_suites`` names."""
    if file_path.suffix not in (".yaml", ".yml"):
        return None
    patterns = parent.config.getini("sanad_suites")
    relative = file_path.relative_to(parent.config.rootpath) if parent.config.rootpath in file_path.parents else None
    if relative is None or not any(relative.match(pattern) for pattern in patterns):
        return None
    return SuiteFile.from_parent(parent, path=file_path)


class SuiteFile(pytest.File):
    """A suite: its cases are tests."""

    def collect(self) -> Iterable[CaseItem]:
        """Read and check the suite.

        Raises:
            CollectError: the suite is malformed.
        """
        from evals.suite import InputError, load

        asks_other = any(self.config.getini(name) for name in _SOURCES)
        try:
            suite = load(self.path, needs_corpus=not asks_other)
        except InputError as error:
            raise self.CollectError("\n".join(error.problems)) from error
        for case in suite.cases:
            yield CaseItem.from_parent(self, name=case.id, suite=suite, case=case)


class CaseNotPassed(Exception):
    """A case with checks that do not hold."""

    def __init__(self, result: CaseResult) -> None:
        super().__init__(result.id)
        self.result = result


class CaseItem(pytest.Item):
    """A case of a suite: asks and judges as ``sanad eval`` does."""

    def __init__(self, *, suite: Suite, case: Case, **named: Any) -> None:
        super().__init__(**named)
        self._suite = suite
        self._case = case
        self.user_properties += [("sanad_tag", tag) for tag in case.tags]

    def runtest(self) -> None:
        """Ask what the ini file names, else the suite's own corpus in a temporary index."""
        from functools import partial

        from evals.runner import run_case
        from retrieval.verify import supported

        targets = self.config.stash[_TARGETS]
        target = targets.configured() or targets.over(self._suite.articles)
        result = run_case(
            target,
            self._suite.suite,
            self._case,
            mode=None,
            article_text=target.article_text,
            supported=partial(supported, read=targets.embedder().query_tokens),
        )
        if not result.passed:
            raise CaseNotPassed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The question, what does not hold, and the answer."""
        if not isinstance(excinfo.value, CaseNotPassed):
            return super().repr_failure(excinfo, style)
        result = excinfo.value.result
        unmet = [f"not met: {check.name} ({check.detail})" for check in result.checks if not check.passed]
        answer = [f"answer ({result.status}): {result.answer}"] if result.answer is not None else []
        before = [f"before: {question}" for question in result.before]
        return "\n".join([*before, f"question: {result.question}", *unmet, *answer])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case is: the suite's file and the case's id."""
        return self.path, None, f"{self._suite.suite}/{self._case.id}"
