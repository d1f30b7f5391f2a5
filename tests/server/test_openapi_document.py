"""The OpenAPI document: complete, typed, and true to itself."""

from __future__ import annotations

import pytest

jsonschema = pytest.importorskip("jsonschema")

OPERATIONS = {
    "createAnswer": {"200", "404", "408", "413", "415", "422", "500", "503"},
    "search": {"200", "422", "500", "503"},
    "listExamples": {"200", "422", "500", "503"},
    "listArticles": {"200", "422", "500", "503"},
    "getArticle": {"200", "404", "422", "500", "503"},
    "listSources": {"200", "422", "500", "503"},
    "listVoices": {"200", "422", "500", "503"},
    "getTimeline": {"200", "422", "500", "503"},
    "getEvaluation": {"200", "404", "422", "500"},
    "listConversations": {"200", "422", "500", "503"},
    "renameConversation": {"200", "404", "408", "413", "415", "422", "500", "503"},
    "deleteConversation": {"204", "404", "422", "500", "503"},
    "exportConversation": {"200", "404", "422", "500", "503"},
    "putFeedback": {"200", "404", "408", "413", "415", "422", "500", "503"},
    "deleteFeedback": {"204", "404", "422", "500", "503"},
    "getConversation": {"200", "404", "422", "500", "503"},
    "addArticles": {"202", "408", "413", "415", "422", "500", "503"},
    "putArticle": {"202", "408", "413", "415", "422", "500", "503"},
    "deleteArticle": {"202", "404", "422", "500", "503"},
    "getJob": {"200", "404", "422", "500", "503"},
    "createChatCompletion": {"200", "400", "404", "408", "413", "415", "500", "503"},
    "listModels": {"200", "400", "500"},
    "getModel": {"200", "400", "404", "500"},
    "getHealth": {"200"},
    "getMetrics": {"200"},
    "getReadiness": {"200", "500", "503"},
}
# Errors of these have the shape that OpenAI's clients read.
PROBLEM = "application/problem+json"
OPENAI = {"createChatCompletion", "listModels", "getModel"}
REFUSALS = {"401", "403", "429"}  # of whoever may not, or not so often
PROBES = {"getHealth", "getReadiness", "getMetrics"}


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


@pytest.fixture
def operations(document):
    return {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}


def contents(operation):
    """(where, media type, content) of everything an operation takes and gives."""
    body = operation.get("requestBody", {"content": {}})
    yield from (("request", media_type, content) for media_type, content in body["content"].items())
    for status, response in operation["responses"].items():
        yield from ((status, media_type, content) for media_type, content in response.get("content", {}).items())


def examples_in(content):
    schema = content.get("schema", {})
    yield from schema.get("examples", [])
    if "example" in content:
        yield content["example"]
    yield from (example["value"] for example in content.get("examples", {}).values())


def is_valid(document, schema, value):
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


def test_it_is_written_once_and_stays_the_same(client, document):
    assert document["openapi"].startswith("3.1")
    assert client.get("/openapi.json").json() == document


def test_every_operation_documents_its_statuses(operations):
    documented = {name: set(operation["responses"]) - REFUSALS for name, operation in operations.items()}
    assert documented == OPERATIONS


def test_every_operation_but_the_probes_says_who_may_use_it(document, operations):
    assert set(document["components"]["securitySchemes"]) == {"bearer", "apiKey"}
    for name, operation in operations.items():
        if name in PROBES:
            assert "security" not in operation
        else:
            assert set(operation["responses"]) >= REFUSALS, name
            assert {} in operation["security"]


def test_every_operation_is_named_tagged_and_described(document, operations):
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations.values():
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags
        assert all(response["description"] for response in operation["responses"].values())
        assert all(parameter["description"] for parameter in operation.get("parameters", []))


def test_errors_are_problem_json_only_and_everything_has_an_example(operations):
    for name, operation in operations.items():
        for where, media_type, content in contents(operation):
            if where.isdecimal() and int(where) >= 400:
                expected, shape = ("application/json", "OpenAIError") if name in OPENAI else (PROBLEM, "Problem")
                assert (media_type, content["schema"]) == (expected, {"$ref": f"#/components/schemas/{shape}"})
            assert list(examples_in(content)), (name, where)


def test_every_example_fits_its_own_schema(document, operations):
    checked = 0
    for operation in operations.values():
        for _, _, content in contents(operation):
            for example in examples_in(content):
                is_valid(document, content["schema"], example)
                checked += 1
        for parameter in operation.get("parameters", []):
            for example in parameter["schema"].get("examples", []):
                is_valid(document, parameter["schema"], example)
                checked += 1
    for schema in document["components"]["schemas"].values():
        for property_ in schema["properties"].values():
            for example in property_.get("examples", []):
                is_valid(document, property_, example)
                checked += 1
    assert checked > 40


def test_the_check_of_examples_can_fail(document):
    with pytest.raises(jsonschema.ValidationError):
        is_valid(document, {"$ref": "#/components/schemas/Answer"}, {"id": 1})


def test_example_citations_are_exact(operations):
    def example(name):
        return next(examples_in(operations[name]["responses"]["200"]["content"]["application/json"]))

    article = example("getArticle")
    for citation in example("createAnswer")["citations"]:
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    marks = [mark for voice in example("listVoices")["voices"] for mark in voice["marks"]]
    for cited in [*marks, *example("getTimeline")["entries"]]:
        citation = cited["citation"]
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    for sentence in article["sentences"]:
        speaker = sentence["attribution"]
        named = article["text"][speaker["speaker_start"] : speaker["speaker_end"]]
        assert named == speaker["speaker"]


def test_problem_examples_have_both_languages_and_the_status_they_are_under(operations):
    for name, operation in operations.items():
        for status, _, content in contents(operation):
            if status.isdecimal() and int(status) >= 400:
                for problem in examples_in(content):
                    if name in OPENAI:
                        assert any("\u0621" <= c <= "\u064a" for c in problem["error"]["message_ar"])
                        continue
                    assert problem["status"] == int(status)
                    assert problem["type"].startswith("urn:sanad:problem:")
                    assert any("\u0621" <= c <= "\u064a" for c in problem["detail_ar"])


def test_the_example_request_works_and_its_answer_fits_the_schema(client, document, operations):
    content = operations["createAnswer"]["requestBody"]["content"]["application/json"]
    response = client.post("/v1/answers", json=next(examples_in(content)))
    assert response.status_code == 200
    is_valid(
        document,
        operations["createAnswer"]["responses"]["200"]["content"]["application/json"]["schema"],
        response.json(),
    )


def test_the_events_data_are_described(document):
    assert {"Started", "CitedSentence", "Answer", "Problem"} <= set(document["components"]["schemas"])
