"""API keys: made once, shown once, and afterwards known only by their hash."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from retrieval.database import Database
from retrieval.errors import SanadError
from retrieval.settings import Scope
from retrieval.tables import ApiKeyRow

ID_BYTES, SECRET_BYTES = 6, 32
_TOKEN = re.compile(r"sanad_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODYS = "0" * 64  # compared with where there is no such key, so that looking takes as long
USE_NOTED_EVERY = timedelta(hours=1)  # a write for every request would be dear


class UnknownKey(SanadError):
    """No such API key. Values: ``key_id``."""

    code, status = "unknown-key", 404
    arabic = "لا يوجد مفتاح بهذا المعرّف: {key_id}."
    english = "There is no API key {key_id}."


@dataclass(frozen=True)
class Key:
    """An API key as it is stored. ``last_used`` is right to the hour."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created: datetime
    last_used: datetime | None
    revoked: datetime | None


class Keys:
    """The API keys of a catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: Sequence[Scope]) -> tuple[Key, str]:
        """Make a key; returns it and the token to send, which cannot be had again."""
        key_id = secrets.token_hex(ID_BYTES)
        token = f"sanad_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
        row = ApiKeyRow(
            id=key_id,
            name=name,
            hash=_hash(token),
            scopes=json.dumps(sorted(set(scopes))),
            created=datetime.now(UTC),
            last_used=None,
            revoked=None,
        )
        key = _key(row)
        with self._database.write() as session:
            session.add(row)
        return key, token

    def find(self, token: str) -> Key | None:
        """The valid key that ``token`` belongs to.

        The row is found by the part of the token that is no secret, and what is secret is compared in constant
        time. 256 random bits need no slow hash: there is nothing to guess.
        """
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        with self._database.read() as session:
            row = session.get(ApiKeyRow, parts[1])
            same = hmac.compare_digest(_hash(token), row.hash if row else _NOBODYS)
            key = _key(row) if row and same and row.revoked is None else None
        if key is not None:
            self._note_use(key)
        return key

    def revoke(self, key_id: str) -> None:
        """End a key's validity, from the next request on; once is enough.

        Raises:
            UnknownKey: when there is none.
        """
        with self._database.write() as session:
            row = session.get(ApiKeyRow, key_id)
            if row is None:
                raise UnknownKey(key_id=key_id)
            row.revoked = row.revoked or datetime.now(UTC)

    def all(self) -> list[Key]:
        """Every key, revoked ones too, the oldest first."""
        with self._database.read() as session:
            return [_key(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created, ApiKeyRow.id))]

    def _note_use(self, key: Key) -> None:
        now = datetime.now(UTC)
        if key.last_used is not None and now - key.last_used < USE_NOTED_EVERY:
            return
        with self._database.write() as session:
            row = session.get(ApiKeyRow, key.id)
            if row is not None:
                row.last_used = now


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _key(row: ApiKeyRow) -> Key:
    return Key(row.id, row.name, frozenset(json.loads(row.scopes)), row.created, row.last_used, row.revoked)
