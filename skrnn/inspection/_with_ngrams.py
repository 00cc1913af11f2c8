"""What a linear model of n-grams adds to the explanation of a document."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .._data import segmentation
from .._data.targets import as_list
from .._data.vectorizer import SequenceVectorizer
from ._explained import Contributions, TokenAttributions
from ._spans import in_original, tokens_and_spans


def explained_by_ngrams(
    of_ngrams: list[Contributions],
    probabilities: np.ndarray,
    targets: np.ndarray,
    classes: np.ndarray,
) -> list[TokenAttributions]:
    """Return what a linear model of n-grams says, whose scores are exact."""
    unscored, labels, vectorizer = [], as_list(classes), SequenceVectorizer()
    for linear, index in zip(of_ngrams, targets, strict=True):
        tokens, text, spans = linear.words, None, None
        if linear.document is not None:
            text = linear.document
            tokens, spans = tokens_and_spans(vectorizer, text)
        unscored.append(
            TokenAttributions(
                tokens=tokens,
                scores=np.zeros(len(tokens)),
                target=labels[index],
                probability=0.0,
                logit=0.0,
                baseline_logit=0.0,
                text=text,
                offsets=spans,
            )
        )
    return explained_by_both(unscored, of_ngrams, probabilities, targets, 0.0, 1.0)


def explained_by_both(
    of_network: list[TokenAttributions],
    of_ngrams: list[Contributions],
    probabilities: np.ndarray,
    targets: np.ndarray,
    deep_weight: float,
    wide_weight: float,
    intercept: float = 0.0,
) -> list[TokenAttributions]:
    """Return what a network and a linear model say, each in proportion to its exponent."""
    combined = []
    offsets: np.ndarray | None
    for row, (explained, linear) in enumerate(zip(of_network, of_ngrams, strict=True)):
        in_text = None
        if linear.in_text is not None and explained.offsets is not None:
            text = str(explained.text)
            in_text = in_original(
                linear.in_text, text, segmentation.normalised, str(linear.normalised)
            )
        if in_text is not None:
            tokens, scores, offsets = _add_to_spans(explained, wide_weight * in_text, deep_weight)
        else:
            tokens, scores = _add_to_tokens(explained, linear, deep_weight, wide_weight)
            offsets = explained.offsets
            if offsets is not None and len(tokens) > len(offsets):
                offsets = None
        total = linear.scores.sum() if linear.in_text is None else linear.in_text.sum()
        combined.append(
            replace(
                explained,
                tokens=tokens,
                scores=scores,
                probability=float(probabilities[row, targets[row]]),
                logit=float(
                    deep_weight * explained.logit
                    + wide_weight * (linear.baseline + total)
                    + intercept
                ),
                baseline_logit=float(
                    deep_weight * explained.baseline_logit
                    + wide_weight * linear.baseline
                    + intercept
                ),
                remainder=deep_weight * explained.remainder,
                text=None if offsets is None else explained.text,
                offsets=offsets,
            )
        )
    return combined


def _add_to_spans(
    explained: TokenAttributions, in_text: np.ndarray, deep_weight: float
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Add scores of characters to those of the tokens that hold them.

    What the network does not read, as the end of a long text, becomes tokens of its own.
    """
    text, offsets = str(explained.text), np.asarray(explained.offsets)
    places, scores = _collected(in_text, offsets)
    scores[: len(offsets)] += deep_weight * explained.scores
    others = places[len(offsets) :]
    return [*explained.tokens, *(text[start:end] for start, end in others)], scores, places


def _by_words(text: str, in_text: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Collect scores of the characters of a normalised text in its words, and in what is left."""
    words = segmentation.tokens(text)
    places, scores = _collected(in_text, np.array(segmentation.spans(text)).reshape(-1, 2))
    return [*words, *(text[start:end] for start, end in places[len(words) :])], scores


def _collected(in_text: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Collect scores of characters at places, which may overlap, and behind them what is left.

    Returns all places and their scores.
    """
    n_at = np.zeros(len(in_text), dtype=int)
    for start, end in places:
        n_at[start:end] += 1
    parts = in_text / np.maximum(n_at, 1)
    is_left = (n_at == 0) & (in_text != 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_left, [False]]).astype(int)))
    places = np.concatenate([places, edges.reshape(-1, 2)]).astype(np.intp)
    return places, np.array([parts[start:end].sum() for start, end in places], dtype=np.float64)


def _add_to_tokens(
    explained: TokenAttributions, linear: Contributions, deep_weight: float, wide_weight: float
) -> tuple[list[str], np.ndarray]:
    """Add scores of words to those of the same tokens; other words become tokens of their own."""
    words, scores = linear.words, wide_weight * linear.scores
    if linear.in_text is not None:  # a text, in which the tokens of the network are not found
        words, scores = _by_words(str(linear.normalised), wide_weight * linear.in_text)
    own = deep_weight * explained.scores
    if explained.tokens != words[: len(own)]:
        return [*explained.tokens, *words], np.append(own, scores)
    scores[: len(own)] += own
    return list(words), scores
