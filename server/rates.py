"""How many requests a key, or an address without one, may send. Counted in this process."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import ClassVar

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from retrieval.settings import Settings
from server.callers import Caller

IPV6_NETWORK = 64  # bits; who has one IPv6 address has all that begin like it


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit after a request. ``reset`` is in seconds."""

    HEADERS: ClassVar = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    """As in draft-ietf-httpapi-ratelimit-headers-06."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """What a response says of it."""
        return dict(zip(self.HEADERS, map(str, (self.limit, self.remaining, self.reset)), strict=True))


class Rates:
    """Counts requests in sliding windows."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._per_address = _limit(settings.rate_per_address)
        self._per_key = _limit(settings.rate_per_key)

    def count(self, caller: Caller) -> Allowance | None:
        """Count a request; ``None`` when no limit is set for such callers."""
        if caller.key_id is not None:
            return self._count(self._per_key, "key", caller.key_id)
        return self._count(self._per_address, "address", neighbourhood(caller.address))

    def _count(self, limit: RateLimitItem | None, kind: str, name: str) -> Allowance | None:
        if limit is None:
            return None
        allowed = self._limiter.hit(limit, kind, name)
        window = self._limiter.get_window_stats(limit, kind, name)
        reset = max(1, math.ceil(window.reset_time - time.time()))
        return Allowance(allowed, limit.amount, max(0, window.remaining), reset)


def _limit(rate: str) -> RateLimitItem | None:
    return None if rate == "off" else parse(rate)


def neighbourhood(address: str) -> str:
    """The address, or the whole network that one subscriber has."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ip_network((known, IPV6_NETWORK), strict=False))
    return str(known)
