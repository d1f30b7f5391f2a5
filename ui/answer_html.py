"""Turns as HTML. All that comes from the API or the reader is escaped here; none is trusted as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from ui.answer_text import answer_text
from ui.client import AnswerSentence, Attribution, Citation, Modes, Perspective
from ui.icons import icon
from ui.texts import Texts
from ui.turns import Turn

DOT = ' <span aria-hidden="true">·</span> '

_ARABIC_LETTER = re.compile("[\u0620-\u064a\u066e-\u06d3]")
# Names such as «Harbour Wire» or «F-16», with what joins their words but not what stands around them.
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f](?:[\w .,&'’/+:@-]*[A-Za-z0-9\u00c0-\u024f+])?", re.ASCII)


def words_html(text: str) -> str:
    """Escaped words, every character kept, in which a Latin name inside Arabic cannot reorder what is around it.

    As the names are isolated (``<bdi>``), ``dir="auto"`` also finds the direction of an Arabic sentence that opens
    with one: it passes over isolates.
    """
    if not _ARABIC_LETTER.search(text):
        return escape(text)
    parts = []
    at = 0
    for name in _LATIN.finditer(text):
        parts += [escape(text[at : name.start()]), f"<bdi>{escape(name.group())}</bdi>"]
        at = name.end()
    return "".join([*parts, escape(text[at:])])


def turns_html(turns: Sequence[Turn], texts: Texts, *, first: int = 0) -> str:
    """The turns in order; ``first`` is the index of the first of them in the conversation."""
    return "".join(turn_html(turn, index, texts) for index, turn in enumerate(turns, start=first))


def turn_html(turn: Turn, index: int, texts: Texts) -> str:
    """One question with its answer so far."""
    return texts.shown(
        f'<article class="sanad-turn" dir="{texts.direction}" data-turn="{index}" '
        f'aria-busy="{str(turn.pending).lower()}">'
        f"{_question(turn, index, texts)}{_rewrite(turn, texts)}"
        f'<div class="sanad-answer" data-status="{_status(turn)}">{_answer(turn, index, texts)}</div>'
        "</article>"
    )


def _question(turn: Turn, index: int, texts: Texts) -> str:
    """The question, and a form in its place while it is edited."""
    edit = "" if turn.pending else _tool("sanad-edit", "edit", texts.edit)
    return (
        f'<div class="sanad-asked"><h2 class="sanad-question" dir="auto">{words_html(turn.question)}</h2>{edit}</div>'
        f'<form class="sanad-edit-form" data-turn="{index}" hidden>'
        f'<textarea dir="auto" rows="3" aria-label="{texts.edit}">{escape(turn.question)}</textarea>'
        f'<p><button class="sanad-firm">{texts.save}</button>'
        f'<button type="button" class="sanad-cancel">{texts.cancel}</button></p></form>'
    )


def welcome_html(examples: Sequence[str], texts: Texts, *, problem: str | None = None) -> str:
    """What an empty conversation shows: what the page does, and questions to start from."""
    alert = _alert(escape(problem)) if problem else ""
    buttons = "".join(
        f'<li><button type="button" class="sanad-ask" data-question="{escape(question)}" dir="auto">'
        f"{words_html(question)}</button></li>"
        for question in examples
    )
    listed = f'<h2 class="sanad-small-heading">{texts.examples}</h2><ul>{buttons}</ul>' if buttons else ""
    return texts.shown(
        f'<section class="sanad-welcome" dir="{texts.direction}"><h1>{texts.welcome}</h1>'
        f"<p>{texts.welcome_detail}</p>"
        f"{alert}{listed}</section>"
    )


def modes_html(modes: Modes, texts: Texts) -> str:
    """The choice between ways to be answered; empty when there is none to make."""
    if not modes.offered:
        return ""
    options = "".join(
        f'<label><input type="radio" name="sanad-mode" value="{mode}" {"checked" if mode == modes.usual else ""}>'
        f"<span>{texts.modes[mode]}</span></label>"
        for mode in modes.offered
    )
    legend = f'<legend class="sanad-unseen">{texts.modes_label}</legend>'
    return f'<fieldset dir="{texts.direction}">{legend}{options}</fieldset>'


def attribution_html(attribution: Attribution | None, texts: Texts, *, known: Perspective | None = None) -> str:
    """Who says a sentence, as a chip. Under a card that already names that speaker, only how it is said."""
    if attribution is None or not (attribution.speaker or attribution.outlet):
        return f'<span class="sanad-chip sanad-chip-plain" dir="{texts.direction}">{texts.article_itself}</span>'
    named = known is not None and (known.speaker, known.outlet) == (attribution.speaker, attribution.outlet)
    parts = [] if named else _who(attribution.speaker, attribution.role, attribution.outlet, texts)
    linked = named and known is not None and known.denies is not None  # its card says what is denied
    stance = _stance(attribution.stance, None if linked else attribution.denies, texts)
    if stance:
        parts.append(stance)
    parts.append(f'<span class="sanad-how">{texts.quoted if attribution.direct_quote else texts.reported}</span>')
    stance_name = escape(attribution.stance)
    return f'<span class="sanad-chip" dir="{texts.direction}" data-stance="{stance_name}">{DOT.join(parts)}</span>'


def _status(turn: Turn) -> str:
    if turn.error:
        return "error"
    return turn.answer.status if turn.answer else "stopped" if turn.stopped else "pending"


def _rewrite(turn: Turn, texts: Texts) -> str:
    rewritten = turn.standalone_question
    if not rewritten or rewritten.split() == turn.question.split():
        return ""
    return (
        f'<details class="sanad-rewrite"><summary>{texts.understood_as}</summary>'
        f'<p dir="auto">{words_html(rewritten)}</p></details>'
    )


def _answer(turn: Turn, index: int, texts: Texts) -> str:
    parts = [_note(texts.expired)] if turn.expired else []
    if turn.answer and turn.replied:
        parts.append(f'<p class="sanad-reply" dir="auto">{words_html(turn.answer.text)}</p>')
    elif turn.answer and turn.answer.status == "abstained":
        parts.append(_abstention(turn, index, texts))
    else:
        parts += [_verdict(turn, texts), _body(turn, index, texts), _sources(turn, index, texts)]
    if turn.pending:
        parts.append(
            f'<p class="sanad-pending"><span aria-hidden="true"></span>{texts.searching}</p>'
            f'<p class="sanad-note sanad-slow">{texts.slow}</p>'
        )
    if turn.stopped:
        parts.append(_note(texts.stopped))
    if turn.error:
        parts.append(_failure(turn, index, texts))
    if turn.answer or turn.stopped:
        parts.append(_tools(turn, index, texts))
    return "".join(parts)


def _failure(turn: Turn, index: int, texts: Texts) -> str:
    """Why there is no answer, what became of the question, and a button to try again once that is allowed."""
    assert turn.error is not None
    message = texts.problem(turn.error.code, turn.error.messages)
    wait = turn.error.retry_after
    later = texts.wait.format(seconds=f'<span class="sanad-countdown">{wait}</span>') if wait else ""
    kept = texts.kept if turn.kept else ""
    button = (
        f'<button type="button" class="sanad-ask" data-turn="{index}" data-question="{escape(turn.question)}" '
        f"{f'data-wait={wait} disabled' if wait else ''}>{texts.retry}</button>"
    )
    return f'<div class="sanad-alert" role="alert"><p>{escape(message)} {later} {kept}</p>{button}</div>'


def _tools(turn: Turn, index: int, texts: Texts) -> str:
    """What can be done with an answer: copy it, ask again, say what one thinks of it."""
    again = (
        f'<button type="button" class="sanad-tool sanad-ask" data-turn="{index}" '
        f'data-question="{escape(turn.question)}" aria-label="{texts.ask_again}" title="{texts.ask_again}">'
        f"{icon('again')}</button>"
    )
    if turn.answer is None:
        return f'<div class="sanad-tools">{again}</div>'
    copied = escape(answer_text(turn, texts))
    copy = _tool("sanad-copy", "copy", texts.copy, f'data-copy="{copied}" data-done="{texts.copied}"')
    given = turn.feedback.verdict if turn.feedback else ""
    votes = "".join(
        _tool("sanad-vote", verdict, label, f'data-verdict="{verdict}" aria-pressed="{str(given == verdict).lower()}"')
        for verdict, label in (("up", texts.good), ("down", texts.bad))
    )
    return f'<div class="sanad-tools">{copy}{again}{votes}</div>{_feedback(turn, index, texts)}'


def _feedback(turn: Turn, index: int, texts: Texts) -> str:
    """Asks what is wrong with an answer thought bad; otherwise says that the reader was heard, or was not."""
    if turn.feedback_error:
        why = texts.problem(turn.feedback_error.code, turn.feedback_error.messages)
        return _alert(f"{texts.feedback_lost} {escape(why)}")
    if turn.feedback is None:
        return ""
    if turn.feedback.verdict == "up" or turn.feedback.reason or turn.feedback.text:
        return f'<p class="sanad-note sanad-thanks">{texts.thanks}</p>'
    reasons = "".join(
        f'<label><input type="radio" name="reason-{index}" value="{reason}">{label}</label>'
        for reason, label in texts.reasons.items()
    )
    return (
        f'<form class="sanad-why" data-turn="{index}"><fieldset><legend>{texts.why_bad}</legend>{reasons}</fieldset>'
        f'<input type="text" class="sanad-field" maxlength="2000" dir="auto" aria-label="{texts.own_words}" '
        f'placeholder="{texts.own_words}"><button class="sanad-firm">{texts.send_feedback}</button></form>'
    )


def _tool(kind: str, drawing: str, label: str, attributes: str = "") -> str:
    return (
        f'<button type="button" class="sanad-tool {kind}" aria-label="{label}" title="{label}" {attributes}>'
        f"{icon(drawing)}</button>"
    )


def _verdict(turn: Turn, texts: Texts) -> str:
    """How sure the answer is, in words, and what the reader should know about how it was made."""
    answer = turn.answer
    if answer is None:
        return ""
    badges = [f'<span class="sanad-badge sanad-confidence">{texts.sure(answer.confidence)}</span>']
    if answer.status == "partial":
        badges.append(f'<span class="sanad-badge sanad-partial">{texts.partial}</span>')
    if answer.mode == "generative":
        badges.append(f'<span class="sanad-badge">{texts.generative}</span>')
    for code in answer.notes:
        name, _, value = code.partition(":")
        if name in texts.notes:
            badges.append(f'<span class="sanad-badge">{escape(texts.notes[name].format(value=value))}</span>')
    return f'<p class="sanad-verdict">{"".join(badges)}</p>'


def _body(turn: Turn, index: int, texts: Texts) -> str:
    """The sentences: those of several speakers as cards side by side, any other before them in order."""
    perspectives = turn.sides()
    loose = _sentences(turn.loose(), turn, index, texts)
    if not perspectives:
        return loose
    cards = "".join(_card(number, perspectives, turn, index, texts) for number in range(len(perspectives)))
    return f'{loose}<h3 class="sanad-small-heading">{texts.perspectives}</h3><div class="sanad-cards">{cards}</div>'


def _card(number: int, perspectives: Sequence[Perspective], turn: Turn, index: int, texts: Texts) -> str:
    this = perspectives[number]
    who = "".join(_who(this.speaker, this.role, this.outlet, texts)) or texts.article_itself
    links = []
    if this.denies is not None and 0 <= this.denies < len(perspectives):
        label = _naming(texts.denies, _name(perspectives[this.denies], texts))
        links.append(_card_link(index, this.denies, label, texts.see_denied))
    for other, perspective in enumerate(perspectives):
        if perspective.denies == number:
            label = _naming(texts.denied_by, _name(perspective, texts))
            links.append(_card_link(index, other, label, texts.see_denial))
    return (
        f'<section class="sanad-card" id="{_card_id(index, number)}" tabindex="-1" '
        f'data-stance="{escape(this.stance)}">'
        f"<header><h4>{who}</h4>{''.join(links)}</header>"
        f"{_sentences(this.sentences, turn, index, texts, known=this)}</section>"
    )


def _card_id(turn: int, number: int) -> str:
    return f"sanad-card-{turn}-{number}"


def _card_link(turn: int, number: int, label: str, title: str) -> str:
    return (
        f'<button type="button" class="sanad-goto" data-target="{_card_id(turn, number)}" '
        f'title="{title}">{label}</button>'
    )


def _sentences(
    numbers: Iterable[int], turn: Turn, index: int, texts: Texts, *, known: Perspective | None = None
) -> str:
    return "".join(
        _sentence(turn.sentences[number], turn, index, texts, known)
        for number in numbers
        if 0 <= number < len(turn.sentences)
    )


def _sentence(sentence: AnswerSentence, turn: Turn, index: int, texts: Texts, known: Perspective | None) -> str:
    numbers = turn.numbers()
    buttons = "".join(
        _cite(number, turn.citations.get(number), index, texts, shown=numbers[number]) for number in sentence.citations
    )
    when = f'<time dir="ltr">{escape(sentence.when)}</time> ' if sentence.when else ""
    return (
        '<div class="sanad-sentence" dir="auto">'
        f'<p>{when}<span class="sanad-words">{words_html(sentence.text)}</span> {buttons}</p>'
        f"{attribution_html(sentence.attribution, texts, known=known)}</div>"
    )


def _cite(
    number: int, citation: Citation | None, turn: int, texts: Texts, *, shown: int = 0, related: bool = False
) -> str:
    """The [n] that opens the source and, pointed at, shows the quote. ``number`` is looked up in the page's state."""
    title = citation.title or texts.untitled if citation else texts.untitled
    text = texts.read_in_source if related else f"[{shown}]"
    label = f"{texts.read_in_source}: {title}" if related else f"{texts.citation} {shown}: {title}"
    quoted = ""
    if citation and not related:
        origin = f"{title} · {citation.source or texts.unknown} · {texts.date(citation.published)}"
        quoted = f'data-quote="{texts.shown(escape(citation.quote))}" data-origin="{texts.shown(escape(origin))}"'
    return (
        f'<button type="button" class="{"sanad-read" if related else "sanad-cite"}" data-turn="{turn}" '
        f'data-number="{number}" data-related="{str(related).lower()}" aria-label="{escape(label)}" {quoted}>'
        f"{text}</button>"
    )


def _sources(turn: Turn, index: int, texts: Texts) -> str:
    """The cited articles with their numbers, once the answer is whole."""
    if turn.answer is None or not turn.citations:
        return ""
    articles: dict[tuple[str, int], list[Citation]] = {}
    for number in turn.numbers():
        citation = turn.citations.get(number)
        if citation is None:
            continue
        articles.setdefault((citation.article_id, citation.article_version), []).append(citation)
    rows = "".join(_source_row(citations, turn, index, texts) for citations in articles.values())
    heading = f'<h3 class="sanad-small-heading">{texts.sources}</h3>'
    return f'<footer class="sanad-sources">{heading}<ul>{rows}</ul></footer>'


def _source_row(citations: Sequence[Citation], turn: Turn, index: int, texts: Texts) -> str:
    numbers = turn.numbers()
    buttons = "".join(
        _cite(citation.number, citation, index, texts, shown=numbers[citation.number]) for citation in citations
    )
    return f"<li>{_origin(citations[0], texts)} <span>{buttons}</span></li>"


def _origin(citation: Citation, texts: Texts) -> str:
    """Title, source and date of a citation's article, what is unknown said to be so."""
    return (
        f'<span class="sanad-origin"><bdi>{escape(citation.title or texts.untitled)}</bdi>'
        f"<small>{texts.source}: <bdi>{escape(citation.source or texts.unknown)}</bdi> · "
        f"{texts.published}: <bdi>{texts.date(citation.published)}</bdi></small></span>"
    )


def _abstention(turn: Turn, index: int, texts: Texts) -> str:
    answer = turn.answer
    assert answer is not None  # an abstention is a whole answer
    if any(note.startswith(("small_talk:", "out_of_scope:")) for note in answer.notes):
        return f'<p class="sanad-reply" dir="auto">{words_html(answer.text)}</p>'
    passages = "".join(
        f'<li><blockquote dir="auto">{words_html(citation.quote)}</blockquote>{_origin(citation, texts)}'
        f"{_cite(citation.number, citation, index, texts, related=True)}</li>"
        for citation in answer.related
    )
    related = (
        f'<section class="sanad-related"><h3 class="sanad-small-heading">{texts.related}</h3>'
        f"<p>{texts.related_detail}</p><ul>{passages}</ul></section>"
    )
    return (
        f'<div class="sanad-abstained"><h3>{texts.abstained}</h3>'
        f'<p dir="auto">{escape(answer.text)}</p></div>'
        f"{related if passages else ''}"
    )


def _who(speaker: str | None, role: str | None, outlet: str | None, texts: Texts) -> list[str]:
    """Speaker, role and outlet, each isolated so that a Latin name does not reorder the Arabic around it."""
    parts = []
    if speaker:
        parts.append(f'<bdi class="sanad-speaker">{escape(speaker)}</bdi>')
    if role:
        parts.append(f'<bdi class="sanad-role">{escape(role)}</bdi>')
    if outlet and speaker:
        parts.append(f'<span class="sanad-outlet">{_naming(texts.via, outlet)}</span>')
    elif outlet:
        parts.append(f'<bdi class="sanad-speaker">{escape(outlet)}</bdi>')
    return parts


def _stance(stance: str, denies: str | None, texts: Texts) -> str:
    if stance == "denies" and denies:
        label = _naming(texts.denies, denies)
    elif stance in texts.stances:
        label = texts.stances[stance]
    else:
        return ""
    return f'<span class="sanad-stance">{label}</span>'


def _name(perspective: Perspective, texts: Texts) -> str:
    return perspective.speaker or perspective.outlet or texts.article_itself


def _naming(words: str, name: str) -> str:
    """A phrase of the page with a name in it, isolated."""
    return words.format(name=f"<bdi>{escape(name)}</bdi>")


def _note(text: str) -> str:
    return f'<p class="sanad-note">{text}</p>'


def _alert(message: str) -> str:
    return f'<div class="sanad-alert" role="alert"><p>{message}</p></div>'
