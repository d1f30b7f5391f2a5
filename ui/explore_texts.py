"""The words of the pages for exploring, in Arabic and in English."""

from __future__ import annotations

from dataclasses import dataclass

from ui.texts import Texts


@dataclass(frozen=True)
class ExploreTexts:
    """The words of the exploring pages in one language; ``{…}`` are filled in where they are shown."""

    articles: str
    articles_detail: str
    search: str
    search_words: str
    every_source: str
    unknown_source: str
    since: str
    until: str
    clear: str
    found: str
    nothing_found: str
    nothing_found_detail: str
    empty: str
    empty_detail: str
    add_articles: str
    sentences: str
    previous: str
    next: str
    shown: str
    back: str
    speakers: str
    attributed: str
    link_here: str
    language: str
    languages: dict[str, str]
    topics: str
    open_article: str
    voices: str
    voices_detail: str
    topic: str
    topic_example: str
    show: str
    everything: str
    about: str
    speaker: str
    says: str
    legend: str
    no_voices: str
    no_voices_detail: str
    truncated: str
    mark: str
    timeline: str
    timeline_detail: str
    no_dates: str
    no_dates_detail: str
    by_text: str
    by_publication: str
    axis: str
    until_date: str
    upload: str
    upload_detail: str
    choose: str
    drop: str
    formats: str
    limit: str
    sending: str
    stages: dict[str, str]
    progress: str
    outcomes: dict[str, str]
    done: str
    failed: str
    too_large: str
    see_articles: str
    evaluation: str
    evaluation_detail: str
    no_evaluation: str
    ran: str
    model: str
    asked: str
    passed: str
    figure: str
    value: str
    interval: str
    by_tag: str
    by_suite: str
    tag: str
    suite: str
    questions: str
    unmeasured: str
    metrics: dict[str, str]
    retry: str


ARABIC = ExploreTexts(
    articles="المقالات",
    articles_detail="كل ما يجيب سند منه: ابحث فيه، واقرأ المقال وقائل كل جملة فيه.",
    search="بحث",
    search_words="كلمات من العنوان أو النص",
    every_source="كل المصادر",
    unknown_source="مصدر غير معروف",
    since="من تاريخ",
    until="إلى تاريخ",
    clear="امسح",
    found="عدد المقالات: {count}",
    nothing_found="لا مقال بهذه الشروط",
    nothing_found_detail="جرّب كلمات أقل، أو مصدرًا آخر، أو مدة أطول.",
    empty="لا مقالات بعد",
    empty_detail="أضف مقالات ليجيب سند منها.",
    add_articles="أضف مقالات",
    sentences="الجمل: {count}",
    previous="السابقة",
    next="التالية",
    shown="{first}–{last} من {total}",
    back="كل المقالات",
    speakers="المتحدثون في هذا المقال",
    attributed="جمل مسندة إلى قائل: {count} من {total}",
    link_here="رابط هذه الجملة",
    language="اللغة",
    languages={"ar": "العربية", "en": "الإنجليزية", "fa": "الفارسية"},
    topics="الموضوعات",
    open_article="اقرأ المقال كله",
    voices="من قال ماذا",
    voices_detail="كل علامة جملة من مقال، في صف قائلها وعمود موقفه. اضغطها لتقرأها في موضعها.",
    topic="الموضوع",
    topic_example="مثلًا: رفع العقوبات",
    show="اعرض",
    everything="كل ما في المقالات",
    about="عن «{topic}»",
    speaker="القائل",
    says="يقول",
    legend="عدد الجمل: {marks}، وعدد القائلين: {voices}",
    no_voices="لا قول منسوبًا إلى أحد عن هذا الموضوع",
    no_voices_detail="جرّب كلمات أخرى، أو اترك خانة الموضوع فارغة لترى الأقوال كلها.",
    truncated="في المقالات أكثر من هذا: حدّد الموضوع لترى بقيته.",
    mark="{speaker} {stance}: {quote}",
    timeline="الخط الزمني",
    timeline_detail="جمل المقالات في التواريخ التي تذكرها. اضغط الجملة لتقرأها في موضعها.",
    no_dates="لا جملة مؤرخة عن هذا الموضوع",
    no_dates_detail="جرّب كلمات أخرى أو مدة أطول، أو اترك خانة الموضوع فارغة.",
    by_text="في النص: {words}",
    by_publication="تاريخ نشر المقال",
    axis="موضع الجمل على الزمن",
    until_date="{first} – {last}",
    upload="إضافة مقالات",
    upload_detail="الملفات تُقرأ على خادمك، ولا تُرسل إلى غيره.",
    choose="اختر ملفات",
    drop="أو اسحبها إلى هنا",
    formats="الصيغ: md وhtml وpdf وdocx، وكل نص آخر يُقرأ كما هو",
    limit="الحد: {size} ميغابايت للإرسال الواحد",
    sending="يُرسَل…",
    stages={
        "queued": "في الانتظار",
        "reading": "تُقرأ الملفات",
        "embedding": "تُفهرس المقالات",
    },
    progress="{done} من {total}",
    outcomes={
        "waiting": "ينتظر",
        "read": "قُرئ",
        "added": "أُضيف",
        "replaced": "استُبدل بنص جديد",
        "unchanged": "موجود من قبل، ولم يتغير",
        "failed": "تعذّر",
        "deleted": "حُذف",
    },
    done="اكتملت الإضافة",
    failed="لم تكتمل الإضافة",
    too_large="حجم الملفات {size} ميغابايت، والحد {limit}. لم يُرسل شيء.",
    see_articles="اعرض المقالات",
    evaluation="التقييم",
    evaluation_detail="نتائج آخر تقييم لجودة الإجابات، بمجال الثقة 95٪.",
    no_evaluation="لا تقرير تقييم بعد",
    ran="أُجري في",
    model="النموذج",
    asked="الأسئلة",
    passed="ما اجتاز كل الفحوص",
    figure="المقياس",
    value="القيمة",
    interval="مجال الثقة 95٪",
    by_tag="بحسب الوسم",
    by_suite="بحسب المجموعة",
    tag="الوسم",
    suite="المجموعة",
    questions="الأسئلة",
    unmeasured="لم يُقس",
    metrics={
        "case_pass_rate": "أسئلة اجتازت كل الفحوص",
        "correctness": "الصحة",
        "citation_exactness": "مطابقة الاستشهاد للنص",
        "citation_coverage": "جمل مستشهد لها",
        "groundedness": "جمل تسندها مصادرها",
        "citation_precision": "استشهادات تسند جملها",
        "attribution_accuracy": "صحة نسبة القول",
        "abstention_recall": "الامتناع حيث يجب",
        "abstention_precision": "صواب الامتناع",
        "abstention_f1": "الامتناع (F1)",
        "abstention_auroc": "تمييز ما لا جواب له (AUROC)",
        "flaky": "أسئلة تتقلب أجوبتها",
        "llm_calls": "استعانة بنموذج لغة، لكل سؤال",
        "latency_p50_ms": "زمن الجواب، الوسيط (م.ث)",
        "latency_p95_ms": "زمن الجواب، المئين 95 (م.ث)",
        "latency_p99_ms": "زمن الجواب، المئين 99 (م.ث)",
    },
    retry="أعد المحاولة",
)

ENGLISH = ExploreTexts(
    articles="Articles",
    articles_detail="All that Sanad answers from: search it, and read an article with who says each of its sentences.",
    search="Search",
    search_words="Words of the title or text",
    every_source="Every source",
    unknown_source="Unknown source",
    since="From",
    until="To",
    clear="Clear",
    found="Articles: {count}",
    nothing_found="No article fits",
    nothing_found_detail="Try fewer words, another source or a longer time.",
    empty="No articles yet",
    empty_detail="Add articles for Sanad to answer from.",
    add_articles="Add articles",
    sentences="Sentences: {count}",
    previous="Previous",
    next="Next",
    shown="{first}–{last} of {total}",
    back="All articles",
    speakers="Who speaks in this article",
    attributed="Sentences attributed to somebody: {count} of {total}",
    link_here="Link to this sentence",
    language="Language",
    languages={"ar": "Arabic", "en": "English", "fa": "Persian"},
    topics="Topics",
    open_article="Read the whole article",
    voices="Who says what",
    voices_detail="Each mark is a sentence of an article, in the row of who says it and the column of how. "
    "Press it to read it where it stands.",
    topic="Topic",
    topic_example="for example: lifting sanctions",
    show="Show",
    everything="All that the articles say",
    about="About “{topic}”",
    speaker="Who",
    says="says",
    legend="Sentences: {marks}; voices: {voices}",
    no_voices="Nobody is quoted about this topic",
    no_voices_detail="Try other words, or leave the topic empty to see all that is said.",
    truncated="The articles hold more than this: name a topic to see the rest.",
    mark="{speaker} {stance}: {quote}",
    timeline="Timeline",
    timeline_detail="Sentences of the articles at the dates that they name. Press one to read it where it stands.",
    no_dates="No dated sentence about this topic",
    no_dates_detail="Try other words or a longer time, or leave the topic empty.",
    by_text="in the text: {words}",
    by_publication="date of the article's publication",
    axis="The sentences along time",
    until_date="{first} – {last}",
    upload="Add articles",
    upload_detail="The files are read on your server and sent nowhere else.",
    choose="Choose files",
    drop="or drop them here",
    formats="Formats: md, html, pdf, docx; any other text is read as it is",
    limit="Limit: {size} MB at a time",
    sending="Sending…",
    stages={
        "queued": "Waiting",
        "reading": "Reading the files",
        "embedding": "Indexing the articles",
    },
    progress="{done} of {total}",
    outcomes={
        "waiting": "waiting",
        "read": "read",
        "added": "added",
        "replaced": "replaced by a new text",
        "unchanged": "was there before, unchanged",
        "failed": "failed",
        "deleted": "deleted",
    },
    done="All done",
    failed="It was not completed",
    too_large="The files have {size} MB, the limit is {limit}. Nothing was sent.",
    see_articles="See the articles",
    evaluation="Evaluation",
    evaluation_detail="Results of the last evaluation of the answers, with 95 % intervals.",
    no_evaluation="No evaluation report yet",
    ran="Ran on",
    model="Model",
    asked="Questions",
    passed="Passed every check",
    figure="Metric",
    value="Value",
    interval="95 % interval",
    by_tag="By tag",
    by_suite="By suite",
    tag="Tag",
    suite="Suite",
    questions="Questions",
    unmeasured="not measured",
    metrics={
        "case_pass_rate": "Questions that passed every check",
        "correctness": "Correctness",
        "citation_exactness": "Citations equal to the text",
        "citation_coverage": "Sentences with a citation",
        "groundedness": "Sentences supported by their sources",
        "citation_precision": "Citations that support their sentence",
        "attribution_accuracy": "Right speaker",
        "abstention_recall": "Abstains where it must",
        "abstention_precision": "Abstentions that were right",
        "abstention_f1": "Abstention (F1)",
        "abstention_auroc": "Telling what has no answer (AUROC)",
        "flaky": "Questions whose answers vary",
        "llm_calls": "Calls of a language model, a question",
        "latency_p50_ms": "Time to answer, median (ms)",
        "latency_p95_ms": "Time to answer, 95th percentile (ms)",
        "latency_p99_ms": "Time to answer, 99th percentile (ms)",
    },
    retry="Try again",
)


def explore_texts(texts: Texts) -> ExploreTexts:
    """The exploring pages' words in the language of ``texts``."""
    return ENGLISH if texts.language == "en" else ARABIC
