"""An explanation of one document, and the class that it explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import column_or_1d

from .._data.brief import brief
from .._data.inputs import collected
from .._data.targets import as_objects, indices_of


@dataclass(frozen=True, eq=False)
class TokenAttributions:
    """How much every token of one document contributes to the output for a class.

    Parameters
    ----------
    tokens : list of str
        The tokens that the classifier read, in their order. What the vectorizer leaves out
        or cuts off has no part in the answer and is not among them.
    scores : ndarray of shape (n_tokens,)
        Positive where a token raises the output for the target, negative where it lowers it.
    target : object
        The label that the scores are about.
    probability : float
        The classifier's probability of the target.
    logit, baseline_logit : float
        The target's output before softmax or sigmoid, for the document and for the baseline:
        as many unknown tokens for a network, no n-gram for a linear model, and both together
        for `WideAndDeepTextClassifier`.
    remainder : float
        How much change of the logit integrated gradients met in jumps, where there is no
        gradient to follow; see the notes of `token_attributions`. 0 for occlusion.
    text : str or None
        The document, where it was a text and its tokens can be found in it.
    offsets : ndarray of shape (n_tokens, 2) or None
        ``text[start:end]`` is the token as the user wrote it; None like ``text``.
    """

    tokens: list[str]
    scores: np.ndarray
    target: Any
    probability: float
    logit: float
    baseline_logit: float
    remainder: float = 0.0
    text: str | None = None
    offsets: np.ndarray | None = None


class Contributions(NamedTuple):
    """What the logit of a class is the sum of, for one document.

    ``baseline`` is that of an empty document. Of lists of tokens and of ids ``scores`` are
    those of the words; of a text ``in_text`` are those of the characters of ``normalised``,
    which is the text as its n-grams are counted in it.
    """

    baseline: float
    words: list[str]
    scores: np.ndarray
    document: str | None
    normalised: str | None
    in_text: np.ndarray | None


def chosen_classes(outputs: np.ndarray, classes: np.ndarray, target: Any) -> np.ndarray:
    """Return the indices of the classes to explain, one for every document."""
    return outputs.argmax(axis=1) if target is None else _indices(classes, target, len(outputs))


def _indices(classes: np.ndarray, target: Any, n_documents: int) -> np.ndarray:
    """Return the indices of target labels, one for every document."""
    target = collected(target)
    if isinstance(target, str) or np.ndim(target) == 0:
        target = [target] * n_documents
    labels = column_or_1d(np.asarray(as_objects(target)))
    if len(labels) != n_documents:
        raise ValueError(f"target has {len(labels)} labels for {n_documents} documents.")
    indices, unknown = indices_of(labels, classes)
    if len(unknown):
        raise ValueError(
            f"target must be of classes_, {brief(classes.tolist())}, got"
            f" {brief(unknown.tolist())}."
        )
    return indices
