"""Which files are read, and what holds for every type: ids, encodings, limits, errors in both languages."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from ingest import readers
from ingest.readers import discover, read
from ingest.readers.layout import detect_language, slug
from retrieval.errors import UnreadableFile

ARABIC = "وصل الوفد إلى العاصمة صباح اليوم لبحث الملف مع الوزير."
ENGLISH = "The delegation arrived in the capital this morning to meet the minister of foreign affairs."
PERSIAN = "هیئت مذاکره‌کننده امروز صبح برای گفت‌وگو با وزیر به پایتخت رسید و چند ساعت ماند."


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_encodings(tmp_path: Path, suffix: str, encoding: str) -> None:
    content = f"<p>{ARABIC}</p>" if suffix == ".html" else ARABIC
    [article] = read(write(tmp_path / f"a{suffix}", content.encode(encoding)))
    assert (article.text, article.language) == (ARABIC, "ar")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        (bytes(range(1, 32)) * 10, "binary"),
        (
            ARABIC.encode()[:-2] + b"\xff\xfe and more",
            "encoding",
        ),  # UTF-8 with a broken byte is not windows-1256
        ("Größe und Übermaß, schöne Grüße".encode("cp1252"), "encoding"),
        (b"\xff\xfe\x00\xd8", "encoding"),  # UTF-16 with half a surrogate pair
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_what_is_not_text_is_refused(tmp_path: Path, suffix: str, data: bytes, code: str) -> None:
    path = write(tmp_path / f"a{suffix}", data)
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    assert caught.value.reason_code == code
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_text_is_normalised_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    decomposed = "اجتمع الوفدا\u0653ن  أَوّلًا، «كذا»\u200f"
    [article] = read(write(tmp_path / f"a{suffix}", f"{decomposed}  \r\n<br>{ARABIC}".replace("<br>", "")))
    expected = unicodedata.normalize("NFC", decomposed)
    if suffix == ".html":  # in HTML, runs of spaces and line ends are one space
        assert article.text == " ".join(f"{expected} {ARABIC}".split())
    else:
        assert article.text == f"{expected}\n{ARABIC}"


def test_size_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt", ARABIC)
    monkeypatch.setattr(readers, "MAX_BYTES", len(ARABIC.encode()))
    assert read(path)
    monkeypatch.setattr(readers, "MAX_BYTES", len(ARABIC.encode()) - 1)
    with pytest.raises(UnreadableFile, match="larger than"):
        read(path)


def test_files_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        read(tmp_path / "absent.md")
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(UnreadableFile, match="not a regular file"):
        read(tmp_path / "folder.md")
    with pytest.raises(UnreadableFile, match=r"type \.xls is not supported"):
        read(write(tmp_path / "a.xls", "x"))

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.txt", ARABIC)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableFile, match="Permission denied"):
        read(path)


def test_reason_is_told_in_the_language_of_the_message(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path / "absent.txt")
    assert "لا يوجد ملف" in caught.value.message("ar")
    assert "no such file" in caught.value.message("en")
    assert "no such file" not in caught.value.message("ar")


def test_discover(tmp_path: Path) -> None:
    wanted = [write(tmp_path / name, "x") for name in ("a.md", "b/C.TXT", "b/d.html", "b/e/f.pdf", "g.docx")]
    for name in ("README.md", "b/readme.md", ".hidden.md", ".git/h.md", "~$g.docx", "b/i.json", "j"):
        write(tmp_path / name, "x")
    assert discover([tmp_path]) == sorted(wanted)
    assert discover([tmp_path / "b", tmp_path, wanted[0]]) == sorted(wanted)
    assert discover([tmp_path / "README.md"]) == [tmp_path / "README.md"]
    assert discover([tmp_path / "b" / "i.json"]) == [tmp_path / "b" / "i.json"]
    assert discover([]) == []


def test_discover_refuses_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="absent"):
        discover([tmp_path, tmp_path / "absent"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("muscat-talks", "muscat-talks"),
        ("000_c4495", "000_c4495"),
        ("Talks in Muscat (1)", "talks-in-muscat-1"),
        ("مُحادثات مسقط؟", "محادثات-مسقط"),
        ("../a/b?c#d%20", "a-b-c-d-20"),
        ("x" * 300, "x" * 80),
    ],
)
def test_ids_from_file_names_are_safe_in_a_url(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_name_without_letters_has_an_id_too() -> None:
    assert slug("؟؟") != slug("!!")
    assert slug("؟؟").startswith("article-")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ARABIC, "ar"),
        (ENGLISH, "en"),
        (PERSIAN, "fa"),
        (PERSIAN.replace("ی", "ي").replace("ک", "ك"), "fa"),
        (f"{ARABIC} قال پيتر چان إن الأمر انتهى. {ARABIC * 3}", "ar"),
        (f"{ARABIC} Reuters", "ar"),
        ("Muscat talks", "en"),
        ("La délégation est arrivée ce matin dans la capitale pour rencontrer le ministre.", None),
        ("یہ خبر ہے کہ وزیر خارجہ نے آج صبح دارالحکومت میں ملاقات کی اور بڑے مسائل پر بات کی", None),
        ("12 + 3 = 15", None),
        ("Делегация прибыла", None),
    ],
)
def test_language_detection(text: str, language: str | None) -> None:
    assert detect_language(text) == language
