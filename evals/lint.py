"""What can be found wrong with a suite without asking anything: its gold against its corpus, its tags, its balance.

A gold string is where the product could quote it: in the text of an article of the corpus, or in one sentence of it
where a citation or an attribution is meant. Distractors do not count, because nothing is asked about them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evals.matching import analysed, matches, met
from evals.suite import Case, InputError, Suite
from retrieval.errors import UnreadableFile

# Fewer cases of a tag say next to nothing about it.
FEW = 4
# Of the cases; with fewer or more of them, either kind of abstention metric has too little to stand on.
UNANSWERABLE = (0.15, 0.3)


@dataclass(frozen=True)
class Text:
    """An article as gold is looked for in it: ``whole``, each sentence, and whom it is from."""

    whole: str
    sentences: tuple[str, ...]
    source: str


@dataclass
class Findings:
    """``problems`` make a suite unusable, ``warnings`` (a line of English each) are worth a look."""

    problems: list[InputError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def lint(file: Path, suite: Suite) -> Findings:
    """Check a suite that has been read.

    Args:
        file: it was read from, to be named in what is found.
        suite: with its corpus, which is read too.

    Raises:
        InputError: a file of the corpus cannot be read.
    """
    try:
        texts = read(suite.corpus)
    except UnreadableFile as error:
        raise InputError(file, "corpus", str(error)) from error
    found = Findings(problems=[*_twice(file, suite), *_unlisted(file, suite)])
    for case in suite.cases:
        checks = _answerable(case, texts) if case.answerable else _unanswerable(case, texts)
        found.problems += [InputError(file, name, reason, case=case.id) for name, reason in checks]
    found.warnings = [f"{file}: {warning}" for warning in (*_dead(suite, texts), *_balance(suite))]
    return found


def read(corpus: Sequence[Path]) -> list[Text]:
    """The articles of files and folders.

    Raises:
        UnreadableFile: one cannot be read.
    """
    from ingest.readers import discover
    from ingest.readers import read as read_file
    from retrieval.segmentation import sentence_spans

    return [
        Text(
            article.text,
            tuple(article.text[start:end] for start, end in sentence_spans(article.text)),
            article.source or "",
        )
        for path in discover(corpus)
        for article in read_file(path)
    ]


# -- gold ------------------------------------------------------------------------------------------------------

Found = Iterator[tuple[str, str]]  # field, reason


def _answerable(case: Case, texts: Sequence[Text]) -> Found:
    wholes = [text.whole for text in texts]
    sentences = [sentence for text in texts for sentence in text.sentences]
    if not (case.must_include or case.quote_includes or case.attributed_to):
        yield "must_include", "the case is answerable, and nothing says what its answer must hold"
    if case.absent:
        yield "absent", "is for what an unanswerable case must not find"
    for index, group in enumerate(case.must_include):
        if not met(group, wholes):
            yield f"must_include[{index}]", f"no article has {_any(group)}"
        ruled_out = [no for no in case.must_not_include if all(matches(no, [text]) for text in group)]
        if ruled_out:
            yield f"must_include[{index}]", f"must_not_include rules out all of it: {_any(ruled_out)}"
    for index, group in enumerate(case.quote_includes):
        if not met(group, sentences):
            yield f"quote_includes[{index}]", f"no sentence of an article has {_any(group)}"
    for index, saying in enumerate(case.attributed_to):
        said = [text for text in texts if met(saying.says, text.sentences)]
        if not said:
            yield f"attributed_to[{index}].says", f"no sentence of an article has {_any(saying.says)}"
        elif not any(met(saying.speaker, (text.whole, text.source)) for text in said):
            yield f"attributed_to[{index}].speaker", f"no article that has the words names {_any(saying.speaker)}"


def _unanswerable(case: Case, texts: Sequence[Text]) -> Found:
    for name in ("must_include", "quote_includes", "attributed_to"):
        if getattr(case, name):
            yield name, "the case is not answerable, so there is no answer to hold it"
    sentences = [sentence for text in texts for sentence in text.sentences]
    for index, alternative in enumerate(case.absent):
        said = next((sentence for sentence in sentences if matches(alternative, [sentence])), None)
        if said is not None:
            yield f"absent[{index}]", f"an article has {alternative!r}: {said}"


def _any(alternatives: Sequence[str]) -> str:
    return " | ".join(repr(alternative) for alternative in alternatives)


def _dead(suite: Suite, texts: Sequence[Text]) -> Iterator[str]:
    """Alternatives that can never be met, because a quote is always words of an article."""
    sentences = [sentence for text in texts for sentence in text.sentences]
    for case in suite.cases:
        groups = {f"quote_includes[{index}]": group for index, group in enumerate(case.quote_includes)}
        groups |= {f"attributed_to[{index}].says": saying.says for index, saying in enumerate(case.attributed_to)}
        for name, group in groups.items():
            dead = [alternative for alternative in group if not matches(alternative, sentences)]
            if dead and len(dead) < len(group):
                yield f"case {case.id}: field {name}: no sentence of an article has {_any(dead)}"


# -- questions and tags ----------------------------------------------------------------------------------------


def _twice(file: Path, suite: Suite) -> Iterator[InputError]:
    seen: dict[tuple[str, ...], str] = {}
    for case in suite.cases:
        asked = tuple(analysed(turn).strip("?!. ") for turn in (*case.before, case.question))
        if asked in seen:
            yield InputError(file, "question", f"is asked by case {seen[asked]} too", case=case.id)
        seen.setdefault(asked, case.id)


def _unlisted(file: Path, suite: Suite) -> Iterator[InputError]:
    if not suite.tags:
        return
    for case in suite.cases:
        for index, tag in enumerate(case.tags):
            if tag not in suite.tags:
                yield InputError(file, f"tags[{index}]", f"{tag!r} is not among the suite's tags", case=case.id)


def _balance(suite: Suite) -> Iterator[str]:
    counts = Counter(tag for case in suite.cases for tag in case.tags)
    few = [f"{tag} ({counts[tag]})" for tag in (suite.tags or counts) if counts[tag] < FEW]
    if few:
        yield f"field tags: fewer than {FEW} cases have {', '.join(few)}"
    unanswerable = [case for case in suite.cases if not case.answerable]
    share = len(unanswerable) / len(suite.cases)
    low, high = UNANSWERABLE
    if not low <= share <= high:
        yield f"field answerable: {share:.0%} of the cases are unanswerable; {low:.0%} to {high:.0%} measure best"
    unchecked = [case.id for case in unanswerable if not case.absent]
    if unchecked:
        yield f"field absent: nothing checks that no article answers {', '.join(unchecked)}"
