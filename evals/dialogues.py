"""Does a follow-up find what its hand-written standalone question finds? Recall after rewriting, turn by turn.

Each follow-up of ``development/dialogues`` is searched for as it was typed, as the product rewrites it, and as a person
wrote it out in full. What counts is the place of the passage that holds the turn's gold words: recall@1 and recall@5,
and the ratio of the rewritten recall@5 to the hand-written one's. A change of topic must not drag the old one along:
``dragged`` is the share of such turns to whose question anything was added.

``python -m evals.dialogues [FILE …] [--min RATIO] [--failing] [--json OUT]`` measures the offline rewriter, and with
``SANAD_LLM_BASE_URL`` and ``SANAD_LLM_MODEL`` set the model's rewriting beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.suite import InputError, Text, read_yaml
from evals.targets import fresh_settings, load_embedder

FOLDER = Path(__file__).parent / "development"
FILES = (FOLDER / "dialogues" / "development.yaml", FOLDER / "dialogues" / "test.yaml")
CORPUS = (FOLDER / "articles", FOLDER.parent.parent / "corpus" / "articles")
DEPTH = 5  # of the deepest recall measured
Kind = Literal["first", "pronoun", "ellipsis", "what-about", "shift", "return", "correction", "language", "dialect"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Part):
    """What is typed, what it means in full (when that differs), and words of the passage that answers it."""

    ask: Text
    gold: Text
    means: Text | None = None
    kind: Kind = "first"
    article: Text | None = None

    @property
    def standalone(self) -> str:
        """The question in full."""
        return self.means or self.ask


class Dialogue(_Part):
    """Turns of one conversation about an article; a turn may name another."""

    id: Text
    article: Text
    turns: Annotated[tuple[Turn, ...], Field(min_length=2, max_length=5)]


class Dialogues(_Part):
    """A file of dialogues."""

    dialogues: tuple[Dialogue, ...]


@dataclass(frozen=True)
class Outcome:
    """A follow-up in each of its forms: the text searched for, and the place of the gold passage from 1, if found."""

    dialogue: str
    kind: Kind
    asked: str
    texts: dict[str, str]
    places: dict[str, int | None]


def load(file: Path) -> tuple[Dialogue, ...]:
    """The dialogues of a file.

    Raises:
        InputError: naming the file and the field.
    """
    try:
        return Dialogues.model_validate(read_yaml(file)).dialogues
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(file, ".".join(map(str, first["loc"])), first["msg"]) from error


def measure(engine: Any, dialogues: Iterable[Dialogue], rewriters: dict[str, Callable[..., Any]]) -> list[Outcome]:
    """Search for every follow-up in every form.

    Args:
        engine: a ``retrieval.engine.Engine`` over the articles of the dialogues.
        dialogues: what is asked.
        rewriters: by name, from a question and the earlier ones as understood to a ``Standalone``.
    """
    from retrieval.conversation import Standalone

    outcomes = []
    for dialogue in dialogues:
        earlier: dict[str, list[Standalone]] = {name: [] for name in rewriters}
        for number, turn in enumerate(dialogue.turns):
            forms = {"typed": Standalone(turn.ask, turn.ask), "hand": Standalone(turn.standalone, turn.standalone)}
            for name, rewrite in rewriters.items():
                forms[name] = rewrite(turn.ask, earlier[name])
                earlier[name].append(forms[name])
            if number:
                article = turn.article or dialogue.article
                places = {name: _place(engine, form, article, turn.gold) for name, form in forms.items()}
                texts = {name: form.text for name, form in forms.items()}
                outcomes.append(Outcome(dialogue.id, turn.kind, turn.ask, texts, places))
    return outcomes


def _place(engine: Any, form: Any, article: str, gold: str) -> int | None:
    """Where among the passages found the one with the gold words stands, from 1."""
    start = engine.article(article).text.find(gold)
    if start < 0:
        raise InputError(Path(article), "gold", f"the article does not hold {gold!r}")
    hits = engine.find(form, limit=DEPTH)
    for place, hit in enumerate(hits, start=1):
        if hit.passage.article_id == article and hit.passage.start <= start < hit.passage.end:
            return place
    return None


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Recall of each form, the rewritten forms' ratio to the hand-written one, and how much of an old topic is dragged.

    ``{"typed.recall@1": …, "hand.recall@5": …, "offline.ratio": …, "offline.dragged": …}``
    """
    found: dict[str, float] = {}
    for name in outcomes[0].places:
        for depth in (1, DEPTH):
            met = [(outcome.places[name] or DEPTH + 1) <= depth for outcome in outcomes]
            found[f"{name}.recall@{depth}"] = sum(met) / len(met)
    shifts = [outcome for outcome in outcomes if outcome.kind == "shift"]
    for name in outcomes[0].places:
        if name in {"typed", "hand"}:
            continue
        hand = found[f"hand.recall@{DEPTH}"]
        found[f"{name}.ratio"] = found[f"{name}.recall@{DEPTH}"] / hand if hand else 0.0
        if shifts:
            found[f"{name}.dragged"] = sum(o.texts[name] != o.asked for o in shifts) / len(shifts)
    return found


def _rewriters(engine: Any) -> dict[str, Callable[..., Any]]:
    settings = engine.settings
    found = {"offline": engine.standalone}
    if settings.llm_base_url and settings.llm_model:
        found["llm"] = lambda question, earlier: engine.standalone(question, earlier, mode="generative")
    return found


def _print(name: str, outcomes: Sequence[Outcome], *, failing: bool) -> dict[str, float]:
    found = figures(outcomes)
    print(f"{name}: {len(outcomes)} follow-ups")
    for key, value in found.items():
        print(f"  {key:18} {value:.3f}")
    kinds = Counter(outcome.kind for outcome in outcomes)
    for kind, count in kinds.items():
        part = figures([outcome for outcome in outcomes if outcome.kind == kind])
        recalls = "  ".join(f"{form} {part[f'{form}.recall@{DEPTH}']:.2f}" for form in outcomes[0].places)
        print(f"  recall@{DEPTH} {kind:11} {count:3}  {recalls}")
    for outcome in outcomes if failing else ():
        for form, place in outcome.places.items():
            if form not in {"typed", "hand"} and ((outcome.places["hand"] and not place) or _dragged(outcome, form)):
                print(f"    {outcome.dialogue} {outcome.kind}: {outcome.asked}\n      {form}: {outcome.texts[form]}")
    return found


def _dragged(outcome: Outcome, form: str) -> bool:
    return outcome.kind == "shift" and outcome.texts[form] != outcome.asked


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of each file; 1 when a rewriter's ratio is below ``--min``, 2 on a malformed file."""
    from ingest.pipeline import ingest
    from retrieval.engine import Engine

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, default=list(FILES))
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--min", type=float, default=0.0, help="exit 1 when a rewriter's ratio is below this")
    parser.add_argument(
        "--failing", action="store_true", help="list the follow-ups that lost what the full question finds"
    )
    options = parser.parse_args(arguments)
    try:
        files = {file: load(file) for file in options.files}
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    with fresh_settings() as settings:
        embedder = load_embedder(settings)
        ingest(list(CORPUS), settings, embedder=embedder)
        with closing(Engine(settings, embedder=embedder)) as engine:
            rewriters = _rewriters(engine)
            measured = {file.stem: measure(engine, dialogues, rewriters) for file, dialogues in files.items()}
    found = {name: _print(name, outcomes, failing=options.failing) for name, outcomes in measured.items()}
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    ratios = [value for part in found.values() for key, value in part.items() if key.endswith(".ratio")]
    return int(any(ratio < options.min for ratio in ratios))


if __name__ == "__main__":
    sys.exit(main())
