"""What is worked out of an article before anything is written: passages, sentences, who says them, and embeddings.

It needs no catalog and no index, so that it can be done elsewhere: see :mod:`ingest.cluster`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import BaseNode, Document, MetadataMode, TransformComponent
from pydantic import ConfigDict

from ingest.attribution import attribute
from ingest.passages import SentencePassageParser
from retrieval.catalog import PreparedArticle
from retrieval.embedding import Embedder
from retrieval.models import Article, Attribution, Sentence
from retrieval.segmentation import sentence_spans

VERSION = 1  # raise it when segmentation, attribution or what is embedded changes: unchanged files are then redone

Origin = str | None
"""The file that an article came from, where known."""


class Preparing(Protocol):
    """Whatever prepares articles in place of this process, as :class:`ingest.cluster.Cluster` does."""

    def prepared(self, chunks: Sequence[Sequence[tuple[Article, Origin]]]) -> Iterator[list[PreparedArticle]]:
        """Each chunk of articles prepared, in order."""


class EmbedPassages(TransformComponent):
    """LlamaIndex transformation: gives each passage node its float32 embedding, headed by its article's title."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    embedder: Embedder

    def __call__(self, nodes: Sequence[BaseNode], **_: Any) -> Sequence[BaseNode]:
        """Embed ``nodes`` in place."""
        texts = [
            headed(node.metadata.get("title"), node.get_content(metadata_mode=MetadataMode.NONE)) for node in nodes
        ]
        for node, vector in zip(nodes, self.embedder.passages(texts), strict=True):
            node.embedding = vector.tolist()
        return nodes


def headed(title: str | None, text: str) -> str:
    """A passage with its article's title, which often names what the passage only points at."""
    return f"{title}\n{text}" if title else text


def voiced(text: str, attribution: Attribution | None) -> str:
    """A sentence with its speaker when only an earlier sentence names him: «وأضاف …» says nothing of who."""
    if attribution is None or not attribution.speaker or attribution.speaker in text:
        return text
    return f"{attribution.speaker}: {text}"


def content_hash(article: Article) -> str:
    """Digest of all that is stored of an article, and of the version of this pipeline."""
    return hashlib.sha256(f"{VERSION}\n{article.model_dump_json()}".encode()).hexdigest()


def attributed_sentences(article: Article) -> list[Sentence]:
    """The sentences of an article with who says each."""
    spans = sentence_spans(article.text)
    return [
        Sentence(index=index, start=start, end=end, text=article.text[start:end], attribution=attribution)
        for index, ((start, end), attribution) in enumerate(
            zip(spans, attribute(article.text, spans, source=article.source), strict=True)
        )
    ]


def prepare(
    articles: Sequence[tuple[Article, Origin]], embedder: Embedder, passage_characters: int
) -> list[PreparedArticle]:
    """Articles ready to be stored, in their order. Texts of all of them are encoded together.

    Raises:
        ModelUnavailable: the embedding model cannot be loaded.
    """
    documents = [
        Document(id_=article.id, text=article.text, metadata={"title": article.title}) for article, _ in articles
    ]
    pipeline = IngestionPipeline(
        transformations=[SentencePassageParser(target=passage_characters), EmbedPassages(embedder=embedder)],
        disable_cache=True,
    )
    passages: dict[str, list[BaseNode]] = {article.id: [] for article, _ in articles}
    for node in pipeline.run(documents=documents):
        passages[node.metadata["article_id"]].append(node)
    sentences = [attributed_sentences(article) for article, _ in articles]
    alone, led = sentence_vectors(sentences, embedder)
    return [
        PreparedArticle(
            article=article,
            content_hash=content_hash(article),
            origin=origin,
            sentences=tuple(group),
            passage_spans=tuple((n.start_char_idx, n.end_char_idx) for n in passages[article.id]),
            passage_vectors=np.array([n.embedding for n in passages[article.id]], dtype=np.float16),
            sentence_vectors=alone[index],
            led_vectors=led[index],
        )
        for index, ((article, origin), group) in enumerate(zip(articles, sentences, strict=True))
    ]


def sentence_vectors(
    groups: Sequence[Sequence[Sentence]], embedder: Embedder
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Of the sentences of each article: (sentences, dimension) float16, alone and each with the one before it."""
    texts = [[voiced(sentence.text, sentence.attribution) for sentence in group] for group in groups]
    pairs = [[" ".join(group[max(0, i - 1) : i + 1]) for i in range(len(group))] for group in texts]
    return _encoded(texts, embedder), _encoded(pairs, embedder)


def passage_vectors(articles: Sequence[tuple[str | None, Sequence[str]]], embedder: Embedder) -> list[np.ndarray]:
    """Of the passages of each article, which is given by its title and their texts: (passages, dimension) float16."""
    return _encoded([[headed(title, text) for text in texts] for title, texts in articles], embedder)


def _encoded(groups: Sequence[Sequence[str]], embedder: Embedder) -> list[np.ndarray]:
    """One (texts, dimension) float16 array a group, encoded together."""
    vectors = embedder.passages([text for group in groups for text in group]).astype(np.float16)
    return np.split(vectors, np.cumsum([len(group) for group in groups])[:-1])
