"""Suites: questions with what a right answer says, read from YAML and checked before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
)

from evals.matching import REGEX, analysed_pattern
from retrieval.analysis import normalise
from retrieval.errors import SanadError


class InputError(SanadError):
    """A suite, threshold or benchmark file that cannot be used.

    Values: ``file``, ``case``, ``field``, ``reason``. ``problems`` holds every problem found as one line of
    English each, naming file, case and field.
    """

    code, status = "malformed-input", 422
    arabic = "ملف غير صالح: {file}{case}: الحقل {field}: {reason}"
    english = "{file}{case}: field {field}: {reason}"

    def __init__(self, file: Path, field: str, reason: str, *, case: str | None = None) -> None:
        super().__init__(file=file, field=field, reason=reason, case="" if case is None else f": case {case}")
        self.problems = [str(self)]

    @classmethod
    def gathered(cls, errors: Sequence[InputError]) -> InputError:
        """The first error, carrying the problems of all."""
        first = errors[0]
        first.problems = [problem for error in errors for problem in error.problems]
        return first


def _checked_alternative(text: str) -> str:
    if text.startswith(REGEX):
        try:
            pattern = analysed_pattern(text)
        except re.error as error:
            raise ValueError(f"bad regular expression {text!r}: {error}") from error
        if pattern.search(""):
            raise ValueError(f"regular expression {text!r} matches the empty text, so every answer")
    elif not normalise(text):
        raise ValueError(f"{text!r} is empty once analysed, so every answer would match it")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Alternative = Annotated[str, AfterValidator(_checked_alternative)]
Group = Annotated[tuple[Alternative, ...], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Saying(_Part):
    """A pair of ``attributed_to``: what is said (any of) and by whom (any of)."""

    says: Group
    speaker: Group


class Case(_Part):
    """One question and what its answer must and must not hold. Any alternative of a group meets it.

    ``absent`` says what would answer an unanswerable question, for ``evals.lint`` to find that no sentence does.
    """

    id: Text
    question: Text
    before: tuple[Text, ...] = ()
    answerable: StrictBool = True
    must_include: tuple[Group, ...] = ()
    must_not_include: tuple[Alternative, ...] = ()
    quote_includes: tuple[Group, ...] = ()
    attributed_to: tuple[Saying, ...] = ()
    absent: tuple[Alternative, ...] = ()
    tags: tuple[Text, ...] = ()


class Suite(_Part):
    """Cases over one corpus. Paths are absolute once read.

    ``distractors`` are ingested beside the ``corpus`` and nothing is asked about them. ``tags`` are those that cases
    may have, each with what it means; none given, any.
    """

    suite: Text
    corpus: tuple[Path, ...] = ()
    distractors: tuple[Path, ...] = ()
    tags: dict[Text, Text] = {}
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]

    @property
    def articles(self) -> tuple[Path, ...]:
        """What is ingested: the corpus and the distractors."""
        return (*self.corpus, *self.distractors)


class _Loader(yaml.SafeLoader):
    """YAML where numbers and dates stay text as written, and a field given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                twice = f"the field {key.value!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, twice, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[-1] in {"null", "bool", "merge"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(file: Path) -> Any:
    """The YAML document in ``file``, its numbers and dates kept as text.

    Raises:
        InputError: the file cannot be read, is not UTF-8 or is not YAML.
    """
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise InputError(file, "(file)", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(file, "(file)", f"is not UTF-8 at byte {error.start}") from error
    except yaml.YAMLError as error:
        raise InputError(file, "(yaml)", " ".join(str(error).split())) from error


def load(file: Path, *, needs_corpus: bool = True) -> Suite:
    """Read a suite and check every case of it.

    Args:
        file: the YAML file.
        needs_corpus: whether the corpus has to be there, as when it is going to be ingested.

    Raises:
        InputError: with every problem found, each naming file, case and field.
    """
    data = read_yaml(file)
    if not isinstance(data, dict):
        raise InputError(file, "(file)", "should be a mapping with the fields suite, corpus and cases")
    try:
        suite = Suite.model_validate(data)
    except ValidationError as error:
        raise _explained(file, data, error) from error
    problems = _repeated(file, suite)
    corpus, distractors = (
        tuple((file.parent / path).resolve() for path in paths) for paths in (suite.corpus, suite.distractors)
    )
    if needs_corpus:
        problems += _missing(file, "corpus", corpus) + _missing(file, "distractors", distractors)
        if not corpus:
            problems.append(InputError(file, "corpus", "names no file or folder to ingest"))
    if problems:
        raise InputError.gathered(problems)
    return suite.model_copy(update={"corpus": corpus, "distractors": distractors})


def _repeated(file: Path, suite: Suite) -> list[InputError]:
    seen: set[str] = set()
    problems = []
    for case in suite.cases:
        if case.id in seen:
            problems.append(InputError(file, "id", "is used by two cases", case=case.id))
        seen.add(case.id)
    return problems


def _missing(file: Path, field: str, paths: Sequence[Path]) -> list[InputError]:
    return [InputError(file, field, f"{path} does not exist") for path in paths if not path.exists()]


def _explained(file: Path, data: dict[Any, Any], error: ValidationError) -> InputError:
    problems = []
    errors = error.errors(include_url=False)
    for found in errors:
        location = list(found["loc"])
        # A list whose items are all wrong is also reported as too short, which would send the reader astray.
        if found["type"] == "too_short" and any(
            len(other["loc"]) > len(location) and list(other["loc"][: len(location)]) == location for other in errors
        ):
            continue
        case = None
        if location[0] == "cases" and len(location) > 1:
            case = _case_name(data["cases"], int(location[1]))
            location = location[2:]
        reason = found["msg"].removeprefix("Value error, ")
        problems.append(InputError(file, _dotted(location) or "(case)", reason, case=case))
    return InputError.gathered(problems)


def _case_name(cases: Any, number: int) -> str:
    """A case's own id, or its place (``#3``, from 1) where it has none that can be shown."""
    case = cases[number]
    named = case.get("id") if isinstance(case, dict) else None
    return named if isinstance(named, str) and named.strip() else f"#{number + 1}"


def _dotted(location: Sequence[int | str]) -> str:
    """``("must_include", 0, 1)`` as ``must_include[0][1]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
