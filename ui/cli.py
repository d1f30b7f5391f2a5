"""``sanad ui``: the chat page alone, for an API that runs elsewhere."""

from __future__ import annotations

import click
import uvicorn
from fastapi import FastAPI

from ui.app import mount


@click.command()
@click.option("--api", required=True, metavar="URL", help="Address of the Sanad API.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=7860, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--key", envvar="SANAD_API_KEY", metavar="KEY", help="API key to ask with; better set as SANAD_API_KEY.")
def ui(api: str, host: str, port: int, key: str | None) -> None:
    """Serve the chat page for an API that runs elsewhere."""
    if not api.startswith(("http://", "https://")):
        raise click.BadParameter("give an address that starts with http:// or https://", param_hint="--api")
    click.echo(f"Chat page on http://{host}:{port} for the API at {api}")
    uvicorn.run(mount(FastAPI(openapi_url=None), api, key=key), host=host, port=port, log_level="warning")
