"""Questions put in the words of Modern Standard Arabic, which is what the articles and the embedding model speak.

Only the closed class of words that make a sentence a question, or say that somebody wants something, is replaced:
«شحال كان عندهم» becomes «كم كان عندهم». What is asked about stays as it was typed. The words are those of the Levant,
Egypt, Iraq, the Gulf and the Maghreb.
"""

from __future__ import annotations

import re

from retrieval.analysis import bare, normalise

_WORDS = {
    "ماذا": "شو ايش إيش أيش وش شنو اشنو آش أش إيه ايه",
    "لماذا": "ليش ليه علاش لاش علاه لويش",
    "أين": "وين فين",
    "من أين": "منين",
    "من": "مين منو شكون اشكون",
    "متى": "امتى إمتى أمتى امتا ايمتى إيمتى امتين إمتين فوقاش وقتاش",
    "كم": "شحال قديش اديش قداش أديش شكد شقد كام",
    "كيف": "ازاي إزاي شلون كيفاش",
    "الذي": "اللي إللي",
    "يريد": "بده بدّه عايز عاوز يبي يبغى",
    "تريد": "بدها عايزة عاوزة تبي تبغى",
    "يريدون": "بدهم بدهن عايزين عاوزين يبون يبغون",
    "من أجل": "علشان عشان",
    "الآن": "هلق هلأ دلوقتي هسه",
    "هذا": "هاد هيدا",
    "هذه": "هاي هيدي",
}
_STANDARD = {word: standard for standard, words in _WORDS.items() for word in words.split()}
# By themselves these are words of the standard language: Bedouins, a body.
_STANDARD |= {
    f"{what} {wants}": f"ماذا {standard}"
    for what in _WORDS["ماذا"].split()
    for wants, standard in (("بدو", "يريد"), ("بدن", "يريدون"))
}
# Also of the standard language, where a conjunction makes of a question word one that no list of particles holds.
_ASKING = "ماذا|لماذا|أين|اين|متى|متي|كم|كيف|هل"
# Those that nothing but a question begins with, normalised; «من» is also a preposition.
ASKING = frozenset(
    map(
        normalise,
        [*_ASKING.split("|"), *" ".join(_WORDS[word] for word in "ماذا لماذا أين من متى كم كيف".split()).split()],
    )
)
_WORD = re.compile(rf"(?<![\w])([وف]?)(?:({_ASKING})|({'|'.join(sorted(_STANDARD, key=len, reverse=True))}))(?![\w])")


def standard(text: str) -> str:
    """A question without marks, its dialect question words replaced and freed of their conjunction.

    >>> standard("وشو بدها النقابة من الإضراب؟")
    'ماذا تريد النقابة من الإضراب؟'
    """
    return _WORD.sub(lambda match: match[2] or _STANDARD[match[3]], bare(text))
