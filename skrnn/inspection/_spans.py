"""Where in a text its tokens are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np

from .._data import segmentation
from .._data.sequences import FIRST_TOKEN, UNKNOWN, Sequences
from .._data.vectorizer import SequenceVectorizer

# The final one and the usual one.
_SIGMAS = "\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}"


def tokens_and_spans(
    vectorizer: SequenceVectorizer, text: str
) -> tuple[list[str], np.ndarray | None]:
    """Return all tokens of a text, and where they start and end in it.

    Parameters
    ----------
    vectorizer : SequenceVectorizer
        What cuts the text.
    text : str
        The text as the user wrote it.

    Returns
    -------
    tokens : list of str
        What the vectorizer's analyzer returns.
    spans : ndarray of shape (n_tokens, 2) or None
        Offsets into ``text``. They overlap where tokens do. None where they cannot be
        told: the tokens are characters or a callable's, or the preprocessor does not
        work character by character.
    """
    tokens = list(vectorizer.build_analyzer()(text))
    if vectorizer.analyzer not in ("unicode", "word") or vectorizer.tokenizer is not None:
        return tokens, None
    preprocess = vectorizer.build_preprocessor()
    processed = preprocess(text)
    try:
        origins = _origins(text, preprocess, processed)
    except Exception:
        if vectorizer.preprocessor is None:
            raise
        origins = None  # the user's own preprocessor may refuse a part of a text
    if origins is None:
        return tokens, None

    stop_words = vectorizer.get_stop_words() or ()
    found, spans = [], []
    for word, (start, end) in _words_and_spans(vectorizer, processed):
        if word not in stop_words:
            found.append(word)
            first = origins[start][0]
            spans.append((first, origins[end - 1][1] if end > start else first))
    if vectorizer._word_ngrams(found) != tokens:
        return tokens, None
    # In the order of the n-grams.
    fewest, most = vectorizer.ngram_range
    spans = [
        (spans[first][0], spans[first + size - 1][1])
        for size in range(fewest, min(most, len(spans)) + 1)
        for first in range(len(spans) - size + 1)
    ]
    return tokens, np.array(spans, dtype=np.intp).reshape(-1, 2)


def _words_and_spans(
    vectorizer: SequenceVectorizer, processed: str
) -> list[tuple[str, tuple[int, int]]]:
    """Return the words of a preprocessed text, and where they are in it."""
    if vectorizer._segments():
        words, spans = segmentation.tokens(processed), segmentation.spans(processed)
        return list(zip(words, spans, strict=True))
    pattern = re.compile(vectorizer.token_pattern)
    matches = pattern.finditer(processed)
    return [(match[pattern.groups], match.span(pattern.groups)) for match in matches]


def _origins(
    text: str, preprocess: Callable[[str], str], processed: str
) -> list[tuple[int, int]] | None:
    """Return which part of the text every character of the preprocessed text comes from.

    The last one is the end of the text. None where the parts, preprocessed one by one,
    are not the preprocessed text.
    """
    parts = [preprocess(character) for character in text]
    # Pieces begin where no character before can become one with this one, not even across
    # characters that are taken out.
    starts = [0]
    starts += [place for place in range(1, len(text)) if _is_apart(text[place], parts[place])]
    origins, pieces = [], []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        whole = preprocess(text[start:end])
        if "".join(parts[start:end]) == whole:
            for place in range(start, end):
                origins += [(place, place + 1)] * len(parts[place])
        else:  # the characters became one
            origins += [(start, end)] * len(whole)
        pieces.append(whole)
    # The Greek sigma's lower case depends on its neighbours.
    if "".join(pieces).replace(*_SIGMAS) != processed.replace(*_SIGMAS):
        return None
    return [*origins, (len(text), len(text))]


def in_original(
    scores: np.ndarray, text: str, preprocess: Callable[[str], str], processed: str
) -> np.ndarray | None:
    """Move scores of the characters of a preprocessed text to those of the text itself.

    Returns None where the characters cannot be told.
    """
    origins = _origins(text, preprocess, processed)
    if origins is None:
        return None
    moved = np.zeros(len(text))
    for score, (start, end) in zip(scores, origins, strict=False):  # without the end
        moved[start:end] += score / (end - start)
    return moved


def _is_apart(character: str, preprocessed: str) -> bool:
    """Tell whether no character before this one may become one with it."""
    return bool(preprocessed) and not (_may_compose(character) or _may_compose(preprocessed[0]))


def _may_compose(character: str) -> bool:
    """Tell whether Unicode may make one character of this one and the one before it."""
    return (
        unicodedata.category(character).startswith("M")
        or "\u1160" <= character <= "\u11ff"  # vowels and last consonants of Hangul
        or character in "\uff9e\uff9f"  # sound marks of Kana
    )


def kept_tokens(vectorizer: SequenceVectorizer, documents: list[list[str]]) -> list[np.ndarray]:
    """Return which tokens the vectorizer keeps, as positions in each document's tokens.

    The position of a token that stands for an empty document is -1.
    """
    vocabulary: Any = vectorizer.vocabulary_
    values = [
        position + FIRST_TOKEN if vectorizer.oov == "keep" or token in vocabulary else UNKNOWN
        for tokens in documents
        for position, token in enumerate(tokens)
    ]
    lengths = np.array([len(tokens) for tokens in documents])
    positions = Sequences.from_lengths(np.array(values, dtype=np.int64), lengths)
    # The vectorizer drops and cuts the positions as it does the ids.
    positions = vectorizer._trimmed(positions)
    return [
        np.where(part == UNKNOWN, -1, part - FIRST_TOKEN)
        for part in np.split(positions.values, positions.offsets[1:-1])
    ]
