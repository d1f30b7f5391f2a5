"""Passages: runs of whole sentences of one article, each with its exact character span."""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.node_parser import NodeParser
from llama_index.core.node_parser.interface import IdFuncCallable
from llama_index.core.node_parser.node_utils import build_nodes_from_splits
from llama_index.core.schema import BaseNode, Document, TextNode
from pydantic import Field

from retrieval.segmentation import sentence_spans

STRETCH = 1.5  # a text up to this many targets stays whole: one somewhat long passage beats two halves of a thought
SHORT = 0.25  # a remainder shorter than this share of the target is too little to find anything by
INSIDE_PARAGRAPH = 0.15  # what a break inside a paragraph costs, in targets of distance from the even split
AFTER_HEADING = 0.5  # what a break between a heading and its text costs
LONGEST_HEADING = 80  # characters

Span = tuple[int, int]


def passage_id(index: int, document: BaseNode) -> str:
    """The id of an article's passage, ``<article id>:<index>``: the same whenever the text is parsed."""
    return f"{document.id_}:{index}"


class SentencePassageParser(NodeParser):
    """Turn each ``Document`` (``id_`` the article's id, ``text`` its text) into passages.

    A LlamaIndex transformation. Every ``TextNode`` has ``start_char_idx`` and ``end_char_idx`` with ``text ==
    document.text[start:end]``, and the metadata ``article_id`` and ``index`` (from 0), which are kept out of
    what is embedded. A text without a sentence gives no node.

    Example:
        >>> parser = SentencePassageParser(target=900)
        >>> documents = [Document(id_="muscat", text="بدأت المحادثات.")]
        >>> [node.id_ for node in parser.get_nodes_from_documents(documents)]
        ['muscat:0']
    """

    target: int = Field(900, ge=1, description="Length aimed at, in characters (SANAD_PASSAGE_CHARACTERS).")
    id_func: IdFuncCallable = Field(default=passage_id, description="Passage id from its index and document.")

    @classmethod
    def class_name(cls) -> str:
        return "SentencePassageParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: object) -> list[BaseNode]:
        return [passage for document in nodes for passage in self._passages(document)]

    def _passages(self, document: BaseNode) -> list[TextNode]:
        text = document.text if isinstance(document, TextNode | Document) else document.get_content()
        spans = passage_spans(text, sentence_spans(text), self.target)
        passages = build_nodes_from_splits([text[start:end] for start, end in spans], document, id_func=self.id_func)
        for index, (passage, span) in enumerate(zip(passages, spans, strict=True)):
            passage.start_char_idx, passage.end_char_idx = span
            passage.metadata = {**document.metadata, "article_id": document.id_, "index": index}
            own = ("article_id", "index")
            passage.excluded_embed_metadata_keys = [*document.excluded_embed_metadata_keys, *own]
            passage.excluded_llm_metadata_keys = [*document.excluded_llm_metadata_keys, *own]
        return passages

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Document]) -> list[BaseNode]:
        # The base class looks each passage's text up in the document, which is wrong where a text repeats
        # itself.
        exact = [(node.start_char_idx, node.end_char_idx) for node in nodes if isinstance(node, TextNode)]
        nodes = super()._postprocess_parsed_nodes(nodes, parent_doc_map)
        for node, span in zip(nodes, exact, strict=True):
            node.start_char_idx, node.end_char_idx = span
        return nodes


def passage_spans(text: str, sentence_spans: Sequence[Span], target: int) -> list[Span]:
    """Group sentences into passages of even length near ``target``, breaking between paragraphs first.

    A run of sentences up to ``STRETCH * target`` long is one passage; a longer one is shared out evenly. A
    sentence longer than that is never cut: it is a passage by itself, but for a remainder too short to stand
    alone beside it.

    Args:
        text: the article's text.
        sentence_spans: its sentences, in order, not overlapping.
        target: length aimed at, in characters; at least 1.

    Returns:
        Half-open spans in order, each from the start of its first sentence to the end of its last. Every
        sentence is in exactly one.

    Raises:
        ValueError: if ``target`` is less than 1.
    """
    if target < 1:
        raise ValueError(f"target must be at least 1, not {target}")
    groups: list[list[Span]] = []
    for run in _runs(sentence_spans, STRETCH * target):
        groups.extend(_share_out(text, run, target))
    spans: list[Span] = []
    for group in groups:
        span = (group[0][0], group[-1][1])
        if spans and span[1] - span[0] < SHORT * target:
            spans[-1] = (spans[-1][0], span[1])
        else:
            spans.append(span)
    return spans


def _runs(sentences: Sequence[Span], longest: float) -> list[list[Span]]:
    """Sentences parted where one is longer than ``longest``, which is a run of its own."""
    runs: list[list[Span]] = []
    joins = False
    for start, end in sentences:
        long = end - start > longest
        if joins and not long:
            runs[-1].append((start, end))
        else:
            runs.append([(start, end)])
        joins = not long
    return runs


def _share_out(text: str, run: list[Span], target: int) -> list[list[Span]]:
    """Cut a run of sentences into groups of about equal length, one after another."""
    groups: list[list[Span]] = []
    first, final = 0, run[-1][1]
    while first < len(run):
        begin = run[first][0]
        left = final - begin
        if left <= STRETCH * target:
            groups.append(run[first:])
            break
        ideal = begin + left / max(2, round(left / target))
        last = first
        best = float("inf")
        for i in range(first, len(run) - 1):
            if i > first and run[i][1] - begin > STRETCH * target:
                break
            cost = abs(run[i][1] - ideal) / target + _break_cost(text, run, i)
            if cost < best:
                best, last = cost, i
        groups.append(run[first : last + 1])
        first = last + 1
    return groups


def _break_cost(text: str, run: list[Span], i: int) -> float:
    """What it costs to end a passage after sentence ``i``, beside its distance from the even split."""
    start, end = run[i]
    if "\n" not in text[end : run[i + 1][0]]:
        return INSIDE_PARAGRAPH
    begins_line = i == 0 or "\n" in text[run[i - 1][1] : start]
    heading = begins_line and end - start <= LONGEST_HEADING and text[end - 1].isalnum()
    return AFTER_HEADING if heading else 0.0
