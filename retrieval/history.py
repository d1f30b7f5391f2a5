"""Conversations: what was asked and answered, and what readers think of the answers.

A conversation belongs to the API key that started it (``owner``), or to nobody in particular; whoever asks for another
owner's is told what he would be told of one that does not exist. Order never depends on the clock, which may jump.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from retrieval.analysis import stem, tokens
from retrieval.database import Database
from retrieval.errors import UnknownAnswer, UnknownConversation
from retrieval.models import Answer, Conversation, ConversationSummary, Feedback, Turn
from retrieval.tables import ConversationRow, FeedbackRow, TurnRow

TITLE_CHARACTERS = 200


class History:
    """The conversations of one catalog. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, *, owner: str | None = None) -> str:
        """Create an empty conversation and return its id."""
        conversation_id = uuid.uuid4().hex
        now = datetime.now(UTC)
        with self._database.write() as session:
            session.add(ConversationRow(id=conversation_id, analysed="", owner=owner, created=now, updated=now))
        return conversation_id

    def add_turn(self, conversation_id: str, turn: Turn, *, replaces: str | None = None) -> None:
        """Append a turn to a conversation, whose title the first question becomes.

        ``replaces`` is the id of an answer of the conversation: its turn and those after it are deleted first, if
        they are still there.

        Raises:
            UnknownConversation: when it has been deleted meanwhile.
        """
        now = datetime.now(UTC)
        with self._database.write() as session:
            # Locked, so that two turns of one conversation are numbered in the order they become visible.
            row = session.get(ConversationRow, conversation_id, with_for_update=True)
            if row is None:
                raise UnknownConversation(conversation_id=conversation_id)
            row.updated = now
            if replaces is not None:
                _drop_from(session, row, replaces)
            if row.title is None:
                row.title = title_of(turn.question)
                row.analysed = analysed(row.title)
            session.add(
                TurnRow(
                    conversation_id=conversation_id,
                    answer_id=turn.answer.id,
                    question=turn.question,
                    analysed=analysed(turn.question),
                    answer=turn.answer.model_dump_json(),
                    created=now,
                )
            )

    def conversation(self, conversation_id: str, *, owner: str | None = None) -> Conversation:
        """A conversation with its turns.

        Raises:
            UnknownConversation: when the owner has none of that id.
        """
        with self._database.read() as session:
            row = _owned(session, conversation_id, owner)
            turns = session.execute(
                select(TurnRow, FeedbackRow)
                .outerjoin(FeedbackRow, FeedbackRow.answer_id == TurnRow.answer_id)
                .where(TurnRow.conversation_id == conversation_id)
                .order_by(TurnRow.id)
            )
            return Conversation(
                id=row.id,
                title=row.title,
                created=row.created,
                updated=row.updated,
                turns=tuple(_turn(turn, feedback) for turn, feedback in turns),
            )

    def conversations(
        self, query: str = "", *, owner: str | None = None, offset: int = 0, limit: int = 50
    ) -> list[ConversationSummary]:
        """An owner's conversations, the one asked last first; those without a turn are left out.

        With ``query``, those in whose title or questions all its words occur, whole, inflected or begun.
        """
        turns = (
            select(TurnRow.conversation_id, func.count().label("number"), func.max(TurnRow.id).label("last"))
            .group_by(TurnRow.conversation_id)
            .subquery()
        )
        found = (
            select(ConversationRow, turns.c.number)
            .join(turns, turns.c.conversation_id == ConversationRow.id)
            .where(ConversationRow.owner == owner, *_matching(query))
            .order_by(turns.c.last.desc())
            .offset(offset)
            .limit(limit)
        )
        with self._database.read() as session:
            return [
                ConversationSummary(
                    id=row.id, title=row.title or "", created=row.created, updated=row.updated, turns=number
                )
                for row, number in session.execute(found)
            ]

    def rename(self, conversation_id: str, title: str, *, owner: str | None = None) -> None:
        """Give a conversation another title.

        Raises:
            UnknownConversation: when the owner has none of that id.
        """
        with self._database.write() as session:
            row = _owned(session, conversation_id, owner)
            row.title = title_of(title)
            row.analysed = analysed(row.title)

    def delete(self, conversation_id: str, *, owner: str | None = None) -> None:
        """Delete a conversation with its turns and the feedback on them.

        Raises:
            UnknownConversation: when the owner has none of that id.
        """
        with self._database.write() as session:
            session.delete(_owned(session, conversation_id, owner))

    def forget(self, before: datetime) -> int:
        """Delete the conversations, whoever owns them, that were last asked something before a moment; count them."""
        with self._database.write() as session:
            gone = session.scalars(
                delete(ConversationRow).where(ConversationRow.updated < before).returning(ConversationRow.id)
            )
            return len(gone.all())

    def set_feedback(self, answer_id: str, feedback: Feedback, *, owner: str | None = None) -> None:
        """Keep what the reader thinks of an answer, in place of what he thought before.

        Raises:
            UnknownAnswer: when no conversation of the owner has it.
        """
        now = datetime.now(UTC)
        values = {"verdict": feedback.verdict, "reason": feedback.reason, "text": feedback.text, "updated": now}
        with self._database.write() as session:
            _check_answer(session, answer_id, owner)
            row = session.get(FeedbackRow, answer_id)
            if row is None:
                session.add(FeedbackRow(answer_id=answer_id, created=now, **values))
            else:
                session.execute(update(FeedbackRow).where(FeedbackRow.answer_id == answer_id).values(values))

    def delete_feedback(self, answer_id: str, *, owner: str | None = None) -> None:
        """Take back what was thought of an answer, if anything was.

        Raises:
            UnknownAnswer: when no conversation of the owner has it.
        """
        with self._database.write() as session:
            _check_answer(session, answer_id, owner)
            session.execute(delete(FeedbackRow).where(FeedbackRow.answer_id == answer_id))


def title_of(text: str) -> str:
    """A question or name as a title: one line, at most ``TITLE_CHARACTERS``, cut between words where there are any."""
    line = " ".join(text.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[: TITLE_CHARACTERS - 1]
    return (cut[: cut.rfind(" ")] if " " in cut else cut) + "…"


def analysed(text: str) -> str:
    """What is searched of a title or question: its words as written and their stems, normalised."""
    words = tokens(text)
    return " ".join([*words, *(stem(word) for word in words)])


def _owned(session: Session, conversation_id: str, owner: str | None) -> ConversationRow:
    row = session.get(ConversationRow, conversation_id)
    if row is None or row.owner != owner:
        raise UnknownConversation(conversation_id=conversation_id)
    return row


def _drop_from(session: Session, row: ConversationRow, answer_id: str) -> None:
    """Delete the turn with this answer and those after it; a title made of a question goes with its question."""
    in_it = TurnRow.conversation_id == row.id
    first = session.scalar(select(TurnRow).where(in_it, TurnRow.answer_id == answer_id))
    if first is None:
        return
    before = session.scalar(select(func.count()).where(in_it, TurnRow.id < first.id))
    if not before and row.title == title_of(first.question):
        row.title = None
    session.execute(delete(TurnRow).where(in_it, TurnRow.id >= first.id))


def _check_answer(session: Session, answer_id: str, owner: str | None) -> None:
    found = session.scalar(
        select(TurnRow.id)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(TurnRow.answer_id == answer_id, ConversationRow.owner == owner)
        # Of two readers at once, the second sees what the first has written.
        .with_for_update(of=TurnRow)
    )
    if found is None:
        raise UnknownAnswer(answer_id=answer_id)


def _matching(query: str) -> Iterator[ColumnElement[bool]]:
    """For each word of a query: that the title or a question of the conversation holds it."""
    for word in tokens(query):
        asked = exists().where(TurnRow.conversation_id == ConversationRow.id, _holds(TurnRow.analysed, word))
        yield or_(_holds(ConversationRow.analysed, word), asked)


def _holds(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    return or_(column.contains(word, autoescape=True), column.contains(stem(word), autoescape=True))


def _turn(row: TurnRow, feedback: FeedbackRow | None) -> Turn:
    return Turn(
        question=row.question,
        answer=Answer.model_validate_json(row.answer),
        feedback=None
        if feedback is None
        else Feedback.model_validate({"verdict": feedback.verdict, "reason": feedback.reason, "text": feedback.text}),
    )
