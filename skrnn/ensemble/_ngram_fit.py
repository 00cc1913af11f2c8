"""The fit of a linear model of n-grams."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC
from sklearn.utils import check_consistent_length

from .._data.columns import Columns
from .._data.inputs import check_documents
from .._data.samples import Labels, weigh
from .._data.seeds import Seeds
from .._data.targets import Targets
from ._factors import fit_factors, rows_to_judge_by
from ._ngram_model import NgramModel, by_class
from ._ngrams import Ngrams, checked_sizes, checked_words

# Mean and standard deviation of its prior.
_SCALE, _SPREAD = 3.0, 2.0

# A tighter tolerance takes two to three times as long and changes no accuracy. With one of 1.0 the
# predictions for small data depend on the seed.
_TOLERANCE = 0.1


class HeldOut(NamedTuple):
    """Rows of texts, and the logits of their classes before the texts were learnt.

    ``kept_back`` is a mask of these rows and those of all copies of their texts.
    """

    rows: np.ndarray
    logits: np.ndarray
    kept_back: np.ndarray


def fit_ngram_model(
    params: Any, X: Any, y: Any, sample_weight: Any, owner: str
) -> tuple[NgramModel, HeldOut | None]:
    """Learn the n-grams and their weights.

    Parameters
    ----------
    params : namespace
        The parameters of `NgramTextClassifier`, each of which is valid by itself.
    X, y, sample_weight : see `NgramTextClassifier.fit`
        The training data.
    owner : str
        Name of the estimator, for messages.

    Returns
    -------
    model : NgramModel
        The fitted model.
    held_out : HeldOut or None
        What was said of a tenth of the texts by machines that had not learnt them; None
        where there are too few texts.
    """
    sizes = checked_sizes(params.word_ngrams, params.char_ngrams)
    documents = checked_words(check_documents(X, Columns(owner), learn=True))
    targets = Targets.learn(y, params.multilabel)
    labels = weigh(
        targets, targets.encode(y), sample_weight, params.class_weight, balance_late=False
    )
    check_consistent_length(documents.content, labels.targets)
    ngrams, rows = Ngrams.learn(documents, *sizes)
    seeds = Seeds.from_random_state(params.random_state)
    machine = LinearSVC(C=params.C, tol=_TOLERANCE, random_state=seeds.integer("weights"))
    coef, intercept = _solve(machine, rows, labels, len(targets.classes))
    held_out, scale = None, _SCALE
    chosen = rows_to_judge_by(labels, documents.copies(), seeds)
    if chosen is not None:
        judging, kept_back = chosen
        seen = np.flatnonzero(~kept_back)
        learnt = rows[seen]
        before = _solve(machine, learnt, labels.take(seen), len(targets.classes))
        # Of a new text only n-grams that were learnt take part in its norm.
        as_new = ngrams.among(learnt.getnnz(axis=0) > 0, rows[judging])
        decisions = by_class(as_new @ before[0].T + before[1], targets)
        judged = labels.take(judging)
        (scale,), shift = fit_factors(
            [decisions], judged.targets, judged.weights, [_SCALE], _SPREAD
        )
        held_out = HeldOut(judging, scale * decisions + shift, kept_back)
        intercept += shift / scale
    weighs = np.asarray(coef.any(axis=0))
    if not weighs[: len(ngrams.words.idf)].any():
        # Of a single class none weighs anything, and a vocabulary cannot be empty.
        weighs[0] = True
    model = NgramModel(
        documents.kind,
        documents.columns,
        targets,
        ngrams.take(weighs),
        # The weights of an n-gram lie side by side, as the product with sparse rows reads them.
        np.asfortranarray(coef[:, weighs]),
        intercept,
        scale,
    )
    return model, held_out


def _solve(
    machine: LinearSVC, rows: csr_matrix, labels: Labels, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of the n-grams and the intercepts, a row for every decision."""
    targets = labels.targets
    if targets.ndim == 1:
        # Of two classes the second one is told from the first; a single one is always true.
        targets = targets[:, np.newaxis] == ([1] if n_classes == 2 else range(n_classes))
    weights = np.broadcast_to(labels.weights.reshape(len(targets), -1), targets.shape)
    coef = np.zeros((targets.shape[1], rows.shape[1]), dtype=np.float32)
    intercept = np.ones(targets.shape[1])
    holds = csr_matrix((np.ones_like(rows.data), rows.indices, rows.indptr), rows.shape)
    frequencies, counted_by = np.empty(0), np.empty(0)
    for index, (column, weight) in enumerate(zip(targets.T, weights.T, strict=True)):
        # The solver drops what has no weight. Of a single class that is left it chooses the
        # sign by itself.
        counted = column[weight > 0]
        if counted.any() and not counted.all():
            if not np.array_equal(weight, counted_by):  # as a rule all decisions share them
                frequencies, counted_by = holds.T @ weight, weight
            strengths = class_strengths(holds, column, weight, frequencies)
            machine.fit(_times_columns(rows, strengths), column, weight)
            coef[index] = machine.coef_[0] * strengths
            intercept[index] = machine.intercept_[0]
        elif not counted.any():
            intercept[index] = -1
    return coef, intercept


def class_strengths(
    holds: csr_matrix, is_in_class: np.ndarray, weights: np.ndarray, frequencies: np.ndarray
) -> np.ndarray:
    """Return how strongly each n-gram tells the documents of a class from the others.

    It is the square root of the absolute logarithm of a ratio: the share of the class'
    documents that hold the n-gram, by that of the others, each with one document more that
    holds it and one that does not.

    Parameters
    ----------
    holds : csr_matrix of shape (n_documents, n_ngrams)
        1 where a document holds an n-gram.
    is_in_class : ndarray of shape (n_documents,)
        Whether each document is in the class; both occur.
    weights : ndarray of shape (n_documents,)
        Weights of the documents.
    frequencies : ndarray of shape (n_ngrams,)
        Weight of the documents that hold each n-gram.

    Returns
    -------
    strengths : ndarray of shape (n_ngrams,)
        Their mean is 1, unless no n-gram tells anything: then all are 0.
    """
    in_class = np.flatnonzero(is_in_class)
    weight_of_class = weights[in_class].sum()
    of_class = holds[in_class].T @ weights[in_class]
    share = (of_class + 1) / (weight_of_class + 2)
    share_of_others = (frequencies - of_class + 1) / (weights.sum() - weight_of_class + 2)
    strengths = np.sqrt(np.abs(np.log(share / share_of_others)))
    return strengths / (strengths.mean() or 1)


def _times_columns(rows: csr_matrix, factors: np.ndarray) -> csr_matrix:
    """Return rows with every column multiplied by its factor."""
    return csr_matrix((rows.data * factors[rows.indices], rows.indices, rows.indptr), rows.shape)
