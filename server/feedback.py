"""/v1/answers/{id}/feedback: what a reader thinks of an answer."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Path

from retrieval.errors import UnknownAnswer
from retrieval.models import Feedback
from server import examples
from server.callers import guarded
from server.owner import OwnerDep
from server.problems import BAD_ADDRESS, BAD_BODY, NO_DATABASE, documented
from server.strict import StrictRoute
from server.workers import WorkersDep

router = APIRouter(prefix="/v1/answers", tags=["answers"], route_class=StrictRoute, **guarded("ask"))

_Id = Annotated[str, Path(description="The answer's id.", examples=[examples.answer.id])]
_UNKNOWN = UnknownAnswer(answer_id=examples.answer.id)


@router.put(
    "/{answer_id}/feedback",
    operation_id="putFeedback",
    summary="Say what you think of an answer",
    responses=examples.shown(examples.feedback) | documented(_UNKNOWN, *BAD_BODY, *NO_DATABASE),
)
async def put_feedback(
    workers: WorkersDep,
    owner: OwnerDep,
    answer_id: _Id,
    feedback: Annotated[Feedback, Body(examples=[examples.feedback.model_dump()])],
) -> Feedback:
    """Keep it with the answer, in place of what was said before; its conversation shows it."""
    await workers.run(partial(workers.engine.history.set_feedback, answer_id, feedback, owner=owner), waits=True)
    return feedback


@router.delete(
    "/{answer_id}/feedback",
    operation_id="deleteFeedback",
    summary="Take feedback back",
    status_code=204,
    responses=examples.gone("There is none now.") | documented(_UNKNOWN, *BAD_ADDRESS, *NO_DATABASE),
)
async def delete_feedback(workers: WorkersDep, owner: OwnerDep, answer_id: _Id) -> None:
    """Take back what was said of an answer."""
    await workers.run(partial(workers.engine.history.delete_feedback, answer_id, owner=owner), waits=True)
