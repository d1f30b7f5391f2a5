"""Whose a request's conversations are."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request


def owner_of(request: Request) -> str | None:
    """Whom the conversations of a request belong to, as told by what checks API keys; ``None``: nobody known."""
    owner: str | None = getattr(request.state, "owner", None)
    return owner


OwnerDep = Annotated[str | None, Depends(owner_of)]
