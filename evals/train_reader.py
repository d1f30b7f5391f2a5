"""Train the reader on ``evals/reading``: ``python -m evals.train_reader`` (80 minutes on two cores).

A question is to be nearer to the sentence that answers it than to any other of three articles read together, and where
none does, all are to stay under a bound: a softmax over the sentences and the bound. The same is asked once more
without the sentences that answer, and of another name or thing (``evals.swaps``). What is learned are low-rank changes
of the embedding model's last layers and what each token of a question weighs; the bound and the scale of the loss are
of use in training alone. Neither the shipped suites, nor a benchmark, nor ``evals/development`` is trained on; the
figures printed are of the last one's questions.
"""

from __future__ import annotations

import argparse
import copy
import math
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from evals.fit import HERE as DEVELOPMENT
from evals.fit import read_rows
from evals.swaps import Answered, Swaps
from ingest.passages import passage_spans
from ingest.readers import read
from retrieval.e5_weights import restored
from retrieval.questions import read_question
from retrieval.reader import DOWN, SHARED_LAYERS, UP, WEIGHTS_FILE
from retrieval.segmentation import sentence_spans
from retrieval.settings import Settings

ARTICLES = Path(__file__).parent / "reading"
TARGET = Path(__file__).parents[1] / "retrieval" / WEIGHTS_FILE
RANK, ALPHA, DROPOUT = 16, 32, 0.05
EPOCHS, RATE, DECAY = 5, 1e-3, 0.01
GOING_ON = 0.5  # of the rate, for a reader that has been trained before
WARMED_UP = 0.06  # share of the steps in which the rate rises; then it falls to 0
LOSS_RATE = 1e-2  # of the bound and the scale, at once: no reader keeps them. They start at these values:
SCALE, BOUND = 30.0, 0.85
TOGETHER = 3  # articles
ASKED = 20  # questions of an article at a time
SWAPPED = 5  # more of it that ask of another name or thing
WITHOUT = 0.4  # what being asked without the answer counts
TYPED = 0.25  # share of the questions that are asked as people type
ALIKE = {"passages": 4, "questions": 16}  # texts of like length that share a batch
ADAPTED = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
           "intermediate.dense", "output.dense")  # fmt: skip
_TYPED = str.maketrans("ةأإآىؤئ", "هااايوي", "?؟")
_QUESTION = re.compile(r"\? (ar|en|fa) (\d+(?:,\d+)*) ([or]) (.+)")

Span = tuple[int, int]


@dataclass(frozen=True)
class Question:
    """A question; ``gold`` are the sentences of its article that answer it, counted from 0: none where it does not.
    ``ordinary`` is whether it is worded as people ordinarily ask, ``swapped`` whether it was made of a written one.
    """

    text: str
    language: str
    ordinary: bool
    gold: frozenset[int]
    swapped: bool = False


@dataclass(frozen=True)
class Article:
    """An article with its questions."""

    name: str
    text: str
    sentences: Sequence[Span]
    questions: list[Question] = field(default_factory=list)


def read_articles(path: Path) -> list[Article]:
    """The articles of a file; the format is told in ``evals/reading/README.md``.

    Raises:
        ValueError: a line is malformed, or a question names a sentence that is not there.
    """
    found = []
    for block in re.split(r"^# ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, rest = block.partition("\n")
        name = heading.partition("|")[0].strip()
        text, sentences, questions = "", list[Span](), list[Question]()
        paragraph = False
        for line in map(str.strip, rest.splitlines()):
            if not line:
                paragraph = True
            elif line.startswith("?"):
                match = _QUESTION.fullmatch(line)
                numbers = {int(number) for number in match[2].split(",")} if match else {-1}
                if match is None or not numbers <= set(range(len(sentences) + 1)):
                    raise ValueError(f"{path.name}, {name}: {line}")
                gold = frozenset(number - 1 for number in numbers if number)
                questions.append(Question(match[4], match[1], match[3] == "o", gold))
            elif questions:
                raise ValueError(f"{path.name}, {name}: a sentence after the questions: {line}")
            else:
                between = ("\n\n" if paragraph else " ") if text else ""
                start = len(text) + len(between)
                text, paragraph = text + between + line, False
                sentences.append((start, len(text)))
        found.append(Article(name, text, sentences, questions))
    return found


def add_swapped(articles: Sequence[Article]) -> None:
    """Give articles what :mod:`evals.swaps` makes of their questions, after these."""
    # By number: files may give two articles one name.
    asked = [
        (article, question, Answered(number, question.language, question.text, _answers(article, question)))
        for number, article in enumerate(articles)
        for question in article.questions
        if question.gold
    ]
    swaps = Swaps([article.text for article in articles], [written for *_, written in asked])
    for article, question, written in asked:
        for text in swaps.of(written):
            article.questions.append(Question(text, question.language, question.ordinary, frozenset(), swapped=True))


def _answers(article: Article, question: Question) -> list[str]:
    return [article.text[slice(*article.sentences[place])] for place in question.gold]


def development_articles() -> list[Article]:
    """The articles of the development set, with those of its questions that name one."""
    stored = [article for path in sorted((DEVELOPMENT / "articles").iterdir()) for article in read(path)]
    found = {article.id: Article(article.id, article.text, sentence_spans(article.text)) for article in stored}
    for row in read_rows(DEVELOPMENT):
        if row.article is not None:
            article = found[row.article]
            texts = [article.text[start:end] for start, end in article.sentences]
            gold = frozenset(place for place, text in enumerate(texts) if text in row.gold)
            article.questions.append(Question(row.question, read_question(row.question).language, row.ordinary, gold))
    return list(found.values())


def typed(question: str) -> str:
    """A question as it is typed by who tells few letters apart, has no capitals and sets no mark.

    >>> typed("متى عُقدت الجولة الأولى؟")
    'متي عُقدت الجوله الاولي'
    """
    return question.translate(_TYPED).lower().strip()


@dataclass(frozen=True, eq=False)
class Prepared:
    """An article as the shared layers leave it, (tokens, dimension) half precision a text.

    ``sentences`` are, in order, the passage and the first and one past the last token of each sentence; ``questions``
    those of the article as written and then, in the same order, as :func:`typed`.
    """

    article: Article
    passages: list[torch.Tensor]
    sentences: list[tuple[int, int, int]]
    questions: list[torch.Tensor]


class Model:
    """The embedding model: its tokenizer, its layers below the reader's, and what the reader's layers start from."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.bert = AutoModel.from_pretrained(folder, dtype=torch.float32).eval().requires_grad_(requires_grad=False)

    @torch.no_grad()
    def shared(self, prompt: str, text: str) -> tuple[np.ndarray, torch.Tensor]:
        """The spans, (tokens, 2), of a text's tokens in it, and their states under the reader's layers."""
        tokens = self.tokenizer(prompt + text, truncation=True, return_offsets_mapping=True)
        states = self.bert.embeddings(torch.tensor([tokens["input_ids"]]))
        for layer in self.bert.encoder.layer[:SHARED_LAYERS]:
            states = layer(states)
        # A text's first token may start with the space before it.
        return (np.array(tokens["offset_mapping"]) - len(prompt)).clip(min=0), states[0].half()

    def prepared(self, article: Article, passage: int) -> Prepared:
        """An article cut into passages as the product does, and its questions."""
        passages, sentences = [], []
        for number, (first, last) in enumerate(passage_spans(article.text, article.sentences, passage)):
            spans, states = self.shared("passage: ", article.text[first:last])
            passages.append(states)
            for start, end in article.sentences:
                if first <= start and end <= last:
                    own = (spans[:, 0] >= max(0, start - first - 1)) & (spans[:, 1] <= end - first) & (spans[:, 1] > 0)
                    inside = np.flatnonzero(own)
                    sentences.append((number, int(inside[0]), int(inside[-1]) + 1) if len(inside) else (number, 0, 1))
        written = [question.text for question in article.questions]
        questions = [self.shared("query: ", text)[1] for text in (*written, *map(typed, written))]
        return Prepared(article, passages, sentences, questions)


class Adapted(nn.Module):
    """A matrix with a low-rank change."""

    def __init__(self, matrix: nn.Linear) -> None:
        super().__init__()
        self.matrix = matrix
        self.down = nn.Parameter(torch.randn(RANK, matrix.in_features) / math.sqrt(matrix.in_features))
        self.up = nn.Parameter(torch.zeros(matrix.out_features, RANK))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self.matrix(states) + self.dropout(states) @ self.down.T @ self.up.T * (ALPHA / RANK)


class Reader(nn.Module):
    """The reader's layers while they learn."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.layers = copy.deepcopy(model.bert.encoder.layer[SHARED_LAYERS:])
        for layer in self.layers:
            for name in ADAPTED:
                parent = layer.get_submodule(name.rpartition(".")[0])
                setattr(parent, name.rpartition(".")[2], Adapted(layer.get_submodule(name)))
        self.attention = nn.Parameter(torch.zeros(model.bert.config.hidden_size))
        self.scale, self.bound = nn.Parameter(torch.tensor(math.log(SCALE))), nn.Parameter(torch.tensor(BOUND))

    def states(self, texts: Sequence[torch.Tensor], alike: int) -> list[torch.Tensor]:
        """What the layers make of texts, (tokens, dimension) each; ``alike`` of about one length share a batch."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found: dict[int, torch.Tensor] = {}
        for first in range(0, len(order), alike):
            batch = order[first : first + alike]
            states = nn.utils.rnn.pad_sequence([texts[place].float() for place in batch], batch_first=True)
            lengths = torch.tensor([len(texts[place]) for place in batch])
            padding = torch.arange(states.shape[1])[None] >= lengths[:, None]
            mask = padding[:, None, None].float() * torch.finfo(torch.float32).min
            for layer in self.layers:
                states = layer(states, mask)
            found.update((place, row[: len(texts[place])]) for place, row in zip(batch, states, strict=True))
        return [found[place] for place in range(len(texts))]

    def forward(self, articles: Sequence[Prepared], asked: Sequence[Sequence[int]]) -> torch.Tensor:
        """How near each sentence of the articles comes to answering each question asked: (questions, sentences)."""
        passages = self.states([text for article in articles for text in article.passages], ALIKE["passages"])
        questions = self.states(
            [article.questions[place] for article, places in zip(articles, asked, strict=True) for place in places],
            ALIKE["questions"],
        )
        weights = torch.block_diag(*[torch.softmax(states @ self.attention, 0)[None] for states in questions])
        starts = np.cumsum([0, *map(len, passages)])
        near = functional.normalize(torch.cat(questions), dim=1) @ functional.normalize(torch.cat(passages), dim=1).T
        before, best = 0, []
        for article in articles:
            for passage, first, last in article.sentences:
                start = starts[before + passage]
                best.append(near[:, start + first : start + last].amax(1))
            before += len(article.passages)
        return weights @ torch.stack(best, 1)

    def loss(self, articles: Sequence[Prepared], asked: Sequence[Sequence[int]]) -> torch.Tensor:
        """Cross-entropy of the sentences that answer, or of the bound; see the module."""
        near = (self(articles, asked) - self.bound) * self.scale.exp()
        choices = torch.cat([near, torch.zeros(len(near), 1)], 1)
        gold = torch.zeros_like(choices, dtype=torch.bool)
        row = before = 0
        for article, places in zip(articles, asked, strict=True):
            for place in places:
                answers = article.article.questions[place % len(article.article.questions)].gold
                gold[row, [before + answer for answer in answers] or [-1]] = True
                row += 1
            before += len(article.sentences)
        chosen = choices.masked_fill(~gold, -torch.inf).logsumexp(1) - choices.logsumexp(1)
        answered = ~gold[:, -1]
        without = choices[answered].masked_fill(gold[answered], -torch.inf)
        return -chosen.mean() + WITHOUT * without.logsumexp(1).mean()

    def go_on(self, stored: Mapping[str, np.ndarray]) -> None:
        """Start from what :meth:`factors` gave."""
        with torch.no_grad():
            for name, value in self._learned().items():
                value.copy_(torch.from_numpy(stored[name]))
                if name.endswith(UP):
                    value.div_(ALPHA / RANK)

    def factors(self) -> dict[str, np.ndarray]:
        """What ``retrieval.reader`` reads, in half precision."""
        return {
            name: (value.detach() * (ALPHA / RANK if name.endswith(UP) else 1)).half().numpy()
            for name, value in self._learned().items()
        }

    def _learned(self) -> dict[str, nn.Parameter]:
        found = {"attention": self.attention}
        for number, layer in enumerate(self.layers, SHARED_LAYERS):
            for name in ADAPTED:
                adapted = layer.get_submodule(name)
                found[f"layer.{number}.{name}{DOWN}"] = adapted.down
                found[f"layer.{number}.{name}{UP}"] = adapted.up
        return found


def train(reader: Reader, articles: Sequence[Prepared], epochs: int, rate: float = RATE, seed: int = 0) -> None:
    """Learn from the articles; prints the mean loss of each epoch."""
    chance = random.Random(seed)
    torch.manual_seed(seed)
    learned = {name: value for name, value in reader.named_parameters() if value.requires_grad}
    of_loss = [reader.scale, reader.bound]
    optimiser = torch.optim.AdamW(
        [
            {
                "params": [value for name, value in learned.items() if name not in ("scale", "bound")],
                "lr": rate,
                "weight_decay": DECAY,
            },
            {"params": of_loss, "lr": LOSS_RATE, "weight_decay": 0.0},
        ]
    )
    steps = epochs * math.ceil(len(articles) / TOGETHER)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        [
            lambda step: min((step + 1) / (WARMED_UP * steps), 1.0) * (1 - step / steps),
            lambda step: 1 - step / steps,
        ],
    )
    began = time.monotonic()
    for epoch in range(epochs):
        reader.train()
        order = chance.sample(range(len(articles)), len(articles))
        losses = []
        for first in range(0, len(order), TOGETHER):
            batch = [articles[place] for place in order[first : first + TOGETHER]]
            asked = [_some(article.article.questions, chance) for article in batch]
            loss = reader.loss(batch, asked)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(list(learned.values()), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - began:.0f} s", flush=True)


def _some(questions: Sequence[Question], chance: random.Random) -> list[int]:
    """Which of an article's questions are asked in an epoch, and in which of their two spellings."""
    drawn = []
    for swapped, most in ((False, ASKED), (True, SWAPPED)):
        places = [place for place, question in enumerate(questions) if question.swapped is swapped]
        drawn += chance.sample(places, min(most, len(places)))
    return [place + len(questions) * (chance.random() < TYPED) for place in drawn]


@torch.no_grad()
def report(reader: Reader, articles: Sequence[Prepared]) -> None:
    """Print how often the nearest sentence of its article answers, and how well nearness tells whether any does."""
    reader.eval()
    asked: dict[tuple[str, bool], list[tuple[Question, bool, float]]] = {}
    for article in articles:
        questions = article.article.questions
        for question, near in zip(questions, reader([article], [range(len(questions))]), strict=True):
            nearest = question, int(near.argmax()) in question.gold, float(near.max())
            asked.setdefault((question.language, question.ordinary), []).append(nearest)
    for (language, ordinary), found in sorted(asked.items()):
        hits = [hit for question, hit, _ in found if question.gold]
        answered = [near for question, _, near in found if question.gold]
        missed = [near for question, _, near in found if not (question.gold or question.swapped)]
        swapped = [near for question, _, near in found if question.swapped]
        print(
            f"  {language} {'ordinary' if ordinary else 'reworded'}: hit@1 {np.mean(hits):.3f} of {len(hits)},"
            f" AUROC of near misses {_told_apart(answered, missed):.3f},"
            f" of swapped ones {_told_apart(answered, swapped):.3f}"
        )


def _told_apart(answered: Sequence[float], not_answered: Sequence[float]) -> float:
    if not (answered and not_answered):
        return math.nan
    return float(roc_auc_score([1] * len(answered) + [0] * len(not_answered), [*answered, *not_answered]))


def main() -> None:
    """Train, print figures, and write the reader."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--articles", type=int, help="train on the first so many of each file alone")
    parser.add_argument("--start", type=Path, help="a reader to go on from, at half the rate")
    parser.add_argument("--out", type=Path, default=TARGET, help="the file to write")
    options = parser.parse_args()
    model, passage = Model(restored().folder), Settings().passage_characters
    articles = [a for path in sorted(ARTICLES.glob("*.txt")) for a in read_articles(path)[: options.articles]]
    add_swapped(articles)
    reader = Reader(model)
    if options.start:
        with np.load(options.start) as stored:
            reader.go_on(stored)
    measured = [article for article in development_articles() if article.questions]
    add_swapped(measured)
    development = [model.prepared(article, passage) for article in measured]
    report(reader, development)
    prepared = [model.prepared(article, passage) for article in articles]
    train(reader, prepared, options.epochs, RATE * GOING_ON if options.start else RATE)
    report(reader, development)
    factors: dict[str, Any] = reader.factors()
    np.savez(options.out, **factors)
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
