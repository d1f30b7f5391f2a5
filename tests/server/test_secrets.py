"""Keys and passwords are nowhere to be read: not in logs, errors, metrics, ``sanad doctor`` or the command line."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.doctor import masked
from retrieval.database import Database
from retrieval.dense import DenseIndex
from retrieval.errors import SanadError
from retrieval.settings import Settings, without_password
from server.app import create_app
from server.keys import Keys
from server.mcp import ApiFailed, RemoteApi
from tests.environment import without_settings

SECRET = "s3cretS3cret"
SANAD = Path(sys.executable).with_name("sanad")
ADDRESSES = {
    "SANAD_DATABASE_URL": f"postgresql://sanad:{SECRET}@127.0.0.1:9/none",
    "SANAD_CHROMA_URL": f"http://sanad:{SECRET}@127.0.0.1:9",
    "SANAD_LLM_BASE_URL": f"http://sanad:{SECRET}@127.0.0.1:9/v1",
    "SANAD_LLM_API_KEY": SECRET,
}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@h:1/x", "http://**********@h:1/x"),
        ("http://h/x", "http://h/x"),
        ("u:p@h", "**********@h"),
        ("http://u:p@q@h", "http://**********@h"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_settings_are_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ADDRESSES.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert SECRET not in str(masked(settings))
    assert "127.0.0.1:9" in masked(settings)["chroma_url"]


def test_servers_that_do_not_answer_are_told_without_their_passwords(tmp_path: Path) -> None:
    with pytest.raises(SanadError) as failed:
        DenseIndex(tmp_path / "chroma", url=ADDRESSES["SANAD_CHROMA_URL"]).count()
    assert "127.0.0.1:9" in str(failed.value)
    assert SECRET not in failed.value.message("en") + failed.value.message("ar") + str(failed.value.values)
    with pytest.raises(SanadError) as failed:
        Database(tmp_path, ADDRESSES["SANAD_DATABASE_URL"])
    assert SECRET not in failed.value.message("en") + failed.value.message("ar")
    api = RemoteApi(ADDRESSES["SANAD_CHROMA_URL"], SECRET)
    assert SECRET not in str(ApiFailed(url=api._url, reason=""))


@pytest.mark.parametrize("command", [["articles"], ["--traceback", "articles"], ["doctor"], ["doctor", "--json"]])
def test_the_command_line_keeps_secrets(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [SANAD, *command, "--index", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=without_settings() | ADDRESSES,
        timeout=100,
    )
    assert done.returncode == 1
    assert SECRET not in done.stdout + done.stderr
    assert "SANAD_DATABASE_URL" in done.stdout + done.stderr


def test_a_setting_that_does_not_fit_is_told_without_what_may_be_secret(tmp_path: Path) -> None:
    wrong = {name: value.replace("http:", "ftp:").replace("postgresql:", "mysql:") for name, value in ADDRESSES.items()}
    done = subprocess.run(
        [SANAD, "articles"], capture_output=True, text=True, check=False, env=without_settings() | wrong, timeout=100
    )
    assert done.returncode == 2
    assert SECRET not in done.stdout + done.stderr
    told = {line.partition(":")[0].partition("=")[0] for line in done.stderr.splitlines()}
    assert told == {"SANAD_DATABASE_URL", "SANAD_CHROMA_URL", "SANAD_LLM_BASE_URL"}


def test_a_key_is_in_no_log_error_or_metric(engine: Any, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)
    key = Keys(engine.database).create("reader", ["read"])[1]
    with closing(TestClient(create_app(Settings(host="0.0.0.0", log_level="debug"), engine))) as client:
        for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}, {"X-API-Key": f"{key}{SECRET}"}):
            for method, path in (("GET", "/v1/articles"), ("POST", "/v1/answers"), ("DELETE", "/v1/articles/x")):
                response = client.request(method, path, headers=headers, content=b"{")
                assert response.status_code < 500
                assert key not in response.text + str(response.headers)
        assert key not in client.get("/metrics", headers={"X-API-Key": key}).text
    told = capsys.readouterr()
    assert key not in caplog.text + told.out + told.err
    assert SECRET not in caplog.text + told.out + told.err
