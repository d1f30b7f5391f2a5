"""Who says what about a topic: a chart of speakers by stance, in which each mark is a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ui.address import Address
from ui.client import Api, Mark, Voice, Voices
from ui.explore_html import empty_html, field_html, form_html, heading_html, page_html, quoted_link, stance_words
from ui.explore_texts import ExploreTexts, explore_texts
from ui.texts import Texts

MARKS = 120
# From agreeing to opposing, so that who stands apart is seen at a glance; a new stance comes last.
ORDER = ("asserts", "claims", "judges", "proposes", "demands", "warns", "threatens", "rejects", "denies")


async def draw(api: Api, address: Address, texts: Texts) -> str:
    """The chart of the address's topic. Raises ``ApiError``."""
    words = explore_texts(texts)
    topic = address.get("q")
    found = await api.voices(topic, limit=MARKS)
    field = field_html("q", words.topic, topic, placeholder=words.topic_example)
    form = form_html(field, words.show, words.clear, texts)
    if not found.voices:
        body = form + _nothing(topic, words)
    else:
        body = form + heading_html(about(topic, words)) + _chart(found, address, texts, words)
    return page_html(words.voices, words.voices_detail, body, texts)


def about(topic: str, words: ExploreTexts) -> str:
    """What is shown, as a heading."""
    return words.about.format(topic=f"<bdi>{escape(topic)}</bdi>") if topic else words.everything


def _nothing(topic: str, words: ExploreTexts) -> str:
    if topic:
        return empty_html(words.no_voices, words.no_voices_detail)
    more = f'<a class="sanad-firm" href="./upload">{words.add_articles}</a>'
    return empty_html(words.empty, words.empty_detail, more)


def _chart(found: Voices, address: Address, texts: Texts, words: ExploreTexts) -> str:
    stances = _stances(found.voices)
    heads = "".join(f'<th scope="col">{escape(stance_words(stance, texts))}</th>' for stance in stances)
    rows = "".join(_row(voice, stances, address, texts) for voice in found.voices)
    marks = sum(len(voice.marks) for voice in found.voices)
    legend = words.legend.format(marks=marks, voices=len(found.voices))
    more = f'<p class="sanad-note">{words.truncated}</p>' if found.truncated else ""
    return (
        f'<div class="sanad-chart-frame" role="region" tabindex="0" aria-label="{words.voices}">'
        f'<table class="sanad-chart"><caption>{legend}</caption>'
        f'<thead><tr><th scope="col">{words.speaker}</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{more}'
    )


def _stances(voices: Sequence[Voice]) -> list[str]:
    there = dict.fromkeys(mark.stance for voice in voices for mark in voice.marks)
    return sorted(there, key=lambda stance: ORDER.index(stance) if stance in ORDER else len(ORDER))


def _row(voice: Voice, stances: Sequence[str], address: Address, texts: Texts) -> str:
    cells = "".join(
        _cell(stance, [mark for mark in voice.marks if mark.stance == stance], voice, address, texts)
        for stance in stances
    )
    via = texts.via.format(name=f"<bdi>{escape(voice.outlet)}</bdi>") if voice.speaker and voice.outlet else ""
    details = [f"<bdi>{escape(voice.role)}</bdi>" if voice.role else "", via]
    small = "".join(f"<small>{detail}</small>" for detail in details if detail)
    return f'<tr><th scope="row"><bdi>{escape(_name(voice, texts))}</bdi>{small}</th>{cells}</tr>'


def _name(voice: Voice, texts: Texts) -> str:
    return voice.speaker or voice.outlet or texts.unknown


def _cell(stance: str, marks: Sequence[Mark], voice: Voice, address: Address, texts: Texts) -> str:
    words = escape(stance_words(stance, texts))
    dots = "".join(_dot(mark, voice, address, texts) for mark in marks)
    empty = "" if marks else 'class="sanad-none"'
    return f'<td {empty} data-label="{words}"><span class="sanad-dots">{dots}</span></td>'


def _dot(mark: Mark, voice: Voice, address: Address, texts: Texts) -> str:
    if mark.stance == "denies" and mark.denies:
        stance = texts.denies.format(name=mark.denies)
    else:
        stance = stance_words(mark.stance, texts)
    label = explore_texts(texts).mark.format(speaker=_name(voice, texts), stance=stance, quote=mark.citation.quote)
    kind = f"sanad-dot sanad-cite sanad-stance-{escape(mark.stance)}"
    return quoted_link(mark.citation, address, texts, label=label, inner="", kind=kind)
