"""Who says what: attributed sentences grouped by speaker, across articles.

An article calls a person by the full name once and by the surname after that; attribution gives the full name where
the article has it. Another article may only ever give the surname. So names are merged by containment, when there is
no doubt which longer name a shorter one belongs to; «a source» or «officials» are nobody in particular, and never the
same in two articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from retrieval.analysis import normalise, tokens
from retrieval.models import Attribution, Mark, Voice
from retrieval.statements import Statement

Name = tuple[str, ...]
Key = tuple[Name, str]
"""Whom a sentence is heard from: the words of the name, and for someone unnamed where they speak (else empty)."""

# Whoever is called by such a word, without a name, is a different person in every article.
_UNNAMED = frozenset(
    normalise(word)
    for word in """
    مصدر مصدرا مصدران مصادر مسؤول مسؤولا مسؤولان مسؤولون مسؤولين مسئول مسئولون مسئولين دبلوماسي دبلوماسيان
    دبلوماسيون دبلوماسيين مواطن مواطنة مواطنون مواطنين شاهد شاهدة شهود شخص أشخاص خبير خبيرة خبراء محلل محللة محللون
    محللين مراقب مراقبون مراقبين ناشط ناشطة ناشطون ناشطين متحدث متحدثة ناطق ناطقة طبيب أطباء سكان أهالي
    """.split()
)


def heard(attribution: Attribution | None) -> str | None:
    """The name of who is heard: the speaker, or the medium when only that is named."""
    return (attribution.speaker or attribution.outlet) if attribution else None


def voices(statements: Iterable[Statement]) -> tuple[Voice, ...]:
    """The voices of attributed statements, each with its marks in the order given; other statements are left out.

    Citations are numbered in that order over all voices. With a topic the voice of the best sentence comes first,
    else the one with the most sentences.
    """
    spoken = [statement for statement in statements if heard(statement.stored.sentence.attribution)]
    keys = _merged([(_key(statement), statement.article_id) for statement in spoken])
    groups: dict[Key, list[Statement]] = {}
    for statement in spoken:
        groups.setdefault(keys[_key(statement)], []).append(statement)
    ordered = list(groups.values())
    if spoken and spoken[0].score is None:
        ordered.sort(key=lambda group: -len(group))
    numbers = {id(s): number for number, s in enumerate((s for group in ordered for s in group), start=1)}
    return tuple(_voice(group, numbers) for group in ordered)


def _key(statement: Statement) -> Key:
    attribution = statement.stored.sentence.attribution
    assert attribution is not None
    name = tuple(token.removeprefix("ال") for token in tokens(heard(attribution) or ""))
    if not name or tokens(heard(attribution) or "")[0] not in _UNNAMED:
        return name, ""
    return name, f"{statement.article_id}\0{normalise(attribution.outlet or '')}"


def _merged(found: Sequence[tuple[Key, str]]) -> Mapping[Key, Key]:
    """For each key the one it stands under: of a shorter name the longer one, when only one can be meant.

    A surname is looked for in the other articles too. The beginning of a name, as «وزارة الخارجية», is only looked for
    in its own article: elsewhere it may be another country's.
    """
    articles: dict[Key, set[str]] = {}
    for key, article_id in found:
        articles.setdefault(key, set()).add(article_id)
    return {key: _fullest(key, articles) for key in articles}


def _fullest(key: Key, articles: Mapping[Key, set[str]]) -> Key:
    name, unnamed = key
    if unnamed or not name:
        return key
    longer = [
        other
        for other in articles
        if not other[1]
        and len(other[0]) > len(name)
        and (
            other[0][-len(name) :] == name or (other[0][: len(name)] == name and bool(articles[other] & articles[key]))
        )
    ]
    own = [other for other in longer if articles[other] & articles[key]]
    longer = own or longer
    if not longer:
        return key
    longest = max(longer, key=lambda other: len(other[0]))
    # Two people of one surname: then it stays unknown which of them is meant.
    if any(other[0] not in (longest[0][-len(other[0]) :], longest[0][: len(other[0])]) for other in longer):
        return key
    return longest


def _voice(group: Sequence[Statement], numbers: Mapping[int, int]) -> Voice:
    said = [(s, s.stored.sentence.attribution) for s in group if s.stored.sentence.attribution]
    names = dict.fromkeys(name for _, attribution in said if (name := heard(attribution)))
    fullest = max(names, key=lambda name: len(tokens(name)))
    spoken = any(attribution.speaker for _, attribution in said)
    outlets = dict.fromkeys(attribution.outlet for _, attribution in said if attribution.outlet)
    return Voice(
        speaker=fullest if spoken else None,
        role=max((a.role for _, a in said if a.role), key=len, default=None),
        outlet=(next(iter(outlets)) if spoken else fullest) if outlets else None,
        names=tuple(names),
        marks=tuple(
            Mark(
                stance=attribution.stance,
                verb=attribution.verb,
                direct_quote=attribution.direct_quote,
                outlet=attribution.outlet,
                denies=attribution.denies,
                score=statement.score,
                citation=statement.citation(numbers[id(statement)]),
            )
            for statement, attribution in said
        ),
    )
