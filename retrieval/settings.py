"""All settings, as one typed object read from environment variables with the prefix ``SANAD_``."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from limits import parse
from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from retrieval.models import Mode

Precision = Literal["int8", "float32"]
LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
DEFAULT_EMBEDDING_MODEL = "intfloat/multilingual-e5-small"

Scope = Literal["read", "ask", "ingest", "admin"]
"""What a caller may do: read articles and search; ask and converse; change articles; all of it and everybody's."""


def _listed(value: object) -> object:
    """A list as a person writes it in an environment variable: words parted by commas."""
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Scopes = Annotated[tuple[Scope, ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """Settings with their defaults; ``Settings(index=…)`` overrides the environment.

    Raises:
        pydantic.ValidationError: listing every value that does not fit, at once.
    """

    model_config = SettingsConfigDict(env_prefix="SANAD_", frozen=True, extra="forbid")

    index: Path = Field(Path(".sanad"), description="Folder of the catalog and both indexes.")
    database_url: SecretStr | None = Field(
        None, description="Keep the catalog in this PostgreSQL database (postgresql://…) and not in the folder."
    )
    retention_days: int | None = Field(
        None, ge=1, description="Delete conversations that were last asked something so many days ago; default: never."
    )
    cache: Path | None = Field(None, description="Folder for restored model weights; default: the user's cache.")
    embedding_model: str = Field(DEFAULT_EMBEDDING_MODEL, description="A sentence-transformers name or a local folder.")
    embedding_batch: int = Field(8, ge=1, le=1024, description="Texts encoded at a time.")
    embedding_precision: Precision = Field("int8", description="What the default model computes in.")
    threads: int | None = Field(None, ge=1, description="CPU threads for encoding; default: all cores.")
    chroma_url: str | None = Field(None, description="Use this Chroma server instead of a folder.")
    ray_address: str | None = Field(None, description="Ray cluster for `sanad ingest --ray`; default: one made here.")
    passage_characters: int = Field(900, ge=200, le=4000, description="Target length of a passage.")
    bm25_weight: float = Field(0.3, ge=0, le=1, description="Weight of BM25 in the fused score.")
    candidates: int = Field(50, ge=5, le=500, description="Passages each index proposes for fusion.")
    evidence_passages: int = Field(4, ge=1, le=50, description="Passages whose sentences are weighed.")
    max_sentences: int = Field(6, ge=1, le=20, description="Most sentences in an extractive answer.")
    abstain_below: float = Field(0.3, ge=0, le=1, description="Abstain when the confidence is lower.")
    question_characters: int = Field(2000, ge=10, description="Longest question accepted.")
    mode: Mode = Field("extractive", description="How to answer when a request does not say.")
    llm_base_url: str | None = Field(
        None,
        validate_default=True,
        description="An OpenAI-compatible endpoint, e.g. http://127.0.0.1:11434/v1; generative mode needs it.",
    )
    llm_model: str | None = Field(
        None, validate_default=True, description="The model's name at that endpoint; generative mode needs it."
    )
    llm_api_key: SecretStr | None = Field(None, description="Its key, when it wants one.")
    llm_timeout: float = Field(30.0, gt=0, description="Seconds before the extractive answer is given instead.")
    llm_rewrite_timeout: float = Field(8.0, gt=0, description="Seconds before a follow-up is rewritten by rules.")
    llm_connect_timeout: float = Field(3.0, gt=0, description="Of these, seconds to reach the endpoint.")
    llm_first_token_timeout: float = Field(20.0, gt=0, description="Of these, seconds until it begins to answer.")
    llm_retries: int = Field(2, ge=0, le=10, description="Further attempts when it is not reached or overloaded.")
    llm_concurrency: int = Field(4, ge=1, le=1024, description="Requests to it at a time; others wait.")
    llm_context: int = Field(4096, ge=1024, description="Tokens that the model reads and writes; evidence is cut.")
    queue: int = Field(64, ge=0, description="Questions that may wait for a core; one more gets 503 and Retry-After.")
    evaluation: Path | None = Field(
        None, description="Report of `sanad eval --json` to show; default: reports/evaluation.json in the index."
    )
    shutdown_timeout: float = Field(30.0, ge=0, description="Seconds that answers under way get when the server stops.")
    log_format: LogFormat = Field("text", description="Log lines for people, or JSON for machines.")
    log_level: LogLevel = Field("warning", description="From which level on is logged; questions never are at info.")
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the server listens on.")
    anonymous_scopes: Scopes | None = Field(
        None,
        description="What callers without a key may do, of read, ask, ingest; empty: nothing. "
        "Default: read,ask, and on this machine itself also ingest.",
    )
    trusted_proxies: Words = Field((), description="Addresses or networks whose X-Forwarded-For is believed.")
    cors_origins: Words = Field((), description="Web origins whose pages may call the API, or *.")
    rate_per_address: str = Field(
        "300/minute", description="Requests without a key from one address; off for no limit. Not for this machine."
    )
    rate_per_key: str = Field("1200/minute", description="Requests with one API key; off for no limit.")
    upload_megabytes: int = Field(64, ge=1, le=1024, description="Largest upload of articles, all its files together.")
    ingest_queue: int = Field(16, ge=1, le=1000, description="Uploads that may wait for their turn; then 503.")

    @field_validator("chroma_url", "llm_base_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://unset")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PydanticCustomError("web_address", "should be an http:// or https:// address")
        return value

    # Of each field by itself, and not of the whole: that would be looked at only when nothing else is wrong.
    @field_validator("llm_base_url", "llm_model")
    @classmethod
    def _is_there_when_generating(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and info.data.get("mode") == "generative":
            raise PydanticCustomError("needed_to_generate", "is needed when SANAD_MODE is generative")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not re.match(r"postgresql(\+psycopg)?://", url.get_secret_value()):
            raise PydanticCustomError("postgresql_address", "should be a postgresql:// address")
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network, strict=False)
        return value

    @field_validator("rate_per_address", "rate_per_key")
    @classmethod
    def _is_rate(cls, value: str) -> str:
        if value != "off":
            parse(value)  # ValueError says what is wrong with it
        return value

    @field_validator("anonymous_scopes")
    @classmethod
    def _no_anonymous_admin(cls, value: Scopes | None, info: ValidationInfo) -> Scopes | None:
        if "admin" in (value or ()) and not is_loopback(info.data.get("host", "")):
            raise ValueError("everybody would be admin on an address that others can reach")
        return value

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the address listened on."""
        return is_loopback(self.host)


def without_password(url: str) -> str:
    """An address as it can be shown: what may be a user's name and password before ``@`` is left out."""
    before, at, after = url.rpartition("@")
    if not at:
        return url
    scheme, slashes, _ = before.partition("://")
    return f"{scheme}{slashes}**********@{after}" if slashes else f"**********@{after}"


def is_loopback(host: str) -> bool:
    """Whether a host, as an address or a name, is this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
