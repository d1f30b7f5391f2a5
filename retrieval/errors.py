"""Errors a user can act on: a stable ``code``, an HTTP status, and a message in Arabic and English."""

from __future__ import annotations


class SanadError(Exception):
    """Base of all expected failures. ``str(error)`` is the English message."""

    code = "internal-error"
    status = 500
    arabic = "حدث خطأ غير متوقع."
    english = "An unexpected error occurred."

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The message in Arabic (``"ar"``) or English (anything else)."""
        return (self.arabic if language == "ar" else self.english).format(**self.values)


class Abandoned(Exception):
    """Nobody wants the answer any more: no failure, and nothing to tell anybody."""


class EmptyQuestion(SanadError):
    """The question has no letter or digit."""

    code, status = "empty-question", 422
    arabic = "السؤال فارغ: اكتب سؤالًا."
    english = "The question is empty: write a question."


class QuestionTooLong(SanadError):
    """The question is longer than the setting allows. Values: ``limit``, ``length``."""

    code, status = "question-too-long", 422
    arabic = "السؤال أطول من الحد: {length} حرفًا، والحد {limit}."
    english = "The question is too long: {length} characters, the limit is {limit}."


class UnknownConversation(SanadError):
    """No such conversation. Values: ``conversation_id``."""

    code, status = "unknown-conversation", 404
    arabic = "لا توجد محادثة بهذا المعرّف: {conversation_id}."
    english = "There is no conversation {conversation_id}."


class UnknownAnswer(SanadError):
    """No such answer in any conversation. Values: ``answer_id``."""

    code, status = "unknown-answer", 404
    arabic = "لا توجد إجابة بهذا المعرّف: {answer_id}."
    english = "There is no answer {answer_id}."


class UnknownArticle(SanadError):
    """No such article. Values: ``article_id``."""

    code, status = "unknown-article", 404
    arabic = "لا يوجد مقال بهذا المعرّف: {article_id}."
    english = "There is no article {article_id}."


class UnreadableFile(SanadError):
    """A file that cannot be ingested. Values: ``path``, ``reason``."""

    code, status = "unreadable-file", 422
    arabic = "تعذّرت قراءة الملف {path}: {reason}"
    english = "Cannot read {path}: {reason}"


class EmptyIndex(SanadError):
    """Nothing has been ingested. Values: ``index``."""

    code, status = "empty-index", 503
    arabic = "الفهرس {index} فارغ: شغّل sanad ingest أولًا."
    english = "The index {index} is empty: run sanad ingest first."


class IndexOutdated(SanadError):
    """The index has the tables of another version of the product. Values: ``index``."""

    code, status = "index-outdated", 503
    arabic = "أُنشئ الفهرس {index} بإصدار آخر من سند: أنشئ فهرسًا جديدًا بالأمر sanad ingest."
    english = "The index {index} was made by another version of Sanad: make a new one with sanad ingest."


class IndexNewer(SanadError):
    """The index has the tables of a newer version of the product. Values: ``index``."""

    code, status = "index-newer", 503
    arabic = "حدّث إصدارٌ أحدث من سند الفهرس {index}: حدّث سند لتستعمله."
    english = "The index {index} has been used by a newer version of Sanad: update Sanad to use it."


class DatabaseUnavailable(SanadError):
    """The database of the catalog does not answer. Values: ``reason``, ``retry_after`` (seconds)."""

    code, status = "database-unavailable", 503
    arabic = "لا تجيب قاعدة البيانات؛ تحقق منها ومن SANAD_DATABASE_URL. ({reason})"
    english = "The database does not answer: check it, and SANAD_DATABASE_URL. ({reason})"


class StorageFailed(SanadError):
    """The database could not be read or written where it is stored. Values: ``reason``, ``retry_after`` (seconds)."""

    code, status = "storage-failed", 503
    arabic = "تعذّر الحفظ أو القراءة من القرص ولم يتغير شيء: تحقق من المساحة والصلاحيات. ({reason})"
    english = "Storage failed and nothing was changed: check free space and permissions. ({reason})"


class BackupExists(SanadError):
    """Something is already where a backup is to be made. Values: ``path``."""

    code, status = "backup-exists", 409
    arabic = "يوجد شيء في {path}: اختر مكانًا جديدًا للنسخة الاحتياطية."
    english = "There is something at {path} already: choose another place for the backup."


class BackupDamaged(SanadError):
    """A backup is not whole, or is none. Values: ``path``, ``reason``."""

    code, status = "backup-damaged", 422
    arabic = "ليست في {path} نسخة احتياطية سليمة: {reason}"
    english = "There is no sound backup at {path}: {reason}"


class RestoreRefused(SanadError):
    """The catalog to restore into is not empty. Values: ``index``."""

    code, status = "restore-refused", 409
    arabic = "في الفهرس {index} مقالات أو محادثات: أضف ‎--overwrite لتحل النسخة الاحتياطية محلها."
    english = "The index {index} has articles or conversations: add --overwrite to put the backup in their place."


class IngestOvertaken(SanadError):
    """Another writer has changed the articles during an ingest: its lock was lost with the database. Nothing broke."""

    code, status = "ingest-overtaken", 503
    arabic = "غيّرت عملية إدخال أخرى المقالات في هذه الأثناء: أعد الإدخال."
    english = "Another ingest changed the articles meanwhile: run this one again."


class IndexUnavailable(SanadError):
    """The Chroma server of the setting does not answer, or not as one. Values: ``url``, ``reason``."""

    code, status = "index-unavailable", 503
    arabic = "لا يجيب خادم Chroma في {url}: شغّله أو صحّح SANAD_CHROMA_URL. ({reason})"
    english = "The Chroma server at {url} does not answer: start it, or correct SANAD_CHROMA_URL. ({reason})"


class ModelMismatch(SanadError):
    """The index was made with another embedding model. Values: ``index``, ``stored``, ``configured``."""

    code, status = "model-mismatch", 503
    arabic = "بُني الفهرس {index} بالنموذج {stored}، والإعداد يطلب {configured}: أعد الضبط أو شغّل sanad reembed."
    english = (
        "The index {index} was built with {stored}, but the setting asks for {configured}: "
        "set SANAD_EMBEDDING_MODEL back, or run sanad reembed."
    )


class ModelUnavailable(SanadError):
    """The embedding model cannot be loaded. Values: ``model``, ``reason``."""

    code, status = "model-unavailable", 503
    arabic = "تعذّر تحميل نموذج التضمين {model}: {reason}"
    english = "Cannot load the embedding model {model}: {reason}"


class LLMNotConfigured(SanadError):
    """Generative mode was asked for and no endpoint is set."""

    code, status = "llm-not-configured", 422
    arabic = "وضع التوليد يحتاج إلى SANAD_LLM_BASE_URL و SANAD_LLM_MODEL."
    english = "Generative mode needs SANAD_LLM_BASE_URL and SANAD_LLM_MODEL."
