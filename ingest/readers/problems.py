"""Why a file cannot be read, in both languages."""

from __future__ import annotations

from pathlib import Path

from retrieval.errors import UnreadableFile

_REASONS = {
    "missing": ("there is no such file or folder", "لا يوجد ملف أو مجلد بهذا الاسم"),
    "not-a-file": ("it is not a regular file", "ليس ملفًا عاديًا"),
    "no-access": ("the system refuses it ({detail})", "رفض النظام قراءته ({detail})"),
    "too-big": ("it is larger than {detail} MB", "حجمه أكبر من {detail} ميغابايت"),
    "unsupported": ("its type {detail} is not supported", "نوعه {detail} غير مدعوم"),
    "binary": ("it is not a text file", "ليس ملفًا نصيًا"),
    "encoding": (
        "its encoding is not UTF-8, UTF-16 or windows-1256 ({detail})",
        "ترميزه ليس UTF-8 ولا UTF-16 ولا windows-1256 ({detail})",
    ),
    "empty": ("it has no text", "لا نص فيه"),
    "front-matter": ("its front matter is malformed: {detail}", "بياناته الوصفية غير سليمة: {detail}"),
    "damaged": ("it is damaged: {detail}", "الملف تالف: {detail}"),
    "too-long": ("its text is longer than {detail} characters", "نصه أطول من {detail} حرف"),
    "too-many": ("it holds more than {detail} articles", "فيه أكثر من {detail} مقال"),
    "too-demanding": (
        "reading it takes more time or memory than a news article may",
        "تتطلب قراءته وقتًا أو ذاكرة أكثر مما يحق لمقال",
    ),
    "encrypted": ("it is protected by a password", "محمي بكلمة مرور"),
    "scanned": (
        "it has no text, perhaps only scanned pages",
        "لا نص فيه، ولعله صفحات مصوّرة فقط",
    ),
}


class ReadingProblem(UnreadableFile):
    """An ``UnreadableFile`` telling its reason in the message's language.

    ``reason_code`` is stable; ``detail`` is what the reason says beyond that.
    """

    def __init__(self, path: Path, reason_code: str, detail: object = "") -> None:
        english, arabic = (reason.format(detail=detail) for reason in _REASONS[reason_code])
        self.reason_code = reason_code
        self.detail = str(detail)
        self._reasons = {"ar": arabic, "en": english}
        super().__init__(path=path, reason=english)

    def message(self, language: str) -> str:
        """The message and its reason in Arabic (``"ar"``) or English (anything else)."""
        template = self.arabic if language == "ar" else self.english
        return template.format(path=self.values["path"], reason=self._reasons["ar" if language == "ar" else "en"])
