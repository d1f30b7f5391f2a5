"""Small line drawings for buttons; each button still says in words what it does."""

from __future__ import annotations

_PATHS = {
    "copy": "M9 9h11v11H9z M15 9V4H4v11h5",
    "edit": "M4 20l1-4L16 5l3 3L8 19z M14 7l3 3",
    "again": "M19 12a7 7 0 1 1-2-5 M19 3v5h-5",
    "up": "M7 11l4-8c2 0 3 1 3 3l-1 4h6l-2 9c0 1-1 1-2 1H7z M7 11H3v9h4",
    "down": "M7 13l4 8c2 0 3-1 3-3l-1-4h6l-2-9c0-1-1-1-2-1H7z M7 13H3V4h4",
    "list": "M4 6h16 M4 12h16 M4 18h16",
    "new": "M12 5v14 M5 12h14",
    "delete": "M5 7h14 M9 7V4h6v3 M7 7l1 13h8l1-13",
    "export": "M12 4v11 M8 11l4 4 4-4 M5 19h14",
    "share": "M12 15V4 M8 8l4-4 4 4 M5 12v8h14v-8",
}


def icon(name: str) -> str:
    """A drawing that a screen reader passes over."""
    return (
        '<svg class="sanad-icon" viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" '
        'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )
