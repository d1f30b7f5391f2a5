"""Settings come from the environment, are checked at once, and keep the key to themselves."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from retrieval.settings import Settings


def test_the_environment_sets_and_arguments_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_MAX_SENTENCES", "3")
    assert Settings().max_sentences == 3
    assert Settings(max_sentences=5).max_sentences == 5


def test_every_bad_value_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_MAX_SENTENCES", "0")
    monkeypatch.setenv("SANAD_BM25_WEIGHT", "2")
    monkeypatch.setenv("SANAD_MODE", "magic")
    with pytest.raises(ValidationError) as error:
        Settings()
    assert {problem["loc"][0] for problem in error.value.errors()} == {"max_sentences", "bm25_weight", "mode"}


@pytest.mark.parametrize("unset", [None, ""])
def test_generative_mode_without_a_model_is_refused_with_whatever_else_is_wrong(
    unset: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANAD_MODE", "generative")
    monkeypatch.setenv("SANAD_PORT", "eighty")
    if unset is not None:
        monkeypatch.setenv("SANAD_LLM_BASE_URL", unset)
        monkeypatch.setenv("SANAD_LLM_MODEL", unset)
    with pytest.raises(ValidationError) as error:
        Settings()
    assert {problem["loc"][0] for problem in error.value.errors()} == {"port", "llm_base_url", "llm_model"}
    monkeypatch.delenv("SANAD_PORT")
    monkeypatch.setenv("SANAD_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(ValidationError) as error:
        Settings()
    assert [problem["loc"][0] for problem in error.value.errors()] == ["llm_model"]
    monkeypatch.setenv("SANAD_LLM_MODEL", "m")
    assert Settings().mode == "generative"


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(typo=1)  # type: ignore[call-arg]


def test_the_key_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_LLM_API_KEY", "sk-hidden")
    settings = Settings()
    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == "sk-hidden"
    assert "sk-hidden" not in f"{settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().max_sentences = 9  # type: ignore[misc]
