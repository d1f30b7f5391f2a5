"""The pytest plugin, run by pytest itself on tests as a team would write them."""

import os
import subprocess
import sys
from importlib.metadata import entry_points

# pytester forgets the modules that its runs load: httpx would know its transport's errors no longer.
import httpcore  # noqa: F401
import pytest

pytest_plugins = ["pytester"]

LENGTH = "قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا."
START = "وأضاف أن العمل بدأ في مايو."


@pytest.fixture
def product(product, make_answer):
    """Knows how long the bridge is and, when asked after that, when the work began."""
    product.engine.answers |= {
        "كم طول الجسر؟": make_answer(LENGTH, speaker="المهندس سالم"),
        "ومتى بدأ؟": make_answer(START),
    }
    return product


@pytest.fixture
def project(pytester, product, monkeypatch):
    """A project of its own, with a corpus folder and the settings given; ``project(test="…")`` runs its tests.

    Its pytest loads the plugin as it would anywhere, by the entry point.
    """
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.mkdir("articles")

    def run(ini="sanad_corpus = articles", **tests):
        pytester.makeini(f"[pytest]\n{ini}\n")
        for name, source in tests.items():
            pytester.makepyfile(**{f"test_{name}": source})
        return pytester.runpytest_inprocess("-p", "no:cacheprovider")

    return run


def test_it_is_found_by_every_pytest():
    (found,) = [point for point in entry_points(group="pytest11") if point.name == "sanad"]
    assert found.value == "evals.pytest_plugin"


@pytest.mark.sqlite  # a process that keeps its catalogs on PostgreSQL has loaded what does
def test_nothing_is_loaded_in_a_run_that_does_not_use_it(tmp_path):
    heavy = ("evals.runner", "evals.suite", "retrieval", "ingest", "torch", "numpy", "pydantic", "yaml")
    (tmp_path / "test_other.py").write_text(
        "import sys\n"
        "def test_other(request):\n"
        "    assert request.config.pluginmanager.has_plugin('sanad')\n"
        f"    assert [name for name in {heavy!r} if name in sys.modules] == []\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nsanad_corpus = nowhere\n")
    (tmp_path / "data.yaml").write_text("- no suite")
    # Plugins of others load what they like.
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "sanad", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout


def test_assertions_that_hold(project, product):
    result = project(
        bridge="""
        def test_length(sanad):
            answer = sanad.ask("كم طول الجسر؟")
            answer.assert_answers().assert_cited().assert_says("اثنا عشر", "12").assert_does_not_say("ميل")
            answer.assert_quotes("re:يمتد 1[0-9]").assert_attributed("سالم").assert_attributed("سالم", says="الجسر")
            assert "كيلومترا" in answer.text
            assert answer.quotes == ["قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا."]

        def test_follow_up(sanad):
            sanad.ask("ومتى بدأ؟", before=["كم طول الجسر؟"], mode="extractive").assert_says("مايو")

        def test_cost(sanad):
            sanad.ask("كم كلّف؟").assert_abstains()
        """
    )
    result.assert_outcomes(passed=3)
    assert ("كم طول الجسر؟", None, "extractive") in product.engine.asked
    assert ("ومتى بدأ؟", "c", "extractive") in product.engine.asked


# (question, assertion, what it says when it does not hold)
UNHELD = (
    ("كم كلّف؟", "assert_answers()", "wanted an answer, it abstains"),
    ("كم كلّف؟", "assert_cited()", "wanted an answer, it abstains"),
    ("كم كلّف؟", "assert_says('لا جواب')", "wanted an answer, it abstains"),
    ("كم طول الجسر؟", "assert_abstains()", "wanted an abstention, the answer is answered"),
    ("كم طول الجسر؟", "assert_says('13', 'ثلاثة عشر')", "does not say 13 | ثلاثة عشر"),
    ("كم طول الجسر؟", "assert_does_not_say('الجسر')", "says الجسر"),
    ("كم طول الجسر؟", "assert_quotes('مايو')", "no quote has مايو"),
    ("كم طول الجسر؟", "assert_attributed('البلدية')", "no sentence is attributed to البلدية"),
    ("كم طول الجسر؟", "assert_attributed('سالم', says='مايو')", "no sentence of مايو is attributed to سالم"),
    ("ومتى بدأ؟", "assert_attributed('سالم')", "no sentence is attributed to سالم"),
)


def test_assertions_that_do_not_hold_say_why_and_show_the_answer(project):
    tests = "".join(
        f"def test_{number}(sanad):\n    sanad.ask({question!r}).{assertion}\n"
        for number, (question, assertion, _) in enumerate(UNHELD)
    )
    result = project(bridge=tests)
    result.assert_outcomes(failed=len(UNHELD))
    told = result.stdout.str().split("____ test_")[1:]
    assert len(told) == len(UNHELD)
    for text, (_, _, reason) in zip(told, UNHELD, strict=True):
        assert f"Failed: {reason}" in text
        assert "answer (" in text
        assert "pytest_plugin.py" not in text


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"citations": ()}, "a sentence without its citation"),
        ({"sentences": ()}, "the answer has no sentence"),
    ],
)
def test_an_answer_that_cites_nothing_is_not_cited(project, product, make_answer, fields, reason):
    product.engine.answers["ومتى بدأ؟"] = make_answer(START, **fields)
    result = project(bridge="def test_it(sanad):\n    sanad.ask('ومتى بدأ؟').assert_cited()\n")
    result.assert_outcomes(failed=1)
    assert reason in result.stdout.str()


def test_a_quote_that_is_not_the_stored_text_is_not_cited(project, product, make_answer, cite):
    moved = cite(1, START, start=3)
    product.engine.answers["ومتى بدأ؟"] = make_answer(START, citations=(moved,))
    result = project(bridge="def test_it(sanad):\n    sanad.ask('ومتى بدأ؟').assert_cited()\n")
    result.assert_outcomes(failed=1)
    assert "citation [1] is not the stored text of bridge" in result.stdout.str()


def test_one_index_serves_all_tests_and_is_removed_at_the_end(project, product, pytester):
    ask = "def test_it(sanad):\n    sanad.ask('كم طول الجسر؟')\n"
    project(one=ask, two=ask).assert_outcomes(passed=2)
    assert product.ingested == [[pytester.path / "articles"]]
    assert product.engine.closed
    assert not product.indexes[0].exists()


def test_an_index_that_is_there_is_asked_and_kept(project, product, pytester):
    folder = pytester.mkdir("news")
    result = project("sanad_index = news", one="def test_it(sanad):\n    sanad.ask('كم طول الجسر؟').assert_answers()\n")
    result.assert_outcomes(passed=1)
    assert product.ingested == []
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("ini", "reason"),
    [
        ("", "needs one of sanad_url, sanad_index, sanad_corpus"),
        ("sanad_corpus = articles\nsanad_index = news", "sanad_index and sanad_corpus name different things"),
        ("sanad_index = nowhere", "there is no folder"),
        ("sanad_url = http://127.0.0.1:1", "Cannot evaluate: GET http://127.0.0.1:1/readyz"),
    ],
)
def test_settings_that_name_nothing_to_ask_are_told(project, ini, reason):
    result = project(ini, one="def test_it(sanad):\n    pass\n")
    result.assert_outcomes(errors=1)
    assert reason in result.stdout.str()


SUITE = """suite: bridges
corpus: [articles]
cases:
  - {id: length, question: "كم طول الجسر؟", must_include: [["12"]], tags: [numbers]}
  - {id: wrong, question: "ومتى بدأ؟", before: ["كم طول الجسر؟"], must_include: [["يونيو"]]}
  - {id: cost, question: "كم كلّف؟", answerable: false}
"""


def test_the_cases_of_suites_are_tests(project, pytester, product):
    (pytester.path / "bridges.yaml").write_text(SUITE, encoding="utf-8")
    (pytester.path / "other.yaml").write_text("- no suite", encoding="utf-8")
    result = project("sanad_suites = bridges.yaml")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*bridges/wrong*",
            "before: كم طول الجسر؟",
            "question: ومتى بدأ؟",
            "not met: must_include?0? (يونيو)",
            "answer (answered): *",
        ]
    )
    assert product.ingested == [[pytester.path / "articles"]]


def test_the_case_named_alone_is_run_alone(project, pytester):
    (pytester.path / "bridges.yaml").write_text(SUITE, encoding="utf-8")
    project("sanad_suites = *.yaml").assert_outcomes(passed=2, failed=1)
    pytester.runpytest_inprocess("bridges.yaml::length").assert_outcomes(passed=1)


def test_suites_are_not_collected_unless_named(project, pytester):
    (pytester.path / "bridges.yaml").write_text(SUITE, encoding="utf-8")
    project(one="def test_it():\n    pass\n").assert_outcomes(passed=1)


def test_a_suite_asks_what_the_settings_name_rather_than_its_own_corpus(project, pytester, product):
    pytester.mkdir("news")
    (pytester.path / "bridges.yaml").write_text(SUITE.replace("articles", "not-here"), encoding="utf-8")
    project("sanad_suites = *.yaml\nsanad_index = news").assert_outcomes(passed=2, failed=1)
    assert product.ingested == []


def test_a_malformed_suite_is_an_error_of_collection(project, pytester):
    (pytester.path / "bridges.yaml").write_text("suite: bridges\ncorpus: [articles]\ncases: []\n", encoding="utf-8")
    result = project("sanad_suites = *.yaml")
    result.assert_outcomes(errors=1)
    assert "bridges.yaml: field cases: " in result.stdout.str()
