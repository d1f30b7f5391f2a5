"""A question and what has come back for it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from ui.client import (
    Answer,
    AnswerSentence,
    ApiError,
    Citation,
    CitedSentence,
    Event,
    Feedback,
    PastTurn,
    Perspective,
    Started,
)


@dataclass
class Turn:
    """One turn of the conversation on the page; grows while its answer streams.

    ``kept`` says that its question is still in the box, ``expired`` that it had to start a new conversation.
    """

    question: str
    standalone_question: str | None = None
    sentences: list[AnswerSentence] = field(default_factory=list)
    citations: dict[int, Citation] = field(default_factory=dict)
    answer: Answer | None = None
    error: ApiError | None = None
    stopped: bool = False
    expired: bool = False
    kept: bool = False
    feedback: Feedback | None = None
    feedback_error: ApiError | None = None

    @classmethod
    def past(cls, past: PastTurn) -> Turn:
        """A turn the server remembers."""
        turn = cls(past.question, feedback=past.feedback)
        turn.add(past.answer)
        return turn

    @property
    def pending(self) -> bool:
        """Whether more is to come."""
        return not (self.answer or self.error or self.stopped)

    @property
    def replied(self) -> bool:
        """Whether this is a word back to a greeting or to what no article could answer, and no search was made."""
        notes = self.answer.notes if self.answer else []
        return any(note.startswith(("small_talk:", "out_of_scope:")) for note in notes)

    def add(self, event: Event) -> None:
        """Take in the next event; the whole answer replaces what was streamed."""
        if isinstance(event, CitedSentence):
            self.sentences.append(event.sentence)
            self.citations.update({citation.number: citation for citation in event.citations})
            return
        self.standalone_question = event.standalone_question
        if not isinstance(event, Started):
            self.answer = event
            self.sentences = event.sentences
            self.citations = {citation.number: citation for citation in event.citations}

    def loose(self) -> list[int]:
        """The sentences that no card holds; all of them, unless several sides are shown as cards."""
        placed = {number for perspective in self.sides() for number in perspective.sentences}
        return [number for number in range(len(self.sentences)) if number not in placed]

    def sides(self) -> list[Perspective]:
        """What each side says, when there are several."""
        perspectives = self.answer.perspectives if self.answer else []
        return perspectives if len(perspectives) > 1 else []

    def order(self) -> list[int]:
        """The sentences as they stand on the page: those without a card, then card by card."""
        carded = [number for perspective in self.sides() for number in perspective.sentences]
        return [number for number in [*self.loose(), *carded] if 0 <= number < len(self.sentences)]

    def numbers(self) -> dict[int, int]:
        """The [n] that the reader sees, by the citation's own number: they count up as one reads down the page."""
        used = [number for index in self.order() for number in self.sentences[index].citations]
        return {number: shown for shown, number in enumerate(dict.fromkeys([*used, *self.citations]), start=1)}

    def cited(self, number: int, *, related: bool) -> Citation | None:
        """The citation with this number, among those of the answer or of the related passages."""
        if not related:
            return self.citations.get(number)
        passages = self.answer.related if self.answer else []
        return next((citation for citation in passages if citation.number == number), None)
