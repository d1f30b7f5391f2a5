"""What quotes support, and what they do not."""

from __future__ import annotations

import pytest

from retrieval.embedding import Embedder
from retrieval.models import Attribution
from retrieval.sayings import accounts, speakers
from retrieval.verify import Source, support, supported

QUOTE = "وقالت وزيرة الصحة سلمى حداد إن المستشفى الجديد سيضم 250 سريرًا وسيفتح أبوابه في مايو المقبل."
DENIAL = "غير أن حداد نفت ما نشرته صحيفة «النهار» عن إلغاء المشروع، وقالت إن الخبر «بلا أساس»."
NEGATED = "وأضافت أن الوزارة لا تتوقع أن يتأخر افتتاح المستشفى."
OTHER = "وقال النائب كريم منصور إن الميزانية لا تكفي."


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        (QUOTE, [QUOTE]),
        ("سيضم المستشفى الجديد 250 سريرًا وسيفتح أبوابه في مايو.", [QUOTE]),
        ("قالت حداد إن المستشفى سيضم ٢٥٠ سريرًا.", [QUOTE]),
        (f"سلمى حداد: {NEGATED}", [NEGATED, QUOTE]),
        ("نفت حداد ما نشرته صحيفة النهار عن إلغاء المشروع.", [DENIAL]),
        ("الوزارة لا تتوقع تأخر افتتاح المستشفى.", [NEGATED]),
    ],
)
def test_supported(sentence: str, quotes: list[str]) -> None:
    assert supported(sentence, quotes)


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        pytest.param("سيضم المستشفى الجديد 300 سرير.", [QUOTE], id="number"),
        pytest.param("سيضم المستشفى الجديد ثلاثين سريرًا.", [QUOTE], id="number in words"),
        pytest.param("لن يضم المستشفى الجديد 250 سريرًا.", [QUOTE], id="negation added"),
        pytest.param("الوزارة تتوقع أن يتأخر افتتاح المستشفى.", [NEGATED], id="negation left out"),
        pytest.param("تتوقع أن يتأخر افتتاح المستشفى", [NEGATED], id="verbatim without its negation"),
        pytest.param(
            "تتجاوز الكلفة ثلاثة ملايين", ["والتزمت الشركة ألا تتجاوز الكلفة ثلاثة ملايين."], id="verbatim after «ألا»"
        ),
        pytest.param("قال كريم منصور إن المستشفى الجديد سيضم 250 سريرًا وسيفتح أبوابه في مايو.", [QUOTE], id="speaker"),
        pytest.param("قال منصور إن المستشفى الجديد سيضم 250 سريرًا.", [QUOTE, NEGATED], id="surname of another"),
        pytest.param(f"كريم منصور: {NEGATED}", [NEGATED, QUOTE], id="speaker prefix"),
        pytest.param("نفت صحيفة النهار ما قالته حداد عن إلغاء المشروع.", [DENIAL], id="roles swapped"),
        pytest.param("بحسب كريم منصور، سيضم المستشفى الجديد 250 سريرًا في مايو.", [QUOTE], id="according to another"),
        pytest.param("افتتح الملك المستشفى أمس بحضور الجمهور.", [QUOTE], id="invented"),
        pytest.param("Mansour said the new hospital will have 250 beds.", [QUOTE], id="foreign without embedding"),
        pytest.param("", [QUOTE], id="empty"),
        pytest.param("...", [QUOTE], id="punctuation"),
        pytest.param(QUOTE, [], id="no quotes"),
        pytest.param(QUOTE, [OTHER], id="another quote"),
    ],
)
def test_not_supported(sentence: str, quotes: list[str]) -> None:
    assert not supported(sentence, quotes)


@pytest.mark.parametrize(
    ("sentence", "quote", "said"),
    [
        ("قال كريم عياد إنه يتوقع هبوط الدين.", "وتوقع محافظ المصرف كريم عياد هبوط الدين.", "كريم عياد"),
        ("بحسب بيان لمنظمة الغذاء، انخفضت الأسعار.", "وقالت منظمة الغذاء إن الأسعار انخفضت.", "منظمة الغذاء"),
        ("رفضت النقابة المقترح.", "وقرأت النقابة المقترح ورفضته.", None),
        ("شارك سبعة عشر حزبًا في الاقتراع.", "وشارك 17 حزبًا في الاقتراع.", None),
    ],
)
def test_what_is_said_in_other_words_disagrees_with_nothing(sentence: str, quote: str, said: str | None) -> None:
    assert support(sentence, [Source(quote, Attribution(speaker=said) if said else None)]).reasons == ()


def test_a_number_in_words_that_is_not_there_disagrees() -> None:
    assert support("شارك سبعة عشر حزبًا في الاقتراع.", [Source("وشارك سبعة أحزاب في الاقتراع.")]).reasons == ("number",)


def test_translation_is_supported_by_meaning(embedder: Embedder) -> None:
    read = embedder.query_tokens
    assert supported("Health minister Salma Haddad said the new hospital will have 250 beds.", [QUOTE], read)
    assert not supported("Karim Mansour said the new hospital will have 250 beds.", [QUOTE], read)
    assert not supported("Salma Haddad said the new hospital will have 900 beds.", [QUOTE], read)
    assert not supported("Salma Haddad said the new hospital will not have 250 beds.", [QUOTE], read)


def test_a_persian_translation_is_a_translation(embedder: Embedder) -> None:
    said = "سلمی حداد گفت بیمارستان جدید ۲۵۰ تخت خواهد داشت و در ماه مه باز می‌شود."
    assert supported(said, [QUOTE], embedder.query_tokens)
    assert not supported(said.replace("سلمی حداد", "ترامپ"), [QUOTE], embedder.query_tokens)


def test_an_aside_does_not_hide_who_speaks() -> None:
    assert speakers("A senior official, who asked not to be named, said prices would fall.") == ["senior official"]


def test_speakers_stand_beside_verbs_of_saying() -> None:
    assert speakers("وقال كريم منصور إن الميزانية لا تكفي") == ["كريم منصور"]
    assert speakers("Karim Mansour said it") == ["karim mansour"]
    assert speakers("According to Karim Mansour, it is") == ["karim mansour"]
    assert speakers("الميزانية، بحسب قوله، لا تكفي") == []


@pytest.mark.parametrize(
    ("sentence", "fine"),
    [
        ("مدينة صور ترغب في الإلغاء الكامل للبرنامج النرويجي.", False),
        ("النرويج تريد الإلغاء الكامل للبرنامج النرويجي.", True),
        ("Tyre wants the complete cancellation of the Norwegian programme.", False),
    ],
)
def test_who_wants_must_be_in_the_evidence(sentence: str, fine: bool) -> None:
    said = Attribution(speaker="مسؤولون نرويجيون", verb="أعلن")
    source = Source("أعلن مسؤولون نرويجيون أن ما يريدونه هو الإلغاء الكامل للبرنامج.", said)
    assert ("speaker" not in support(sentence, [source]).reasons) == fine


@pytest.mark.parametrize(
    ("sentence", "fine"),
    [
        ("قالت هدى سالم إن الوزارة اقترحت تأجيل الافتتاح", True),
        ("قال مازن جابر إن الوزارة اقترحت تأجيل الافتتاح", False),
    ],
)
def test_who_speaks_within_what_is_said_is_no_stranger(sentence: str, fine: bool) -> None:
    quote = "قالت هدى سالم إن الوزارة اقترحت تأجيل الافتتاح إلى الربيع."
    assert supported(sentence, [quote]) is fine


def test_to_carry_is_a_saying_only_with_from_whom() -> None:
    assert not speakers("نقلت الشاحنات القمح إلى الميناء")
    assert speakers("نقلت الوكالة عن هدى سالم أن الميناء مغلق")


def test_an_account_is_what_one_follows_and_not_what_one_says() -> None:
    assert accounts("بحسب الجدول يبدأ العرض مساء")
    assert accounts("The show begins at nine, according to the schedule") == ["schedule"]
    assert not accounts("قالت هدى سالم إن العرض يبدأ")
