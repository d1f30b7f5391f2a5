"""Citations in the text around them."""

from evals.excerpts import Piece, excerpts
from evals.runner import ShownCitation

TEXT = "أول الكلام. ثم هذا.\n\nوبعده ذاك. وآخر الكلام هنا."


def cite(number, quote, around=6, **fields):
    start = TEXT.index(quote)
    end = start + len(quote)
    values = {
        "number": number,
        "article_id": "a",
        "article_version": 1,
        "passage_id": "a-0",
        "start": start,
        "end": end,
        "quote": quote,
        "before": TEXT[max(0, start - around) : start],
        "after": TEXT[end : end + around],
    }
    return ShownCitation(**(values | fields))


def whole(excerpt):
    return "".join(piece.text for piece in excerpt.pieces)


def test_a_quote_stands_in_the_text_around_it():
    (excerpt,) = excerpts([cite(1, "ثم هذا.")])
    assert excerpt.pieces == (Piece("كلام. ", False), Piece("ثم هذا.", True, (1,)), Piece("\nوبعد", False))
    assert excerpt.cut


def test_near_quotes_share_an_excerpt_and_keep_their_numbers():
    (excerpt,) = excerpts([cite(2, "وبعده ذاك."), cite(1, "ثم هذا.")])
    assert [(piece.text, piece.numbers) for piece in excerpt.pieces if piece.cited] == [
        ("ثم هذا.", (1,)),
        ("وبعده ذاك.", (2,)),
    ]
    assert whole(excerpt) == "كلام. ثم هذا.\nوبعده ذاك. وآخر "


def test_quotes_within_quotes_are_marked_once():
    (excerpt,) = excerpts([cite(1, "ثم هذا.\n\nوبعده ذاك."), cite(2, "ثم هذا.")])
    assert [(piece.cited, piece.numbers) for piece in excerpt.pieces] == [
        (False, ()),
        (True, (2,)),
        (True, (1,)),
        (False, ()),
    ]


def test_far_quotes_and_other_articles_stand_apart_in_the_order_of_their_numbers():
    found = excerpts([cite(1, "هنا.", 1), cite(2, "أول", 1), cite(3, "أول", 1, article_id="b")])
    assert [[citation.number for citation in excerpt.citations] for excerpt in found] == [[1], [2], [3]]
    assert [excerpt.cut for excerpt in found] == [True, False, False]


def test_a_quote_that_is_not_the_stored_text_stands_alone():
    wrong = cite(2, "أول").model_copy(update={"before": "", "after": "", "quote": "غير هذا"})
    near, wrong = excerpts([cite(1, "ثم هذا."), wrong])
    assert whole(near) == "كلام. ثم هذا.\nوبعد"
    assert wrong.pieces == (Piece("غير هذا", True, (2,)),)
    assert excerpts([]) == []
