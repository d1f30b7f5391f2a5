"""What every response tells browsers, and which pages of other origins may call the API."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from retrieval.settings import Settings
from server.app import create_app

ORIGIN = "https://desk.example"


@pytest.mark.parametrize("path", ["/", "/v1/articles", "/v1/nothing", "/docs", "/openapi.json", "/healthz"])
def test_every_response_is_guarded(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]


def test_data_may_do_nothing_and_is_not_kept(client: TestClient) -> None:
    headers = client.get("/v1/articles").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_the_software_is_not_named(client: TestClient) -> None:
    assert "server" not in client.get("/v1/articles").headers


def preflight(client: TestClient, origin: str = ORIGIN, method: str = "POST"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return client.options("/v1/answers", headers={**asked, "Access-Control-Request-Headers": "authorization"})


def test_no_origin_is_allowed_by_default(client: TestClient) -> None:
    assert "access-control-allow-origin" not in client.get("/v1/articles", headers={"Origin": ORIGIN}).headers
    assert "access-control-allow-origin" not in preflight(client).headers


def test_allowed_origins_may_call_with_a_key_and_read_what_matters(engine) -> None:
    # Nothing is allowed without a key: what asks whether it may ask must not need one.
    client = TestClient(create_app(Settings(cors_origins=ORIGIN, anonymous_scopes=""), engine))
    allowed = preflight(client)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    refused = client.get("/v1/articles", headers={"Origin": ORIGIN})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    assert preflight(client, "https://evil.example").status_code == 400
