"""The environment of the processes that tests start."""

from __future__ import annotations

import os


def without_settings() -> dict[str, str]:
    """This process's environment without any setting of Sanad, so that a test says itself what is set."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
