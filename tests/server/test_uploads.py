"""Articles over HTTP: added, replaced and deleted by jobs, seen whole or not at all. Over a real catalog."""

from __future__ import annotations

import io
import json
import runpy
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from ingest import pipeline, untrusted
from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings
from retrieval.tables import JobRow
from server.app import create_app
from server.keys import Keys

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
GARDEN = "افتتحت البلدية حديقة المدينة يوم الخميس. قال المهندس سامر العلي إن فيها ألف شجرة."
TRAIN = "يربط قطار الساحل المدينة بالميناء. تستغرق الرحلة أربعين دقيقة."
LOCAL = "http://127.0.0.1:8000"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index", ingest_queue=2, upload_megabytes=30)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    embedder = HashingEmbedder()
    ingest_articles([Article(id="garden", text=GARDEN)], settings, embedder=embedder)
    with closing(Engine(settings, embedder=embedder)) as engine:
        yield engine


@pytest.fixture
def client(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(settings, engine), base_url=LOCAL) as client:
        yield client


def upload(client: TestClient, *files: tuple[str, bytes | str], **options: Any) -> Any:
    parts = [("files", (name, data.encode() if isinstance(data, str) else data)) for name, data in files]
    return client.post("/v1/articles", files=parts, **options)


def ended(client: TestClient, response: Any, **options: Any) -> dict[str, Any]:
    """The job of a 202, when it has ended."""
    assert response.status_code == 202, response.text
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = client.get(response.headers["Location"], **options).json()
        if job["state"] in ("done", "failed", "interrupted"):
            return job
        time.sleep(0.02)
    raise AssertionError(job)


def outcomes(job: dict[str, Any]) -> list[str]:
    return [file["outcome"] for file in job["files"]]


def docx(body: str, relations: str = "", before: str = "") -> bytes:
    types = f"{PACKAGE}/content-types"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
            f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        )
        archive.writestr(
            "word/document.xml", f'{before}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        )
    return file.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf(stream: bytes, filters: str, more: str = "") -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 99 99]/Resources<<>>{more}>>".encode(),
        b"<</Length %d/Filter%s>>stream\n%s\nendstream" % (len(stream), filters.encode(), stream),
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, data in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, data)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        start,
    )


def test_an_upload_is_found_without_a_restart(client: TestClient, engine: Engine) -> None:
    generation = engine.generation
    response = upload(client, ("قطار.txt", TRAIN), ("garden.txt", GARDEN))
    assert response.json()["state"] == "queued"
    job = ended(client, response)
    assert job["state"] == "done", json.dumps(job["files"], ensure_ascii=False)
    assert [(file["name"], file["outcome"], file["article_ids"]) for file in job["files"]] == [
        ("قطار.txt", "added", ["قطار"]),
        ("garden.txt", "replaced" if outcomes(job)[1] == "replaced" else "unchanged", ["garden"]),
    ]
    assert engine.generation > generation
    hits = client.get("/v1/search", params={"q": "قطار الساحل"}).json()["hits"]
    assert hits[0]["passage"]["article_id"] == "قطار"
    answer = client.post("/v1/answers", json={"question": "كم تستغرق رحلة قطار الساحل؟"}).json()
    assert all(citation["article_id"] in ("قطار", "garden") for citation in answer["citations"])
    assert not (engine.settings.index / "uploads" / job["id"]).exists()


def test_the_type_is_told_by_the_content_and_not_by_the_name(client: TestClient) -> None:
    job = ended(
        client,
        upload(
            client,
            ("page.txt", f"<!doctype html><html><body><article><h1>عنوان</h1><p>{TRAIN}</p></article></body></html>"),
            ("word.html", docx(paragraph(GARDEN))),
            ("notes.pdf", f"---\ntitle: حديقة\nid: from-front-matter\n---\n{GARDEN}"),
            ("image.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            ("old.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ),
    )
    assert job["state"] == "done"
    assert outcomes(job) == ["added", "added", "added", "failed", "failed"]
    assert client.get("/v1/articles/page").json()["title"] == "عنوان"
    assert client.get("/v1/articles/from-front-matter").json()["title"] == "حديقة"
    assert all(file["detail"] and file["detail_ar"] for file in job["files"][3:])


def test_a_citation_stays_valid_when_its_article_is_replaced_and_deleted(client: TestClient) -> None:
    answer = client.post("/v1/answers", json={"question": "كم شجرة في حديقة المدينة؟"}).json()
    citation = (answer["citations"] or answer["related"])[0]
    new = {"text": "أُغلقت حديقة المدينة للصيانة.", "title": "إغلاق", "published": "2025-03-01", "source": "الميناء"}
    job = ended(client, client.put("/v1/articles/garden", json=new))
    assert outcomes(job) == ["replaced"]
    assert outcomes(ended(client, client.put("/v1/articles/garden", json=new))) == ["unchanged"]
    latest = client.get("/v1/articles/garden").json()
    assert (latest["version"], latest["title"], latest["language"]) == (2, "إغلاق", "ar")
    assert outcomes(ended(client, client.delete("/v1/articles/garden"))) == ["deleted"]
    assert client.get("/v1/articles/garden").status_code == 404
    cited = client.get("/v1/articles/garden", params={"version": citation["article_version"]}).json()
    assert cited["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_one_file_may_replace_one_article(client: TestClient) -> None:
    response = client.put("/v1/articles/garden", files={"files": ("other.txt", TRAIN.encode())})
    assert outcomes(ended(client, response)) == ["replaced"]
    assert client.get("/v1/articles/garden").json()["text"] == TRAIN
    several = f"{GARDEN}\n{TRAIN}\n\n{TRAIN}\n{GARDEN}\n\n{GARDEN}\n{GARDEN}"
    job = ended(client, client.put("/v1/articles/garden", files={"files": ("several.txt", several.encode())}))
    assert job["state"] == "failed"
    assert "more than one" in job["files"][0]["detail"]
    two = [("files", ("a.txt", b"a")), ("files", ("b.txt", b"b"))]
    assert client.put("/v1/articles/garden", files=two).status_code == 422


@pytest.mark.parametrize(
    ("body", "location"),
    [({}, "body.text"), ({"text": ""}, "body.text"), ({"text": "نص", "published": "soon"}, "body.published")],
)
def test_a_replacement_that_does_not_fit_is_refused(client: TestClient, body: dict[str, Any], location: str) -> None:
    refused = client.put("/v1/articles/garden", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["location"] == location


def test_requests_that_are_no_uploads_are_refused(client: TestClient) -> None:
    def code(response: Any) -> tuple[int, str]:
        return response.status_code, response.json()["type"].removeprefix("urn:sanad:problem:")

    assert code(client.post("/v1/articles", json={})) == (415, "not-an-upload")
    assert code(client.put("/v1/articles/a", content=b"x", headers={"content-type": "text/plain"})) == (
        415,
        "unsupported-media-type",
    )
    headers = {"content-type": "multipart/form-data"}
    assert code(client.post("/v1/articles", content=b"x", headers=headers)) == (422, "malformed-upload")
    broken = {"content-type": "multipart/form-data; boundary=b"}
    assert code(client.post("/v1/articles", content=b"--c\r\n\r\n", headers=broken))[0] == 422
    assert code(client.post("/v1/articles", files={"text": (None, "no file")})) == (422, "no-files")
    assert code(upload(client, *[(f"{n}.txt", "x") for n in range(101)])) == (422, "no-files")
    assert code(upload(client, ("big.txt", b"a" * (31 * 2**20)))) == (413, "body-too-large")
    chunks = (b"a" * 2**20 for _ in range(40))
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    endless = client.post("/v1/articles", content=(c for part_ in ([part], chunks) for c in part_), headers=broken)
    assert code(endless) == (413, "body-too-large")
    assert code(client.delete("/v1/articles/unknown")) == (404, "unknown-article")
    assert code(client.put("/v1/articles/..", json={"text": "نص"}))[0] in (404, 405, 422)


@pytest.mark.parametrize(
    "name",
    ["../../evil.txt", "..\\..\\evil.txt", "/etc/evil.txt", "C:\\evil.txt", "a/../../../evil.txt"],
)
def test_a_path_in_a_name_leads_nowhere(client: TestClient, engine: Engine, tmp_path: Path, name: str) -> None:
    before = set(tmp_path.parent.rglob("*evil*"))
    job = ended(client, upload(client, (name, TRAIN)))
    assert job["state"] == "done"
    assert job["files"][0]["article_ids"] == ["evil"]
    assert set(tmp_path.parent.rglob("*evil*")) == before
    assert not Path("/etc/evil.txt").exists()


def test_names_are_made_harmless() -> None:
    assert untrusted.safe_name("../\u202etxt.خبر\u2066<script>.html") == "txt.خبرscript.html"
    assert untrusted.safe_name("..") == untrusted.safe_name("") == untrusted.safe_name("\0\n") == "upload"
    assert len(untrusted.safe_name("ا" * 500 + ".txt")) <= 120
    assert untrusted.safe_name("ا" * 500 + ".txt").endswith(".txt")


BOMBS: dict[str, Callable[[], bytes]] = {
    "zip of zeros": lambda: docx(paragraph("ا" * 30_000_000)),
    "many paragraphs": lambda: docx("<w:p/>" * 2_000_000),
    "nested entities": lambda: docx(
        paragraph("&e8;"),
        before="<!DOCTYPE d ["
        + "".join(f'<!ENTITY e{n} "{(f"&e{n - 1};" if n else "ha") * 10}">' for n in range(9))
        + "]>",
    ),
    "stream in a stream": lambda: pdf(
        zlib.compress(zlib.compress(bytes(300_000_000), 9), 9), "[/FlateDecode/FlateDecode]"
    ),
    "many operators": lambda: pdf(zlib.compress(b"q " * 30_000_000, 9), "/FlateDecode"),
    "deep html": lambda: b"<html>" + b"<div>" * 2_000_000,
    "wide html": lambda: b"<html>" + b"<p>a" * 4_000_000,
    "attributes": lambda: b"<html " + b" ".join(b"a%d=1" % n for n in range(1_000_000)) + b">x",
    "aliases": lambda: (
        b"---\na: &a [x]\n"
        + b"".join(b"b%d: &b%d [%s]\n" % (n, n, b",".join([b"*b%d" % (n - 1) if n else b"*a"] * 9)) for n in range(9))
        + b"topics: *b8\n---\nx"
    ),
    "nested yaml": lambda: b"---\na: " + b"[" * 1_000_000 + b"\n---\nx",
    "long text": lambda: "كلمة ".encode() * 500_000,
}


def test_bombs_are_refused_within_bounds_and_what_comes_after_them_is_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted, "SECONDS", 4.0)  # a reader process may take some of it to start
    files = [(f"{name}.txt", make()) for name, make in BOMBS.items()]
    for start in range(0, len(files), 3):
        job = ended(client, upload(client, *files[start : start + 3]))
        assert set(outcomes(job)) <= {"failed", "added"}, job
    # A fast machine may read one to its end within the bounds: then there is little in it.
    assert all(article["characters"] < 1000 for article in client.get("/v1/articles?limit=100").json()["articles"])
    monkeypatch.undo()
    assert outcomes(ended(client, upload(client, ("after.txt", TRAIN)))) == ["added"]


def test_nothing_fetches_an_address_from_a_document(client: TestClient) -> None:
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        page = (
            f'<!DOCTYPE html SYSTEM "{url}/dtd"><html><head><base href="{url}/">'
            f'<link rel="stylesheet" href="{url}/css">'
            f'<script src="{url}/js"></script><meta http-equiv="refresh" content="0;url={url}/refresh"></head><body>'
            f'<article><img src="{url}/img"><iframe src="{url}/frame"></iframe><p>{TRAIN}</p></article></body></html>'
        )
        entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{url}/entity"><!ENTITY % y SYSTEM "{url}/parameter"> %y;]>'
        relation = (
            f'<Relationship Id="t" Type="{OFFICE}/attachedTemplate" Target="{url}/template" TargetMode="External"/>'
        )
        link = f"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI({url}/link)>>>>]"
        text = zlib.compress(b"BT /F1 12 Tf (text) Tj ET")
        job = ended(
            client,
            upload(
                client,
                ("page.html", page),
                ("template.docx", docx(paragraph(TRAIN), relation)),
                ("entity.docx", docx(paragraph("&x;"), before=entity)),
                ("link.pdf", pdf(text, "/FlateDecode", link)),
                ("image.md", f"---\ntitle: !!python/object/apply:os.system ['curl {url}/yaml']\n---\n![x]({url}/md)"),
            ),
        )
        server.shutdown()
    assert outcomes(job)[:2] == ["added", "added"]
    assert asked == []


def test_the_reader_of_strangers_files_has_no_network_no_programs_and_no_secrets(tmp_path: Path) -> None:
    for code in (
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        f"open({str(tmp_path / 'x')!r}, 'w')",
    ):
        with pytest.raises(PermissionError, match="not for documents"):
            _under_hook(code)


def _under_hook(code: str) -> None:
    """Run code as the reader's process would: the hook cannot be taken off again, hence a process."""
    import subprocess
    import sys

    program = f"import sys\nfrom ingest.untrusted import _deny\nsys.addaudithook(_deny)\n{code}\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    if "PermissionError" in done.stderr:
        raise PermissionError(done.stderr.splitlines()[-1])


class Gate:
    """An embedder's ``passages`` that waits until it is let through."""

    def __init__(self, embedder: Any) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        passages = embedder.passages

        def waiting(*arguments: Any) -> Any:
            self.entered.set()
            assert self.open.wait(30)
            return passages(*arguments)

        embedder.passages = waiting


def test_uploads_wait_their_turn_and_past_the_queue_are_refused(client: TestClient, engine: Engine) -> None:
    gate = Gate(engine.embedder)
    first = upload(client, ("first.txt", TRAIN))
    assert gate.entered.wait(30)
    second = upload(client, ("second.txt", TRAIN))
    refused = upload(client, ("third.txt", TRAIN))
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "30"
    assert refused.json()["type"] == "urn:sanad:problem:ingest-queue-full"
    assert client.delete("/v1/articles/garden").status_code == 503
    # While one is at work nothing of it is to be seen, and answers go on.
    assert client.get(first.headers["Location"]).json()["state"] == "embedding"
    assert client.get(second.headers["Location"]).json()["state"] == "queued"
    assert client.get("/v1/articles/first").status_code == 404
    assert client.get("/v1/search", params={"q": "قطار"}).status_code == 200
    gate.open.set()
    assert outcomes(ended(client, first)) == outcomes(ended(client, second)) == ["added"]


def test_readers_never_see_half_an_article(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "COMMIT_EVERY", 1)
    texts = {f"خبر-{n}": f"أعلنت بلدية القرية {n} افتتاح مدرسة. " * 20 for n in range(8)}
    response = upload(client, *[(f"{name}.txt", text) for name, text in texts.items()])
    job = None
    while job is None or job["state"] not in ("done", "failed"):
        for article in client.get("/v1/articles").json()["articles"]:
            whole = client.get(f"/v1/articles/{article['id']}").json()
            assert article["characters"] == len(whole["text"])
            assert article["sentences"] == len(whole["sentences"]) > 0
        for hit in client.get("/v1/search", params={"q": "مدرسة القرية"}).json()["hits"]:
            assert hit["passage"]["text"]
        job = client.get(response.headers["Location"]).json()
    assert outcomes(job) == ["added"] * 8
    assert len(client.get("/v1/articles").json()["articles"]) == 9


def test_a_job_is_followed_by_events_to_its_end(client: TestClient) -> None:
    location = upload(client, ("a.txt", TRAIN), ("b.txt", GARDEN)).headers["Location"]
    with client.stream("GET", location, headers={"accept": "text/event-stream"}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = list(response.iter_lines())
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert {line for line in lines if line.startswith("event: ")} == {"event: job"}
    assert told[-1]["state"] == "done"
    assert told[-1] == client.get(location).json()
    order = ["queued", "reading", "embedding", "done"]
    states = [order.index(job["state"]) for job in told]
    assert states == sorted(states)


def test_two_files_of_one_upload_with_one_id_do_not_overwrite_each_other(client: TestClient) -> None:
    job = ended(
        client, upload(client, ("same.txt", TRAIN), ("same.html", f"<html><body><p>{GARDEN}</p></body></html>"))
    )
    assert outcomes(job) == ["added", "failed"]
    assert "same" in job["files"][1]["detail_ar"]
    assert client.get("/v1/articles/same").json()["text"] == TRAIN


def test_another_keys_job_does_not_exist_but_for_an_admin(client: TestClient, engine: Engine) -> None:
    keys = Keys(engine.database)
    first, second = ({"X-API-Key": keys.create("k", ["ingest"])[1]} for _ in range(2))
    admin = {"X-API-Key": keys.create("a", ["admin"])[1]}
    response = upload(client, ("a.txt", TRAIN), headers=first)
    ended(client, response, headers=first)
    location = response.headers["Location"]
    assert client.get(location, headers=second).status_code == 404
    assert client.get(location).status_code == 404
    assert client.get(location, headers=admin).status_code == 200
    assert client.get("/v1/jobs/none", headers=first).status_code == 404


def test_only_those_who_may_change_articles(settings: Settings, engine: Engine) -> None:
    elsewhere = TestClient(create_app(settings, engine), base_url="http://news.example")
    reader = {"X-API-Key": Keys(engine.database).create("r", ["read", "ask"])[1]}
    assert upload(elsewhere, ("a.txt", TRAIN)).status_code == 401
    assert upload(elsewhere, ("a.txt", TRAIN), headers=reader).status_code == 403
    assert elsewhere.put("/v1/articles/garden", json={"text": "x"}).status_code == 401
    assert elsewhere.delete("/v1/articles/garden").status_code == 401
    foreign = TestClient(create_app(settings, engine), base_url=LOCAL)
    assert upload(foreign, ("a.txt", TRAIN), headers={"Origin": "https://evil.example"}).status_code == 401
    assert foreign.get("/v1/articles/a").status_code == 404


def test_what_a_restart_cut_off_is_marked_so(settings: Settings, engine: Engine) -> None:
    with TestClient(create_app(settings, engine), base_url=LOCAL) as client:
        finished = upload(client, ("a.txt", TRAIN))
        ended(client, finished)
        cut_off = upload(client, ("b.txt", TRAIN))
        ended(client, cut_off)
    with engine.database.write() as session:  # as a kill would have left it
        session.execute(update(JobRow).where(JobRow.id == cut_off.json()["id"]).values(state="embedding"))
    left = settings.index / "uploads" / cut_off.json()["id"]
    left.mkdir(parents=True)
    with TestClient(create_app(settings, engine), base_url=LOCAL) as client:
        assert client.get(cut_off.headers["Location"]).json()["state"] == "interrupted"
        assert client.get(finished.headers["Location"]).json()["state"] == "done"
        assert not left.exists()


def test_a_second_server_leaves_the_jobs_of_the_first_alone(settings: Settings, engine: Engine) -> None:
    gate = Gate(engine.embedder)
    with TestClient(create_app(settings, engine), base_url=LOCAL) as first:
        working = upload(first, ("a.txt", TRAIN))
        assert gate.entered.wait(30)
        waiting = upload(first, ("b.txt", TRAIN))
        with TestClient(create_app(settings, engine), base_url=LOCAL) as second:
            states = [second.get(response.headers["Location"]).json()["state"] for response in (working, waiting)]
            assert states == ["embedding", "queued"]
        gate.open.set()
        assert outcomes(ended(first, working)) == outcomes(ended(first, waiting)) == ["added"]


def test_stopping_the_server_leaves_no_job_open(settings: Settings, engine: Engine) -> None:
    gate = Gate(engine.embedder)
    with TestClient(create_app(settings, engine), base_url=LOCAL) as client:
        responses = [upload(client, ("a.txt", TRAIN)), upload(client, ("b.txt", TRAIN))]
        assert gate.entered.wait(30)
        threading.Timer(0.3, gate.open.set).start()
    with TestClient(create_app(settings, engine), base_url=LOCAL) as client:
        states = [client.get(response.headers["Location"]).json()["state"] for response in responses]
    assert states == ["interrupted", "interrupted"]
