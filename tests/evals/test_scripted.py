"""The scripted language model, asked as the product asks a real one."""

from __future__ import annotations

import httpx
import pytest

from evals import scripted

PROMPT = """Evidence:
[1] (سالم الحارثي, صحيفة الوادي) إن الجسر يمتد 12 كيلومترا.
[2] (هدى العامري) وقالت العامري إن العمل بدأ.
[3] افتتح السوق.

Question: كم طول الجسر؟"""


@pytest.mark.parametrize("stream", [False, True])
def test_replies_are_made_of_the_last_message_and_served_in_both_forms(stream):
    body = {"model": "m", "stream": stream, "messages": [{"content": "no"}, {"content": "سؤال"}]}
    with scripted.endpoint(lambda prompt: f"رد على {prompt}") as url:
        response = httpx.post(f"{url}/chat/completions", json=body)
    if stream:
        assert response.text.endswith("data: [DONE]\n\n")
        assert response.headers["content-type"] == "text/event-stream"
        assert '"delta": {"role": "assistant"' in response.text
    else:
        assert response.json()["choices"][0]["message"]["content"] == "رد على سؤال"
    with pytest.raises(httpx.ConnectError):
        httpx.post(f"{url}/chat/completions", json=body)


def test_a_faithful_model_repeats_the_evidence_and_names_who_is_not_named():
    assert scripted.faithful(PROMPT).splitlines() == [
        "سالم الحارثي: إن الجسر يمتد 12 كيلومترا. [1]",
        "وقالت العامري إن العمل بدأ. [2]",
        "افتتح السوق. [3]",
    ]


def test_a_hostile_model_adds_other_figures_other_speakers_and_the_contrary():
    lines = scripted.hostile(PROMPT).splitlines()
    assert set(scripted.faithful(PROMPT).splitlines()) < set(lines)
    assert "سالم الحارثي: إن الجسر يمتد 15 كيلومترا. [1]" in lines
    assert any(line.startswith("هدى العامري: إن الجسر يمتد 12") for line in lines)
    assert "ليس صحيحا أن افتتح السوق. [3]" in lines
