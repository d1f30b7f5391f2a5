"""Passages: whole sentences, exact spans, even sizes, paragraph boundaries first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import Document, MetadataMode, NodeRelationship
from pydantic import ValidationError

from ingest.passages import SHORT, STRETCH, SentencePassageParser, passage_spans
from retrieval.segmentation import sentence_spans

SENTENCE = "وصل الوفد إلى العاصمة صباح اليوم لبحث الملف."  # 44 characters


def passages(text: str, target: int) -> list[str]:
    return [text[start:end] for start, end in passage_spans(text, sentence_spans(text), target)]


def test_text_up_to_one_and_a_half_targets_stays_whole() -> None:
    text = " ".join([SENTENCE] * 30)
    assert len(text) <= STRETCH * 900
    assert passages(text, 900) == [text]


def test_long_text_is_shared_out_evenly() -> None:
    text = " ".join([SENTENCE] * 100)
    lengths = [len(passage) for passage in passages(text, 900)]
    assert len(lengths) == 5
    assert max(lengths) - min(lengths) <= 2 * len(SENTENCE)


def test_break_falls_between_paragraphs() -> None:
    paragraphs = [" ".join([SENTENCE] * n) for n in (9, 12)]
    assert passages("\n".join(paragraphs), 500) == paragraphs


def test_heading_stays_with_its_text() -> None:
    before, after = " ".join([SENTENCE] * 10), " ".join([SENTENCE] * 10)
    assert passages(f"{before}\nعنوان فرعي\n{after}", 450) == [before, f"عنوان فرعي\n{after}"]


def test_very_long_sentence_is_its_own_passage() -> None:
    long = "كلمة " * 300 + "أخيرة."
    text = f"{SENTENCE} {SENTENCE}\n{long}\n{SENTENCE} {SENTENCE}"
    assert passages(text, 200) == [f"{SENTENCE} {SENTENCE}", long, f"{SENTENCE} {SENTENCE}"]


def test_short_remainder_joins_the_passage_before() -> None:
    long = "كلمة " * 300 + "أخيرة."
    assert passages(f"{long} انتهى.", 200) == [f"{long} انتهى."]


@pytest.mark.parametrize("target", [0, -5])
def test_target_below_one_is_refused(target: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        passage_spans("نص.", [(0, 3)], target)
    with pytest.raises(ValidationError):
        SentencePassageParser(target=target)


def test_no_sentence_no_passage() -> None:
    assert passage_spans("  ", [], 900) == []
    assert SentencePassageParser().get_nodes_from_documents([Document(id_="a", text=" \n ")]) == []


@given(
    st.lists(st.tuples(st.integers(1, 300), st.sampled_from([" ", "\n", "\n\n"])), max_size=60),
    st.integers(1, 200),
)
def test_passages_are_runs_of_whole_sentences(parts: list[tuple[int, str]], target: int) -> None:
    text, sentences = "", []
    for length, gap in parts:
        sentences.append((len(text), len(text) + length))
        text += "س" * length + gap
    spans = passage_spans(text, sentences, target)
    held = [[s for s in sentences if start <= s[0] and s[1] <= end] for start, end in spans]
    assert [s for group in held for s in group] == sentences
    assert spans == [(group[0][0], group[-1][1]) for group in held]
    for group, (start, end) in zip(held, spans, strict=True):
        assert end - start <= (STRETCH + 2 * SHORT) * target or any(e - s > STRETCH * target for s, e in group)


def test_nodes_have_exact_spans_where_the_text_repeats() -> None:
    text = "نعم. " * 40 + "\n" + "نعم. " * 40
    document = Document(id_="muscat", text=text, metadata={"title": "عنوان"})
    nodes = SentencePassageParser(target=60).get_nodes_from_documents([document, Document(id_="b", text="لا.")])
    own = [node for node in nodes if node.metadata["article_id"] == "muscat"]
    assert len(own) > 2
    assert [node.start_char_idx for node in own] == sorted({node.start_char_idx for node in own})
    for index, node in enumerate(own):
        assert node.text == text[node.start_char_idx : node.end_char_idx]
        assert (node.id_, node.metadata["index"]) == (f"muscat:{index}", index)
        assert node.ref_doc_id == "muscat"
        assert node.metadata["title"] == "عنوان"
    assert own[1].relationships[NodeRelationship.PREVIOUS].node_id == "muscat:0"
    assert nodes[-1].id_ == "b:0"


def test_ids_and_indexes_are_not_embedded() -> None:
    [node] = SentencePassageParser().get_nodes_from_documents([Document(id_="a", text="نص قصير.")])
    assert node.get_content(MetadataMode.EMBED) == "نص قصير."


def test_runs_in_an_ingestion_pipeline() -> None:
    pipeline = IngestionPipeline(transformations=[SentencePassageParser(target=100)], disable_cache=False)
    document = Document(id_="a", text=" ".join([SENTENCE] * 10))
    first, second = pipeline.run(documents=[document]), pipeline.run(documents=[document])
    assert len(first) > 1
    assert [node.id_ for node in first] == [node.id_ for node in second]
