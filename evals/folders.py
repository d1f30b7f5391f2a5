"""Retrieval data in a folder: the BEIR layout, and that of MIRACL. Both name articles, questions and judgements.

BEIR (Thakur et al., 2021): ``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``) and
``qrels/SPLIT.tsv`` with the header ``query-id corpus-id score``.

MIRACL (Zhang et al., 2023): ``corpus/*.jsonl`` (``docid``, ``title``, ``text``), topics ``id TAB question`` in
``topics*.tsv`` or ``topics/*.tsv``, and TREC judgements ``id Q0 docid grade`` in ``qrels*.tsv`` or ``qrels/*.tsv``.

Any file of lines may be compressed (``.gz``), and either form of a line is read in both layouts.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from evals.datasets import Dataset, Question
from evals.suite import InputError
from retrieval.models import Article

_ID_FIELDS = ("_id", "docid", "id")
_GRADE_HEADERS = {"score", "relevance", "rel", "grade"}
_GRADE = re.compile(r"-?\d+")
Judgements = dict[str, dict[str, int]]


def load(folder: Path, *, split: str | None = None) -> Dataset:
    """Read the articles, and the questions of a split for which some article is judged to answer.

    A document without text has its title for a text; one without either cannot be found and is not ingested.

    Args:
        folder: in the BEIR or MIRACL layout.
        split: which judgements, where there are several: ``test`` reads ``test.tsv`` or ``….-test.tsv``.

    Raises:
        InputError: naming the file and the line, or what of the layout is not there.
    """
    layout = "beir" if _lines_file(folder, "corpus") else "miracl"
    documents = _documents(folder, layout)
    questions = _questions(folder, layout, split)
    qrels_file = _one(folder, "qrels", split)
    grades = _judgements(qrels_file, questions, documents)
    asked = [
        Question(id=id_, text=text, relevant=grades[id_])
        for id_, text in questions.items()
        if any(grade > 0 for grade in grades.get(id_, {}).values())
    ]
    if not asked:
        raise InputError(qrels_file, "(file)", "no document is judged to answer any question")
    articles = tuple(article for article in documents.values() if article is not None)
    return Dataset(
        format=layout,
        articles=articles,
        questions=tuple(asked),
        unjudged=sum(id_ in grades for id_ in questions) - len(asked),
    )


def read_questions(file: Path) -> dict[str, str]:
    """Questions by id: lines of JSON with ``_id`` and ``text``, or of ``id TAB question``.

    Raises:
        InputError: naming the line, or that there is no question.
    """
    found: dict[str, str] = {}
    for place, id_, text in _json_questions(file) if ".jsonl" in file.name else _tsv_questions(file):
        if id_ in found:
            raise InputError(file, place, f"the question {id_} is there twice")
        if not text.strip():
            raise InputError(file, place, f"the question {id_} is empty")
        found[id_] = text.strip()
    if not found:
        raise InputError(file, "(file)", "there is no question")
    return found


def _json_questions(file: Path) -> Iterator[tuple[str, str, str]]:
    for place, row in _json_lines(file):
        yield place, _id(file, place, row), _text(file, place, row, "text")


def _tsv_questions(file: Path) -> Iterator[tuple[str, str, str]]:
    for place, line in _lines(file):
        id_, tab, text = line.partition("\t")
        if not tab:
            raise InputError(file, place, "is not an id, a tab and a question")
        yield place, id_.strip(), text


def _questions(folder: Path, layout: str, split: str | None) -> dict[str, str]:
    if layout == "beir":
        file = _lines_file(folder, "queries")
        if file is None:
            raise InputError(folder, "(folder)", "has corpus.jsonl as BEIR has, but no queries.jsonl")
        return read_questions(file)
    return read_questions(_one(folder, "topics", split))


def _documents(folder: Path, layout: str) -> dict[str, Article | None]:
    """Articles by document id; ``None`` for a document that says nothing."""
    beir = _lines_file(folder, "corpus")
    files = [beir] if layout == "beir" and beir else sorted(_named(folder / "corpus", "", (".jsonl", ".jsonl.gz")))
    if not files:
        raise InputError(
            folder, "(folder)", "has neither corpus.jsonl (as BEIR has) nor corpus/*.jsonl or .jsonl.gz (as MIRACL has)"
        )
    found: dict[str, Article | None] = {}
    for file in files:
        for place, row in _json_lines(file):
            id_ = _id(file, place, row)
            if id_ in found:
                raise InputError(file, place, f"the document {id_} is there twice")
            title, text = _text(file, place, row, "title", optional=True), _text(file, place, row, "text")
            found[id_] = Article(id=id_, title=title or None, text=text or title) if text or title else None
    return found


def _judgements(file: Path, questions: Collection[str], documents: Collection[str]) -> Judgements:
    """Grades by question and document: ``question document grade`` or, as TREC has it, ``question 0 document grade``.

    A judgement of what is not there is refused: recall over it would mean nothing.
    """
    found: Judgements = {}
    for number, (place, line) in enumerate(_lines(file)):
        fields = [field.strip() for field in (line.split("\t") if "\t" in line else line.split())]
        if number == 0 and fields[-1].lower() in _GRADE_HEADERS:
            continue
        if len(fields) not in (3, 4):
            raise InputError(file, place, f"has {len(fields)} fields, not a question, a document and a grade")
        question, document, written = fields[0], fields[-2], fields[-1]
        if not _GRADE.fullmatch(written):
            raise InputError(file, place, f"the grade {written!r} is not a whole number")
        if question not in questions:
            raise InputError(file, place, f"there is no question {question}")
        if document not in documents:
            raise InputError(file, place, f"there is no document {document}")
        if found.setdefault(question, {}).setdefault(document, int(written)) != int(written):
            raise InputError(file, place, f"the document {document} has two grades for {question}")
    return found


def _one(folder: Path, kind: str, split: str | None) -> Path:
    """The one file of a kind, or that of a split: ``qrels/test.tsv``, ``qrels.miracl-v1.0-ar-dev.tsv``."""
    endings = (".tsv", ".tsv.gz")
    files = sorted([*_named(folder / kind, "", endings), *_named(folder, kind, endings)])
    if not files:
        raise InputError(folder, "(folder)", f"has no {kind}/*.tsv or {kind}*.tsv")
    if len(files) == 1 and split is None:
        return files[0]
    named = [file for file in files if split is not None and f"-{_bare(file)}".endswith((f"-{split}", f".{split}"))]
    if len(named) == 1:
        return named[0]
    if len(files) == 1 and kind != "qrels":  # one file of questions may serve every split
        return files[0]
    names = ", ".join(file.name for file in files)
    wanted = "name one with --split" if split is None else f"{len(named) or 'none'} of them is of the split {split}"
    raise InputError(folder, "(folder)", f"has the {kind} {names}: {wanted}")


def _named(folder: Path, start: str, endings: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.name.startswith(start) and path.name.endswith(endings)]


def _lines_file(folder: Path, stem: str) -> Path | None:
    return next((path for name in (f"{stem}.jsonl", f"{stem}.jsonl.gz") if (path := folder / name).is_file()), None)


def _bare(file: Path) -> str:
    return file.name.removesuffix(".gz").removesuffix(".tsv")


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """Lines that are not empty, with their place for messages."""
    try:
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                place = f"(line {number})"
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise InputError(file, place, "is not UTF-8") from error
                if text.strip():
                    yield place, text.rstrip("\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(file, "(file)", getattr(error, "strerror", None) or str(error)) from error


def _json_lines(file: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for place, line in _lines(file):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(file, place, f"is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(file, place, "is not an object of fields")
        yield place, row


def _id(file: Path, place: str, row: Mapping[str, object]) -> str:
    value = next((row[name] for name in _ID_FIELDS if name in row), None)
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not text:
        raise InputError(file, place, f"has no {' or '.join(_ID_FIELDS)}")
    if text.split() != [text]:  # run files separate their fields by spaces
        raise InputError(file, place, f"the id {text!r} has a space in it")
    return text


def _text(file: Path, place: str, row: Mapping[str, object], name: str, *, optional: bool = False) -> str:
    value = row.get(name)
    if value is None and optional:
        return ""
    if not isinstance(value, str):
        raise InputError(file, f"{place}.{name}", "is missing" if value is None else "is not text")
    return value.strip()
