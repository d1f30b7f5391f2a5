"""Where the reader is within a page: the part of the address after «?», which says all that the page shows.

So reload, back, forward, a bookmark and a second tab each find what was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ui.client import Citation

LONGEST = 2000  # characters of one value that are still read


@dataclass(frozen=True)
class Address:
    """The named values of an address; the last of one name holds."""

    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, search: Any) -> Address:
        """What ``location.search`` says; a browser may send anything."""
        pairs = parse_qsl(str(search or "").removeprefix("?"), errors="replace", max_num_fields=None)
        values = {name: value.strip()[:LONGEST] for name, value in pairs[:30] if value.strip()}
        return cls(tuple(values.items()))

    def get(self, name: str) -> str:
        """A value, or ``""``."""
        return dict(self.values).get(name, "")

    def number(self, name: str) -> int:
        """A value as a number from 0; 0 when it is none."""
        value = self.get(name)
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else 0

    def day(self, name: str) -> date | None:
        """A value as a date, ``None`` when it is none."""
        try:
            return date.fromisoformat(self.get(name))
        except ValueError:
            return None

    def but(self, **changes: object) -> Address:
        """The same with other values; an empty one takes its name away."""
        values = dict(self.values) | {name.rstrip("_"): str(value or "") for name, value in changes.items()}
        return Address(tuple((name, value) for name, value in values.items() if value))

    @property
    def href(self) -> str:
        """As an escaped attribute that leads here within the page."""
        return escape("?" + urlencode(self.values))

    def cited(self, citation: Citation) -> Address:
        """The same with the article open beside it at a citation."""
        span = f"{citation.start}-{citation.end}"
        return self.but(cite=citation.article_id, v=citation.article_version, at=span)

    @property
    def span(self) -> tuple[int, int] | None:
        """The character span that ``at`` names."""
        first, _, last = self.get("at").partition("-")
        if not (first.isdecimal() and last.isdecimal() and len(first + last) < 18) or int(first) >= int(last):
            return None
        return int(first), int(last)

    @property
    def main(self) -> Address:
        """The same without the article beside it: that much draws the page itself."""
        return self.but(cite="", v="", at="") if self.get("cite") else self
