"""The arithmetic of each metric, on answers made by hand, and that each falls when it should."""

import pytest
from sklearn.metrics import roc_auc_score

from evals.metrics import Count, Tally, aggregate, correctness, failed, is_exact, judge
from retrieval.models import AnswerSentence, Attribution

LENGTH = "قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا."
START = "وأضاف أن العمل بدأ في مايو."
DENIAL = "ونفت البلدية التأخير."


@pytest.fixture
def judged(make_case, article_text, supported):
    """Judges an answer to a case with the given fields."""

    def run(answer, **fields):
        return judge(make_case(**fields), answer, article_text=article_text, supported=supported)

    return run


def outcomes(judgement):
    return {check.name: check.passed for check in judgement.checks}


def test_a_right_answer_passes_every_check(judged, make_answer):
    result = judged(
        make_answer(LENGTH, speaker="سالم"),
        must_include=[["12", "اثنا عشر"], ["كيلومتر"]],
        must_not_include=["ميل"],
        quote_includes=[["الجسر"]],
        attributed_to=[{"says": ["يمتد"], "speaker": ["سالم"]}],
    )
    assert all(outcomes(result).values())
    assert len(result.checks) == 9
    assert result.tally == Tally(
        passed=True,
        answerable=True,
        correctness=1.0,
        citation_exactness=Count(hits=1, units=1),
        citation_coverage=Count(hits=1, units=1),
        groundedness=Count(hits=1, units=1),
        citation_precision=Count(hits=1, units=1),
        attribution_accuracy=Count(hits=1, units=1),
        confidence=0.9,
        asked_llm=False,
    )


# correctness


@pytest.mark.parametrize(
    ("fields", "score"),
    [
        ({"must_include": [["12"], ["مايو"], ["ميل", "كيلو"], ["طن"]]}, 0.5),
        ({"must_include": [["12"]], "must_not_include": ["الجسر"]}, 0.0),
        ({"must_not_include": ["ميل"]}, 1.0),
        ({"must_not_include": ["الجسر"]}, 0.0),
        ({}, None),
        ({"must_include": [["12"]], "answerable": False}, None),
    ],
)
def test_correctness_is_the_share_of_groups_met(make_case, make_answer, fields, score):
    assert correctness(make_case(**fields), make_answer(LENGTH)) == score


@pytest.mark.parametrize("fields", [{"must_include": [["المصادر"]]}, {"must_not_include": ["ميل"]}])
def test_an_abstention_is_never_correct(judged, make_case, make_answer, fields):
    assert correctness(make_case(**fields), make_answer()) == 0.0


def test_an_abstention_meets_no_group_even_where_its_text_has_the_words(judged, make_answer):
    result = judged(make_answer(), must_include=[["المصادر"]])
    assert outcomes(result) == {"status": False, "must_include[0]": False}


def test_what_must_not_be_said_fails_the_case(judged, make_answer):
    assert outcomes(judged(make_answer(LENGTH), must_not_include=["ميل", "كيلومتر"])) == {
        "status": True,
        "must_not_include[0]": True,
        "must_not_include[1]": False,
        "citations_exact": True,
        "sentences_cited": True,
        "sentences_grounded": True,
    }


# citation_exactness


def test_a_quote_is_exact_only_at_its_own_span(cite, text):
    good = cite(1, START)
    assert is_exact(good, text)
    off_by_one = {"start": good.start + 1, "end": good.end + 1}
    assert not is_exact(good.model_copy(update=off_by_one), text)
    assert not is_exact(good.model_copy(update={"end": good.end + 1}), text)
    assert not is_exact(good.model_copy(update={"quote": START.replace("أ", "ا")}), text)
    assert not is_exact(good.model_copy(update={"start": -1, "end": 3, "quote": ""}), text)
    assert not is_exact(good.model_copy(update={"start": 3, "end": 3, "quote": ""}), text)
    assert not is_exact(cite(1, text[-5:], end=len(text) + 9), text)
    assert not is_exact(good, None)


@pytest.mark.parametrize("other", [{"article_version": 2}, {"article_id": "road"}, {"start": 0, "end": 5}])
def test_an_inexact_citation_lowers_exactness_and_fails_the_case(judged, make_answer, cite, other):
    citations = (cite(1, LENGTH), cite(2, START, **other))
    result = judged(make_answer(LENGTH, START, citations=citations))
    assert result.tally.citation_exactness == Count(hits=1, units=2)
    assert result.exact == (True, False)
    assert not result.tally.passed
    assert [c.detail for c in result.checks if not c.passed] == ["not so for citation 2"]


def test_passages_shown_when_abstaining_are_checked_too(judged, make_answer, cite):
    good, bad = cite(1, LENGTH), cite(2, START, start=0)
    assert judged(make_answer(related=(good,)), answerable=False).tally.passed
    result = judged(make_answer(related=(good, bad)), answerable=False)
    assert outcomes(result) == {"status": True, "related_exact": False}
    assert result.tally.citation_exactness.units == 0


# citation_coverage and groundedness


def test_a_sentence_without_citation_lowers_coverage_and_groundedness(judged, make_answer):
    sentences = (AnswerSentence(text=LENGTH, citations=(1,)), AnswerSentence(text=START, citations=()))
    result = judged(make_answer(LENGTH, sentences=sentences))
    assert result.tally.citation_coverage == Count(hits=1, units=2)
    assert result.tally.groundedness == Count(hits=1, units=2)
    assert not outcomes(result)["sentences_cited"]


def test_a_number_that_no_citation_has_covers_nothing(judged, make_answer):
    sentences = (AnswerSentence(text=LENGTH, citations=(1, 9)),)
    assert judged(make_answer(LENGTH, sentences=sentences)).tally.citation_coverage == Count(hits=0, units=1)


def test_text_shown_without_sentences_counts_as_one_that_cites_nothing(judged, make_answer):
    result = judged(make_answer(status="answered", text="طوله ١٢ كيلومترا."))
    assert result.tally.citation_coverage == Count(hits=0, units=1)
    assert result.tally.groundedness == Count(hits=0, units=1)
    assert not outcomes(result)["sentences_cited"]


def test_a_sentence_its_quotes_do_not_support_lowers_groundedness(judged, make_answer):
    sentences = (
        AnswerSentence(text=LENGTH, citations=(1,)),
        AnswerSentence(text="بدأ العمل في يونيو.", citations=(2,)),
    )
    result = judged(make_answer(LENGTH, START, sentences=sentences))
    assert result.tally.groundedness == Count(hits=1, units=2)
    assert result.grounded == (True, False)
    assert not outcomes(result)["sentences_grounded"]


# citation_precision


def precision(judged, make_answer, sentence, *quotes):
    return judged(make_answer(*quotes, sentences=(sentence,))).tally.citation_precision


def test_a_citation_beside_the_point_lowers_precision(judged, make_answer):
    sentence = AnswerSentence(text=LENGTH, citations=(1, 2))
    assert precision(judged, make_answer, sentence, LENGTH, DENIAL) == Count(hits=1, units=2)


def test_citations_that_support_only_together_are_both_needed(judged, make_answer):
    sentence = AnswerSentence(text="البلدية كيلومترا.", citations=(1, 2))
    assert precision(judged, make_answer, sentence, LENGTH, DENIAL) == Count(hits=2, units=2)


def test_a_citation_that_names_the_speaker_is_needed(judged, make_answer):
    sentence = AnswerSentence(text=START, citations=(1, 2), attribution=Attribution(speaker="سالم"))
    assert precision(judged, make_answer, sentence, START, LENGTH) == Count(hits=2, units=2)
    nameless = sentence.model_copy(update={"attribution": None})
    assert precision(judged, make_answer, nameless, START, LENGTH) == Count(hits=1, units=2)


def test_naming_the_speaker_again_is_not_needed(judged, make_answer):
    second = "المهندس سالم"
    sentence = AnswerSentence(text=LENGTH, citations=(1, 2), attribution=Attribution(speaker="سالم"))
    assert precision(judged, make_answer, sentence, LENGTH, second) == Count(hits=1, units=2)


def test_no_citation_of_an_unsupported_sentence_counts_and_unused_ones_are_misses(judged, make_answer):
    sentence = AnswerSentence(text="كلام آخر", citations=(1,))
    assert precision(judged, make_answer, sentence, LENGTH, DENIAL) == Count(hits=0, units=2)


# attribution_accuracy and quote_includes


@pytest.mark.parametrize(
    ("attribution", "met"),
    [
        (Attribution(speaker="المهندس سالم"), True),
        (Attribution(outlet="وكالة سالم"), True),
        (Attribution(speaker="البلدية"), False),
        (Attribution(role="سالم"), False),
        (None, False),
    ],
)
def test_a_pair_is_met_by_speaker_or_outlet_of_the_citing_sentence(judged, make_answer, attribution, met):
    sentences = (
        AnswerSentence(text=START, citations=(1,), attribution=attribution),
        AnswerSentence(text=DENIAL, citations=(2,), attribution=Attribution(speaker="سالم")),
    )
    pair = {"says": ["بدأ في مايو"], "speaker": ["سالم"]}
    result = judged(make_answer(START, DENIAL, sentences=sentences), attributed_to=[pair])
    assert result.tally.attribution_accuracy == Count(hits=int(met), units=1)
    assert outcomes(result)["attributed_to[0]"] is met


def test_quotes_are_looked_in_and_not_the_answers_words(judged, make_answer):
    answer = make_answer(DENIAL, text="تأخر الجسر [1]")
    result = judged(answer, quote_includes=[["البلديه"], ["الجسر"]])
    assert outcomes(result)["quote_includes[0]"]
    assert not outcomes(result)["quote_includes[1]"]


# status and abstention


@pytest.mark.parametrize(
    ("quotes", "answerable", "passed"),
    [((), False, True), ((), True, False), ((LENGTH,), True, True), ((LENGTH,), False, False)],
)
def test_the_status_has_to_fit_the_question(judged, make_answer, quotes, answerable, passed):
    assert outcomes(judged(make_answer(*quotes), answerable=answerable))["status"] is passed


def test_a_partial_answer_is_an_answer(judged, make_answer):
    assert judged(make_answer(LENGTH, status="partial")).tally.passed


def test_a_question_that_failed_scores_nothing(make_case):
    pair = {"says": ["ا"], "speaker": ["ب"]}
    result = failed(make_case(must_include=[["12"]], attributed_to=[pair]), "no route")
    assert result.checks[0].detail == "no route"
    assert result.tally == Tally(passed=False, answerable=True, correctness=0.0, attribution_accuracy=Count(units=1))
    assert failed(make_case(answerable=False), "no route").tally.abstained is False


# aggregation


def test_metrics_are_sums_over_the_cases():
    metrics = aggregate(
        [
            Tally(
                passed=True,
                answerable=True,
                correctness=1.0,
                citation_exactness=Count(hits=3, units=3),
                citation_coverage=Count(hits=2, units=2),
                groundedness=Count(hits=1, units=2),
                citation_precision=Count(hits=1, units=3),
                attribution_accuracy=Count(hits=0, units=1),
                latency_ms=10,
            ),
            Tally(
                passed=False,
                answerable=True,
                correctness=0.5,
                citation_exactness=Count(hits=0, units=1),
                citation_coverage=Count(hits=1, units=2),
                groundedness=Count(hits=1, units=2),
                citation_precision=Count(hits=1, units=1),
                attribution_accuracy=Count(hits=1, units=1),
                latency_ms=20,
            ),
            Tally(passed=False, answerable=True, abstained=True, confidence=0.4, latency_ms=30),
            Tally(passed=True, answerable=False, abstained=True, confidence=0.2, flaky=False, latency_ms=110),
            Tally(passed=False, answerable=False, confidence=0.4, flaky=True, asked_llm=True),
        ]
    )
    assert metrics == {
        "case_pass_rate": 0.4,
        "correctness": 0.75,
        "citation_exactness": 0.75,
        "citation_coverage": 0.75,
        "groundedness": 0.5,
        "citation_precision": 0.5,
        "attribution_accuracy": 0.5,
        "abstention_recall": 0.5,
        "abstention_precision": 0.5,
        "abstention_f1": 0.5,
        "abstention_auroc": 0.75,
        "flaky": 0.5,
        "llm_calls": 1.0,
        "latency_p50_ms": 25.0,
        "latency_p95_ms": pytest.approx(98.0),
        "latency_p99_ms": pytest.approx(107.6),
    }


def test_nothing_measured_is_none_and_never_perfect():
    metrics = aggregate([Tally(passed=True, answerable=True)])
    assert metrics.pop("case_pass_rate") == 1.0
    assert set(metrics.values()) == {None}
    assert set(aggregate([]).values()) == {None}


@pytest.mark.parametrize(
    ("abstained", "f1"),
    [({"u1", "u2"}, 1.0), ({"u1"}, 2 / 3), ({"u1", "a1"}, 0.5), ({"a1"}, 0.0), (set(), 0.0)],
)
def test_abstention_f1_is_the_harmonic_mean_of_precision_and_recall(abstained, f1):
    names = {"u1": False, "u2": False, "a1": True, "a2": True}
    tallies = [Tally(passed=True, answerable=right, abstained=name in abstained) for name, right in names.items()]
    metrics = aggregate(tallies)
    assert metrics["abstention_f1"] == pytest.approx(f1)
    precision, recall = metrics["abstention_precision"], metrics["abstention_recall"]
    if precision and recall:
        assert f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_the_auroc_of_confidence_agrees_with_scikit_learn():
    confidences = [0.9, 0.8, 0.8, 0.7, 0.5, 0.5, 0.1]
    answerable = [True, True, False, True, False, True, False]
    tallies = [
        Tally(passed=True, answerable=right, confidence=confidence)
        for confidence, right in zip(confidences, answerable, strict=True)
    ]
    assert aggregate(tallies)["abstention_auroc"] == pytest.approx(roc_auc_score(answerable, confidences))
    assert aggregate(tallies[:2])["abstention_auroc"] is None


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, False),
        ({"mode": "generative"}, True),
        ({"notes": ("llm_failed:timeout",)}, True),
        ({"notes": ("sentences_dropped:2",)}, True),
    ],
)
def test_a_language_model_was_asked_when_it_answered_or_was_fallen_back_from(judged, make_answer, fields, asked):
    assert judged(make_answer(LENGTH, **fields)).tally.asked_llm is asked
