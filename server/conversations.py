"""/v1/conversations: what was asked and answered; found, read, renamed, exported and deleted."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from retrieval.errors import UnknownConversation
from retrieval.models import Conversation
from server import examples
from server.callers import guarded
from server.export import ExportFormat, as_markdown
from server.negotiation import JSON
from server.owner import OwnerDep
from server.problems import BAD_ADDRESS, BAD_BODY, NO_DATABASE, documented
from server.schemas import ConversationList, Renaming
from server.strict import LARGEST_INTEGER, StrictRoute
from server.workers import WorkersDep

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=StrictRoute, **guarded("ask"))

MARKDOWN = "text/markdown"

_Id = Annotated[str, Path(description="Its id, as in an answer.", examples=[examples.conversation.id])]
_UNKNOWN = UnknownConversation(conversation_id=examples.conversation.id)
_EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            MARKDOWN: {"schema": {"type": "string"}, "example": as_markdown(examples.conversation)},
            JSON: {
                "schema": {"$ref": "#/components/schemas/Conversation"},
                "example": examples.conversation.model_dump(mode="json"),
            },
        },
    }
}


@router.get(
    "",
    operation_id="listConversations",
    summary="List conversations",
    responses=examples.shown(examples.conversations) | documented(*BAD_ADDRESS, *NO_DATABASE),
)
async def list_conversations(
    workers: WorkersDep,
    owner: OwnerDep,
    q: Annotated[
        str, Query(max_length=200, description="Words of the title or of a question, in any form.", examples=["القاعة"])
    ] = "",
    offset: Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="Conversations to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="Most conversations to return.")] = 50,
) -> ConversationList:
    """The caller's conversations without their turns, the one asked last first. Whoever sends neither a key nor
    `X-Sanad-Client` is nobody in particular, and has none to list.
    """
    if owner is None:
        return ConversationList(conversations=())
    history = workers.engine.history
    found = await workers.run(partial(history.conversations, q, owner=owner, offset=offset, limit=limit), waits=True)
    return ConversationList(conversations=tuple(found))


@router.get(
    "/{conversation_id}",
    operation_id="getConversation",
    summary="Read a conversation",
    responses=examples.shown(examples.conversation) | documented(_UNKNOWN, *BAD_ADDRESS, *NO_DATABASE),
)
async def get_conversation(workers: WorkersDep, owner: OwnerDep, conversation_id: _Id) -> Conversation:
    """The turns of a conversation in the order they were asked, with the feedback on each answer."""
    return await workers.run(partial(workers.engine.conversation, conversation_id, owner=owner), waits=True)


@router.patch(
    "/{conversation_id}",
    operation_id="renameConversation",
    summary="Rename a conversation",
    responses=examples.shown(examples.conversation) | documented(_UNKNOWN, *BAD_BODY, *NO_DATABASE),
)
async def rename_conversation(
    workers: WorkersDep,
    owner: OwnerDep,
    conversation_id: _Id,
    renaming: Annotated[Renaming, Body(examples=[{"title": "قاعة المكتبة"}])],
) -> Conversation:
    """Give a conversation another title than its first question."""

    def rename() -> Conversation:
        workers.engine.history.rename(conversation_id, renaming.title, owner=owner)
        return workers.engine.conversation(conversation_id, owner=owner)

    return await workers.run(rename, waits=True)


@router.delete(
    "/{conversation_id}",
    operation_id="deleteConversation",
    summary="Delete a conversation",
    status_code=204,
    responses=examples.gone("It is gone.") | documented(_UNKNOWN, *BAD_ADDRESS, *NO_DATABASE),
)
async def delete_conversation(workers: WorkersDep, owner: OwnerDep, conversation_id: _Id) -> None:
    """Delete a conversation for good, with its answers and the feedback on them."""
    await workers.run(partial(workers.engine.history.delete, conversation_id, owner=owner), waits=True)


@router.get(
    "/{conversation_id}/export",
    operation_id="exportConversation",
    summary="Export a conversation",
    response_class=Response,
    responses=_EXPORTED | documented(_UNKNOWN, *BAD_ADDRESS, *NO_DATABASE),
)
async def export_conversation(
    workers: WorkersDep,
    owner: OwnerDep,
    conversation_id: _Id,
    format: Annotated[ExportFormat, Query(description="`markdown` to read, `json` as the API gives it.")] = "markdown",
) -> Response:
    """A file: Markdown with the citations as footnotes, each with its exact words and where they stand; or JSON."""
    found = await workers.run(partial(workers.engine.conversation, conversation_id, owner=owner), waits=True)
    if format == "markdown":
        return _file(as_markdown(found), MARKDOWN, found.id, "md")
    return _file(found.model_dump_json(indent=2), JSON, found.id, "json")


def _file(text: str, media_type: str, name: str, ending: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''sanad-{quote(name, safe='')}.{ending}"
    return Response(text, media_type=media_type, headers={"Content-Disposition": disposition})
