"""Python runs this in every process that tests on PostgreSQL start: there, too, catalogs are kept on their server."""

import importlib.util
import os
import runpy
from pathlib import Path

if (address := os.environ.get("TEST_POSTGRESQL")) and importlib.util.find_spec("psycopg"):
    runpy.run_path(str(Path(__file__).parents[1] / "postgresql.py"))["redirect"](address)
