"""Who says a sentence of Arabic news, and how: a rule grammar over words, without a model."""

from ingest.attribution.discourse import attribute

__all__ = ["attribute"]
