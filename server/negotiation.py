"""Which representation the Accept header asks for."""

from __future__ import annotations

EVENT_STREAM = "text/event-stream"
JSON = "application/json"


def wants_events(accept: str) -> bool:
    """Whether ``accept`` names text/event-stream and prefers it to JSON; of equals the first named wins."""
    preferences = [_preference(item) for item in accept.split(",") if item.strip()]
    # Stable, so equal weights keep the client's order.
    ranked = sorted((p for p in preferences if p[1] > 0), key=lambda p: -p[1])
    named = [name for name, _ in ranked if name in (EVENT_STREAM, JSON)]
    return bool(named) and named[0] == EVENT_STREAM


def _preference(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0
