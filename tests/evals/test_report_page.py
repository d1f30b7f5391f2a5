"""The report page: whole in one file, safe whatever the answers hold."""

import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from evals.cli import evaluate
from evals.metrics import Tally
from evals.report import html, shown
from evals.runner import Attempt, CaseResult, gather, run_case
from evals.scale_results import read
from retrieval.models import AnswerSentence

HOSTILE = '<script>alert("x")</script><img src=//evil.test/a onerror=alert(1)> & {{ 7777 * 7 }}'
VOID = {"meta", "br", "link", "img", "input"}
RECORD = {"suites": [{"suite": "s", "cases": 1}], "target": "in-process", "date": "2026-01-01T10:11:12+00:00"}
SVG = {"line", "rect", "circle", "polyline", "polygon"}


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that what is opened is closed."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = [], [], [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


@pytest.fixture
def run(make_case, make_answer, cite, article_text, supported, make_engine):
    """A run of one good case and one failing case in which every text is hostile."""
    good = "ونفت البلدية التأخير."
    hostile = make_answer(
        good,
        text=HOSTILE,
        standalone_question=f"standalone {HOSTILE}",
        sentences=(AnswerSentence(text=f"unheard {HOSTILE}", citations=(1,)),),
        citations=(cite(1, HOSTILE, title=HOSTILE, source=HOSTILE, article_id=f'"{HOSTILE}'),),
    )
    engine = make_engine({"جيد؟": make_answer(good), HOSTILE: hostile})

    class Target:
        def answer(self, question, conversation_id, mode):
            return engine.answer(question, conversation_id=conversation_id, mode=mode)

    cases = [
        make_case(id="good", question="جيد؟", tags=["fine"]),
        make_case(
            id=f"bad {HOSTILE}",
            question=HOSTILE,
            before=[HOSTILE],
            tags=[HOSTILE],
            must_include=[[f"absent {HOSTILE}"]],
        ),
        make_case(id="lost", question="ضائع؟"),
    ]
    results = [
        run_case(Target(), HOSTILE, case, mode=None, article_text=article_text, supported=supported) for case in cases
    ]
    record = {
        "suites": [{"suite": HOSTILE, "cases": 3}],
        "target": "in-process",
        "date": "2026-01-01",
        "x": HOSTILE,
    }
    return gather(results, record)


def test_whatever_a_run_holds_is_shown_as_text(run):
    page = Page(html(run))
    assert not {"script", "img", "iframe", "link", "object", "form"} & set(page.tags)
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert page.text.count("{{ 7777 * 7 }}") >= 10
    assert "54439" not in page.text


def test_nothing_is_fetched(run):
    source = html(run)
    assert not {"src", "href", "action", "srcset"} & {name for name, _ in Page(source).attributes}
    style = re.search("<style>(.*?)</style>", source, re.DOTALL)[1]
    assert set(re.findall(r'url\("?([a-z]+):', style)) == {"data"}
    assert style.count("url(") == 4
    assert "@import" not in style
    assert "default-src 'none'; style-src 'unsafe-inline'; font-src data:" in source


def test_every_text_is_in_arabic_and_english_and_arabic_is_shown_first(run):
    source = html(run, {"correctness": 0.5}, previous=run)
    page = Page(source)
    assert ("lang", "ar") in page.attributes
    assert ("dir", "rtl") in page.attributes
    for arabic, english in (
        ("تقييم سند", "Sanad evaluation"),
        ("الحالات الفاشلة", "Failing cases"),
        ("حسب الوسم", "By tag"),
        ("الفرق عن التشغيل السابق", "Against the previous run"),
        ("الزمن والكلفة والثبات", "Time, cost and steadiness"),
        ("الصحة", "Correctness"),
    ):
        assert f'<span class="ar" lang="ar">{arabic}</span><span class="en" lang="en">{english}</span>' in source
    assert source.count('class="ar" lang="ar"') == source.count('class="en" lang="en"')
    assert "#in-arabic:checked ~ #page .en { display: none; }" in source
    assert 'id="in-arabic" checked' in source


def failing_section(source):
    return Page(source[source.index('<section id="failing">') : source.index('<section id="all">')]).text


def test_failing_cases_have_question_answer_and_citations_and_passing_ones_are_left_out(run):
    text = failing_section(html(run))
    assert "standalone " in text
    assert "must_include[0]" in text
    assert "not supported" in text
    assert "not the stored text" in text
    assert "lost" in text
    assert "good" not in text
    assert "جيد؟" not in text


def test_all_cases_are_listed_with_their_outcome(run):
    source = html(run)
    listed = source[source.index('<section id="all">') :]
    assert re.search(r"✓</td>\s*<td><bdi>جيد؟</bdi>", listed)
    assert re.search(r"✗</td>\s*<td><bdi>ضائع؟</bdi>", listed)


def card(source, name):
    return re.search(rf'<div class="card[^>]*data-metric="{name}">.*?<div class="foot">.*?</div>', source, re.DOTALL)[0]


def test_headline_figures_have_their_intervals(run):
    source = html(run)
    low, high = run.intervals["case_pass_rate"]
    shown_interval = f"[{shown('case_pass_rate', low)}, {shown('case_pass_rate', high)}]"
    assert "0.333" in card(source, "case_pass_rate")
    assert shown_interval in card(source, "case_pass_rate")
    assert f"inset-inline-start: {100 * low:.2f}%" in card(source, "case_pass_rate")


def test_each_tag_has_a_bar_the_weakest_first(run):
    source = html(run)
    rows = re.findall(r'<div class="row" data-tag="(.*?)">(.*?)</div>\n<div class="row|$', source, re.DOTALL)
    labels = re.findall(r'<div class="row" data-tag="(.*?)">', source)
    assert rows
    assert labels[-1] == "fine"
    row = source[source.index('data-tag="fine"') :]
    assert re.search(r'<span class="fill" style="width: 100.00%">', row[:400])
    assert "1/1" in row[:600]


def test_a_bound_is_shown_and_an_unmet_one_stands_out(run):
    source = html(run, {"case_pass_rate": 0.9, "flaky": 0.0})
    assert "2 of 2 bounds not met" in source
    assert 'class="card bad" data-metric="case_pass_rate"' in source
    assert '<span class="bound" style="inset-inline-start: 90.00%">' in card(source, "case_pass_rate")
    assert re.search(r'<tr data-metric="flaky">.*?<td class="number bad">–</td>', source, re.DOTALL)
    met = html(run, {"case_pass_rate": 0.1})
    assert "All 1 bounds met" in met
    assert 'class="card bad"' not in met
    assert "bounds" not in Page(html(run)).text
    assert "is the bound" in Page(source).text
    assert "is the bound" not in Page(html(run)).text


def test_why_a_figure_is_missing_is_told_in_both_languages(run):
    source = html(run)
    assert "every question was asked once" in source
    assert "طُرح كل سؤال مرة واحدة" in source


def test_a_quote_is_marked_in_the_text_around_it(make_case, make_answer, article_text, supported):
    quote = "وأضاف أن العمل بدأ في مايو."

    class Target:
        def answer(self, question, conversation_id, mode):
            return make_answer(quote)

    case = make_case(must_include=[["أبدا"]])
    result = run_case(Target(), "s", case, mode=None, article_text=article_text, supported=supported)
    source = html(gather([result], RECORD))
    assert (
        f"قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا. <mark>{quote}</mark>"
        '<span class="cited">[1]</span> ونفت البلدية التأخير.'
    ) in source


@pytest.fixture
def confident():
    """Twenty cases: the confident pass, the less confident are wrong, the least abstain."""
    cases = []
    for number in range(20):
        status = "abstained" if number < 5 else "answered"
        passed = number < 5 or number > 8
        cases.append(
            CaseResult(
                suite="s",
                id=f"c{number}",
                tags=(),
                question="؟",
                before=(),
                answerable=number > 4,
                passed=passed,
                checks=(),
                status=status,
                mode="extractive",
                confidence=number / 20,
                answer="جواب",
                timings={"search": 10.0 + number},
                tally=Tally(
                    passed=passed, answerable=number > 4, confidence=number / 20, latency_ms=20.0 + 10 * number
                ),
            )
        )
    return gather(cases, RECORD)


def charts_of(source):
    return dict(re.findall(r'<svg [^>]*aria-label="[^"]* · ([^"]*)" direction="ltr">(.*?)</svg>', source, re.DOTALL))


def test_confidence_and_times_are_drawn(confident):
    source = html(confident)
    drawn = charts_of(source)
    assert set(drawn) == {"Risk by coverage", "Reliability of confidence", "Distribution of answer times"}
    assert "75% of the questions are answered; 26.7% of those answers fail a check." in source
    assert len(drawn["Risk by coverage"].split('points="')[-1].split('"')[0].split()) == 15
    assert drawn["Reliability of confidence"].count("<circle") == 10
    assert sum(int(n) for n in re.findall(r" ms: (\d+)</title>", drawn["Distribution of answer times"])) == 20
    assert re.search(r"<code>search</code></th><td class=\"number\">19.5</td>", source)
    Page(source)


def test_a_run_that_told_no_confidence_and_took_no_time_is_a_page_all_the_same(run):
    lost = [case for case in run.cases if case.id == "lost"]
    nothing = {"confidence": None, "answer": None, "status": None, "error": "no route", "timings": {}}
    result = lost[0].model_copy(update=nothing | {"tally": Tally(passed=False, answerable=True)})
    source = html(gather([result], RECORD))
    assert charts_of(source) == {}
    Page(source)


def test_curves_by_size_are_drawn_when_given(run, tmp_path):
    file = tmp_path / "scale.json"
    file.write_text('[{"passages": 1000, "query_ms": {"p50": 4, "p95": 9}}, {"passages": 9000, "rss_mb": 700}]')
    source = html(run, scale=read(file))
    drawn = charts_of(source)
    assert {"Query time", "Memory"} <= set(drawn)
    assert ">p95<" in drawn["Query time"]
    assert "Memory" not in charts_of(html(run))
    Page(source)


def test_the_differences_to_the_previous_run_are_shown(confident):
    broken = [
        case.model_copy(
            update={
                "passed": True,
                "answer": "الجواب القديم",
                "tally": case.tally.model_copy(update={"passed": True}),
            }
        )
        if case.id == "c6"
        else case
        for case in confident.cases
    ]
    source = html(confident, previous=gather(broken, RECORD))
    text = Page(source).text
    assert "Now failing (1)" in re.sub(r"\s+", " ", text)
    assert "Now passing (0)" in re.sub(r"\s+", " ", text)
    assert "−0.050" in card(source, "case_pass_rate")
    assert "The answer before (passed)" in failing_section(source)
    assert "الجواب القديم" in failing_section(source)
    assert "no case in common" in html(confident, previous=gather([], RECORD))


def test_flaky_cases_are_shown_with_all_they_said(confident):
    again = Attempt(passed=False, same=False, status="answered", answer="جواب آخر", error=None)
    first = confident.cases[-1]
    flaky = first.model_copy(update={"repeats": (again,), "tally": first.tally.model_copy(update={"flaky": True})})
    source = html(gather([flaky], RECORD))
    assert "Flaky cases</span> (1)" in source
    assert "جواب آخر" in source
    assert "What was said each time" not in html(confident)


def test_the_command_writes_it(product, write_suite, tmp_path):
    out = tmp_path / "report.html"
    suite = write_suite('- {id: one, question: "كم؟", must_include: [["12"]]}')
    assert CliRunner().invoke(evaluate, ["--suite", str(suite), "--html", str(out)]).exit_code == 0
    assert "must_include[0]" in Page(out.read_text(encoding="utf-8")).text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("correctness", 0.99999, "0.999"),
        ("correctness", 1.0, "1.000"),
        ("correctness", 0.29, "0.290"),
        ("latency_p50_ms", 41.6, "42"),
        ("correctness", None, "–"),
    ],
)
def test_only_a_perfect_share_reads_as_perfect(name, value, text):
    assert shown(name, value) == text
