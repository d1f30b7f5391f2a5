"""GET /v1/conversations/{id}: what was asked and answered."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path

from retrieval.errors import UnknownConversation
from retrieval.models import Conversation
from server import examples
from server.problems import BAD_ADDRESS, documented
from server.strict import StrictRoute
from server.workers import WorkersDep

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=StrictRoute)


@router.get(
    "/{conversation_id}",
    operation_id="getConversation",
    summary="Read a conversation",
    responses=examples.shown(examples.conversation)
    | documented(UnknownConversation(conversation_id="c-5d1f0a"), *BAD_ADDRESS),
)
async def get_conversation(
    workers: WorkersDep,
    conversation_id: Annotated[str, Path(description="Its id, as in an answer.", examples=[examples.conversation.id])],
) -> Conversation:
    """The turns of a conversation in the order they were asked."""
    return await workers.run(partial(workers.engine.conversation, conversation_id), waits=True)
