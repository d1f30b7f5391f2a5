"""The report page: whole in one file, safe whatever the answers hold."""

import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from evals.cli import evaluate
from evals.report import html, shown
from evals.runner import gather, run_case
from retrieval.models import AnswerSentence

HOSTILE = '<script>alert("x")</script><img src=//evil.test/a onerror=alert(1)> & {{ 7 * 7 }}'
VOID = {"meta", "br", "link", "img"}


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
    assert page.text.count("{{ 7 * 7 }}") >= 10
    assert "49" not in page.text


def test_nothing_is_fetched(run):
    source = html(run)
    assert not {"src", "href", "action", "srcset"} & {name for name, _ in Page(source).attributes}
    style = re.search("<style>(.*?)</style>", source, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in source


def test_it_is_arabic_first_with_english_beside_it(run):
    page = Page(html(run))
    assert ("lang", "ar") in page.attributes
    assert ("dir", "rtl") in page.attributes
    for heading in ("المقاييس Metrics", "الحالات الفاشلة Failing cases", "حسب الوسم By tag"):
        assert heading in page.text


def test_failing_cases_have_question_answer_and_citations_and_passing_ones_are_left_out(run):
    text = Page(html(run)).text
    failing = text[text.index("Failing cases") :]
    assert "standalone " in failing
    assert "must_include[0]" in failing
    assert "not supported" in failing
    assert "not the stored text" in failing
    assert "lost" in failing
    assert "good" not in failing
    assert "جيد؟" not in failing


def test_the_tag_table_has_each_tag_with_its_own_metrics(run):
    source = html(run)
    row = re.search(r"<tr><th><bdi>fine</bdi>.*?</tr>", source, re.DOTALL)[0]
    assert [cell.strip() for cell in re.findall(r'<td class="number">(.*?)</td>', row, re.DOTALL)][:2] == [
        "1",
        "1.000",
    ]


def test_a_minimum_is_shown_and_an_unmet_one_stands_out(run):
    source = html(run, {"case_pass_rate": 0.9, "abstention_recall": 0.5})
    for name in ("case_pass_rate", "abstention_recall"):
        assert re.search(rf'<code>{name}</code></small></th>\s*<td class="number bad">', source)
    assert 'class="number bad"' not in html(run, {"case_pass_rate": 0.1})


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
