"""Where in a text its tokens are."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

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
        Offsets into ``text``; None where they cannot be told: the tokens are not words
        found by a pattern, or the preprocessor does not work character by character.
    """
    tokens = list(vectorizer.build_analyzer()(text))
    is_by_pattern = vectorizer.analyzer == "word" and vectorizer.tokenizer is None
    if not is_by_pattern or vectorizer.ngram_range != (1, 1):
        return tokens, None
    preprocess = vectorizer.build_preprocessor()
    processed = preprocess(text)
    pieces = [preprocess(character) for character in text]
    # The Greek sigma's lower case depends on its neighbours and on nothing else.
    if "".join(pieces).replace(*_SIGMAS) != processed.replace(*_SIGMAS):
        return tokens, None
    # Of every character of the preprocessed text, and of its end, where it comes from.
    origin = np.repeat(np.arange(len(text)), [len(piece) for piece in pieces])
    origin = np.append(origin, len(text))

    pattern = re.compile(vectorizer.token_pattern)
    stop_words = vectorizer.get_stop_words() or ()
    found, spans = [], []
    for match in pattern.finditer(processed):
        token, (start, end) = match.group(pattern.groups), match.span(pattern.groups)
        if token not in stop_words:
            found.append(token)
            spans.append((origin[start], origin[end - 1] + 1 if end > start else origin[start]))
    if found != tokens:
        return tokens, None
    return tokens, np.array(spans, dtype=np.intp).reshape(-1, 2)


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
