"""Every word of the page itself, in Arabic and in English, and the digits it is shown in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

Language = Literal["ar", "en"]
Digits = Literal["", "arab", "latn"]
DIGITS: tuple[Digits, ...] = ("", "arab", "latn")
"""As written, Arabic-Indic, Latin; named as BCP 47 names them (``ar-u-nu-arab``)."""

_LOCALE = re.compile(r"(ar|en)(?:-u-nu-(arab|latn))?")
_SHOWN = {
    "arab": str.maketrans("0123456789۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩" * 2),
    "latn": str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2),
}
# What holds digits that are no number of the text: a tag, an entity, a Latin name such as F-16 or an address.
_KEPT_OR_DIGITS = re.compile(r"<[^>]*>|&[#\w]+;|[A-Za-z][A-Za-z0-9_./:@-]*|[0-9٠-٩۰-۹]+")


@dataclass(frozen=True)
class Texts:
    """The page's words in one language; a missing one is a type error, not a blank on the page."""

    language: Language
    direction: Literal["rtl", "ltr"]
    name: str
    tagline: str
    other_language: str
    new_conversation: str
    question: str
    placeholder: str
    send: str
    stop: str
    welcome: str
    welcome_detail: str
    examples: str
    searching: str
    understood_as: str
    confidence: dict[str, str]
    partial: str
    abstained: str
    related: str
    related_detail: str
    read_in_source: str
    sources: str
    citation: str
    perspectives: str
    denies: str
    denied_by: str
    see_denied: str
    see_denial: str
    stances: dict[str, str]
    via: str
    quoted: str
    reported: str
    article_itself: str
    notes: dict[str, str]
    generative: str
    modes_label: str
    modes: dict[str, str]
    stopped: str
    expired: str
    retry: str
    kept: str
    source_panel: str
    close: str
    source: str
    published: str
    unknown: str
    untitled: str
    said_by: str
    changed: str
    problems: dict[str, str]
    months: tuple[str, ...]
    pages: dict[str, str]
    pages_label: str
    skip: str
    settings: str
    digits_label: str
    digit_names: tuple[str, str, str]
    look_label: str
    looks: dict[str, str]
    edit: str
    save: str
    cancel: str
    ask_again: str
    copy: str
    copied: str
    good: str
    bad: str
    why_bad: str
    reasons: dict[str, str]
    own_words: str
    send_feedback: str
    thanks: str
    feedback_lost: str
    slow: str
    wait: str
    conversations: str
    untitled_conversation: str
    show_conversations: str
    search_conversations: str
    no_conversations: str
    none_found: str
    more: str
    rename: str
    new_title: str
    delete: str
    really_delete: str
    do_delete: str
    keep_it: str
    export_markdown: str
    export_json: str
    share: str
    actions: str
    lost: str
    page_away: str
    page_back: str
    digits: Digits = ""

    @property
    def locale(self) -> str:
        """What ``texts_for`` gives these words for."""
        return f"{self.language}-u-nu-{self.digits}" if self.digits else self.language

    @property
    def other_locale(self) -> str:
        """The other language, in the same digits."""
        return (ENGLISH if self.language == "ar" else ARABIC).with_digits(self.digits).locale

    def with_digits(self, digits: Digits) -> Texts:
        """The same words with numbers shown in these digits."""
        return replace(self, digits=digits)

    def shown(self, html: str) -> str:
        """Markup with the numbers of its text in the reader's digits, one character for one: no offset moves."""
        if not self.digits:
            return html
        table = _SHOWN[self.digits]

        def converted(found: re.Match[str]) -> str:
            part = found.group()
            return part if part[0] in "<&" or (part[0].isascii() and part[0].isalpha()) else part.translate(table)

        return _KEPT_OR_DIGITS.sub(converted, html)

    def date(self, value: date | None) -> str:
        """A date in words, or the word for unknown."""
        return f"{value.day} {self.months[value.month - 1]} {value.year}" if value else self.unknown

    def sure(self, confidence: float) -> str:
        """A confidence in [0, 1] in words. The steps are for reading; the number stays in the API."""
        return self.confidence["high" if confidence >= 0.8 else "medium" if confidence >= 0.6 else "low"]

    def problem(self, code: str, messages: dict[str, str]) -> str:
        """What went wrong: in the page's own words where they say more to a reader, else in the server's."""
        return self.problems.get(code) or messages.get(self.language) or self.problems["bad-response"]


def texts_for(locale: str) -> Texts:
    """The words for a locale such as ``en`` or ``ar-u-nu-arab``; what a browser remembers may be anything."""
    found = _LOCALE.fullmatch(locale)
    if not found:
        return ARABIC
    texts = ENGLISH if found[1] == "en" else ARABIC
    return next((texts.with_digits(digits) for digits in DIGITS if digits == found[2]), texts)


ARABIC = Texts(
    language="ar",
    direction="rtl",
    name="سند",
    tagline="إجابات من نصوص الأخبار، وكل جملة مسندة إلى موضعها وقائلها",
    other_language="English",
    new_conversation="محادثة جديدة",
    question="السؤال",
    placeholder="اسأل عمّا ورد في المقالات…",
    send="إرسال",
    stop="إيقاف",
    welcome="اسأل المقالات",
    welcome_detail="لا يجيب سند إلا بما تقوله المقالات. اضغط رقم الاستشهاد لتقرأ الجملة في موضعها من المقال.",
    examples="جرّب أحد هذه الأسئلة",
    searching="يبحث في المقالات…",
    understood_as="كيف فُهم السؤال",
    confidence={"high": "ثقة عالية", "medium": "ثقة متوسطة", "low": "ثقة منخفضة"},
    partial="إجابة جزئية: لا تغطي المصادر السؤال كله",
    abstained="ليس في المصادر",
    related="مقاطع قريبة من السؤال",
    related_detail="هذه أقرب المقاطع في المقالات، وليست إجابة عن السؤال.",
    read_in_source="اقرأ المقطع في مصدره",
    sources="المصادر",
    citation="استشهاد",
    perspectives="ما يقوله كل طرف",
    denies="ينفي رواية {name}",
    denied_by="ينفيه {name}",
    see_denied="انتقل إلى القول المنفي",
    see_denial="انتقل إلى النفي",
    stances={
        "claims": "يدّعي",
        "judges": "يرى",
        "denies": "ينفي",
        "rejects": "يرفض",
        "warns": "يحذّر",
        "threatens": "يهدّد",
        "demands": "يطالب",
        "proposes": "يقترح",
    },
    via="عبر {name}",
    quoted="اقتباس مباشر",
    reported="منقول بالمعنى",
    article_itself="رواية المقال",
    notes={
        "llm_unavailable": "تعذّر الوصول إلى نموذج اللغة، فهذه جمل المقالات كما هي.",
        "llm_failed": "لم يُجب نموذج اللغة، فهذه جمل المقالات كما هي.",
        "sentences_dropped": "حُذفت جمل لم تسندها المصادر: {value}",
        "no_position": "لا تنقل المصادر موقفًا لهذا الطرف: {value}",
        "part_unanswered": "لا تجيب المصادر عن: {value}",
        "no_dates": "لا تذكر المصادر تواريخ يمكن تحديدها.",
    },
    generative="صياغة نموذج لغة، تحقّق سند من كل جملة فيها",
    modes_label="كيف تُصاغ الإجابة",
    modes={"extractive": "بجمل المقالات كما هي", "generative": "بصياغة نموذج لغة"},
    stopped="أوقفتَ الإجابة قبل أن تكتمل.",
    expired="لم تعد المحادثة السابقة محفوظة على الخادم، فبدأت محادثة جديدة.",
    retry="أعد المحاولة",
    kept="بقي سؤالك في خانة السؤال.",
    source_panel="المصدر",
    close="إغلاق المصدر",
    source="المصدر",
    published="التاريخ",
    unknown="غير معروف",
    untitled="مقال بلا عنوان",
    said_by="القائل",
    changed="لا يطابق نص المقال الآن ما استُشهد به.",
    problems={
        "unreachable": "تعذّر الاتصال بخادم سند. تأكد من أنه يعمل ثم أعد المحاولة.",
        "too-slow": "تأخر الخادم في الرد. أعد المحاولة بعد قليل.",
        "cut-off": "انقطع الاتصال قبل اكتمال الإجابة.",
        "bad-response": "وصل رد غير مفهوم من الخادم.",
        "unknown-citation": "لم يعد هذا الاستشهاد معروضًا.",
        "empty-index": "لا مقالات بعد، فلا جواب. أدخل مقالات أولًا.",
        "rate-limited": "أسئلة كثيرة في وقت قصير.",
        "body-too-large": "السؤال أطول بكثير مما يقبله الخادم. اختصره ثم أعد الإرسال.",
    },
    months=(
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ),
    pages={
        "": "المحادثة",
        "articles": "المقالات",
        "voices": "من قال ماذا",
        "timeline": "الخط الزمني",
        "upload": "إضافة",
        "evaluation": "التقييم",
    },
    pages_label="الصفحات",
    skip="إلى المحتوى",
    settings="العرض",
    digits_label="الأرقام",
    digit_names=("كما كُتبت", "١٢٣", "123"),
    look_label="المظهر",
    looks={"": "مظهر الجهاز", "light": "فاتح", "dark": "داكن"},
    edit="عدّل السؤال",
    save="اسأل من جديد",
    cancel="إلغاء",
    ask_again="أعد السؤال",
    copy="انسخ الإجابة باستشهاداتها",
    copied="نُسخ",
    good="إجابة مفيدة",
    bad="إجابة غير مفيدة",
    why_bad="ما الخلل فيها؟",
    reasons={
        "wrong": "لا تقول المقالات ذلك",
        "incomplete": "في المقالات أكثر من ذلك",
        "irrelevant": "تجيب عن سؤال آخر",
        "attribution": "القائل غيره",
        "unanswered": "الجواب في المقالات ولم يُذكر",
    },
    own_words="بعبارتك (اختياري)",
    send_feedback="أرسل",
    thanks="شكرًا، حُفظ رأيك.",
    feedback_lost="لم يُحفظ رأيك:",
    slow="ما زال البحث جاريًا، والخادم أبطأ من المعتاد. يمكنك الانتظار أو الإيقاف.",
    wait="يمكنك إعادة المحاولة بعد {seconds} ثانية.",
    conversations="المحادثات",
    untitled_conversation="محادثة بلا عنوان",
    show_conversations="أظهر المحادثات أو أخفها",
    search_conversations="ابحث في المحادثات",
    no_conversations="لا محادثات بعد. اسأل، وستجدها هنا.",
    none_found="لا محادثة فيها هذه الكلمات.",
    more="أقدم من ذلك",
    rename="غيّر العنوان",
    new_title="العنوان الجديد",
    delete="احذف",
    really_delete="تُحذف المحادثة نهائيًا. أأنت متأكد؟",
    do_delete="احذفها",
    keep_it="أبقها",
    export_markdown="نزّلها بصيغة Markdown",
    export_json="نزّلها بصيغة JSON",
    share="شاركها",
    actions="إجراءات المحادثة",
    lost="لم تعد هذه المحادثة محفوظة على الخادم، أو ليست لك.",
    page_away="انقطع الاتصال بالصفحة. ما كتبته باقٍ، وستعود المحاولة تلقائيًا.",
    page_back="عاد الاتصال.",
)

ENGLISH = Texts(
    language="en",
    direction="ltr",
    name="Sanad",
    tagline="Answers from news articles, every sentence traced to its place and its speaker",
    other_language="العربية",
    new_conversation="New conversation",
    question="Question",
    placeholder="Ask about what the articles say…",
    send="Send",
    stop="Stop",
    welcome="Ask the articles",
    welcome_detail="Sanad answers only with what the articles say. "
    "Press a citation number to read the sentence where it stands in its article.",
    examples="Try one of these",
    searching="Searching the articles…",
    understood_as="How the question was understood",
    confidence={"high": "High confidence", "medium": "Medium confidence", "low": "Low confidence"},
    partial="Partial answer: the sources do not cover the whole question",
    abstained="Not in the sources",
    related="Passages near the question",
    related_detail="These are the nearest passages in the articles, not an answer.",
    read_in_source="Read the passage in its source",
    sources="Sources",
    citation="Citation",
    perspectives="What each side says",
    denies="denies the account of {name}",
    denied_by="denied by {name}",
    see_denied="Go to what is denied",
    see_denial="Go to the denial",
    stances={
        "claims": "claims",
        "judges": "judges",
        "denies": "denies",
        "rejects": "rejects",
        "warns": "warns",
        "threatens": "threatens",
        "demands": "demands",
        "proposes": "proposes",
    },
    via="via {name}",
    quoted="direct quote",
    reported="paraphrased",
    article_itself="the article itself",
    notes={
        "llm_unavailable": "The language model could not be reached: these are the articles' own sentences.",
        "llm_failed": "The language model gave no answer: these are the articles' own sentences.",
        "sentences_dropped": "Sentences dropped because the sources do not support them: {value}",
        "no_position": "The sources have no position of this party: {value}",
        "part_unanswered": "The sources do not answer: {value}",
        "no_dates": "The sources name no dates that can be told.",
    },
    generative="Worded by a language model; Sanad checked every sentence",
    modes_label="How the answer is worded",
    modes={"extractive": "In the articles' own sentences", "generative": "Worded by a language model"},
    stopped="You stopped the answer before it was whole.",
    expired="The server no longer has the earlier conversation, so a new one was started.",
    retry="Try again",
    kept="Your question is still in the box.",
    source_panel="Source",
    close="Close the source",
    source="Source",
    published="Date",
    unknown="unknown",
    untitled="Untitled article",
    said_by="Said by",
    changed="The article's text no longer matches what was cited.",
    problems={
        "unreachable": "The Sanad server cannot be reached. Check that it is running and try again.",
        "too-slow": "The server took too long. Try again in a moment.",
        "cut-off": "The connection broke before the answer was whole.",
        "bad-response": "The server sent a response that could not be understood.",
        "unknown-citation": "This citation is no longer shown.",
        "empty-index": "There are no articles yet, so there are no answers. Add some first.",
        "rate-limited": "Too many questions in a short time.",
        "body-too-large": "The question is far longer than the server takes. Shorten it and send it again.",
    },
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    pages={
        "": "Chat",
        "articles": "Articles",
        "voices": "Who says what",
        "timeline": "Timeline",
        "upload": "Add",
        "evaluation": "Evaluation",
    },
    pages_label="Pages",
    skip="Skip to the content",
    settings="Display",
    digits_label="Digits",
    digit_names=("as written", "١٢٣", "123"),
    look_label="Look",
    looks={"": "as the device", "light": "light", "dark": "dark"},
    edit="Edit the question",
    save="Ask anew",
    cancel="Cancel",
    ask_again="Ask again",
    copy="Copy the answer with its citations",
    copied="Copied",
    good="Good answer",
    bad="Bad answer",
    why_bad="What is wrong with it?",
    reasons={
        "wrong": "The articles do not say so",
        "incomplete": "The articles say more",
        "irrelevant": "It answers something else",
        "attribution": "Somebody else says it",
        "unanswered": "The articles do answer this",
    },
    own_words="In your own words (optional)",
    send_feedback="Send",
    thanks="Thank you, your view is kept.",
    feedback_lost="Your view was not kept:",
    slow="Still searching; the server is slower than usual. You can wait or stop.",
    wait="You can try again in {seconds} seconds.",
    conversations="Conversations",
    untitled_conversation="Untitled conversation",
    show_conversations="Show or hide the conversations",
    search_conversations="Search the conversations",
    no_conversations="No conversations yet. Ask, and you will find them here.",
    none_found="No conversation has these words.",
    more="Older ones",
    rename="Rename",
    new_title="New title",
    delete="Delete",
    really_delete="The conversation is deleted for good. Are you sure?",
    do_delete="Delete it",
    keep_it="Keep it",
    export_markdown="Download as Markdown",
    export_json="Download as JSON",
    share="Share",
    actions="Actions on the conversation",
    lost="The server no longer has this conversation, or it is not yours.",
    page_away="The connection to the page is lost. What you typed is kept, and the page keeps trying.",
    page_back="The connection is back.",
)
