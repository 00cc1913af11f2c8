"""What linear models of document vectors say about documents without labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from .._data.samples import Samples
from .._data.sequences import FIRST_TOKEN, UNKNOWN, Sequences
from .._vectors.documents import mean_vectors, weighted_by_rarity
from .._vectors.ppmi import ppmi_embeddings

# Width of the word vectors that tell kinds of documents apart.
_DIM = 128

# Inverse regularisation of the models, of vectors of length 1.
_C_OF_KINDS, _C_OF_LABELS = 3.0, 10.0

# A document is of another kind where the odds are 9 to 1.
_LEAST_PROBABILITY = 0.1

# So many unlabelled documents are enough to see their kind.
_MOST_UNLABELED = 2**13


def are_alike(
    labeled: Sequences, unlabeled: Sequences, *, has_all_words: bool, random_state: int
) -> np.ndarray:
    """Return whether each unlabelled document is of the kind of the labelled ones.

    A logistic regression tells the one from the other, as if there were as many of each.
    Documents of one kind cannot be told apart, so that it is nowhere sure.

    Parameters
    ----------
    labeled, unlabeled : Sequences
        Token ids. Those of none of the documents that the regression learns from count
        for nothing.
    has_all_words : bool
        Whether every word has an id. Otherwise words of no labelled document may have none, as
        behind a `SequenceVectorizer` that was fitted on X, so that rare words give labelled
        documents away. Then the words of one half of them count, and the other half is
        compared with the unlabelled documents; and the other way round.
    random_state : int
        Determines the word vectors.

    Returns
    -------
    alike : ndarray of shape (n_unlabeled,), dtype=bool
    """
    if has_all_words:
        of_kind = _probabilities_of_kind(labeled, unlabeled, None, random_state)
    elif len(labeled) < 2:
        return np.ones(len(unlabeled), dtype=bool)
    else:
        halves = [labeled.take(np.arange(first, len(labeled), 2)) for first in (0, 1)]
        of_kind = np.mean(
            [
                _probabilities_of_kind(half, unlabeled, other.values, random_state)
                for half, other in (halves, halves[::-1])
            ],
            axis=0,
        )
    return of_kind >= _LEAST_PROBABILITY


def _probabilities_of_kind(
    labeled: Sequences, unlabeled: Sequences, words: np.ndarray | None, random_state: int
) -> np.ndarray:
    """Return how probable it is that each unlabelled document is of the labelled ones' kind.

    ``words`` are the ids that count; None means those of all documents.
    """
    size = min(len(unlabeled), _MOST_UNLABELED)
    rows = np.linspace(0, len(unlabeled) - 1, size).astype(np.intp)
    both = Sequences.concatenate([labeled, unlabeled.take(rows)])
    present = np.unique(both.values if words is None else words)
    present = present[present >= FIRST_TOKEN]
    largest = max(part.values.max(initial=UNKNOWN) for part in (labeled, unlabeled))
    new_ids = np.full(1 + max(largest, present.max(initial=UNKNOWN)), UNKNOWN, dtype=np.int32)
    new_ids[present] = FIRST_TOKEN + np.arange(len(present))
    both = _renumbered(both, new_ids)
    table = ppmi_embeddings(both, FIRST_TOKEN + len(present), _DIM, random_state=random_state)
    table = weighted_by_rarity(table, both)
    vectors = np.concatenate(list(mean_vectors(both, table)))
    is_labeled = np.arange(len(vectors)) < len(labeled)
    weights = np.where(is_labeled, 1, len(labeled) / size)
    classifier = _logistic_regression(_C_OF_KINDS).fit(vectors, is_labeled, weights)
    probabilities = [
        _predict(classifier, _renumbered(block, new_ids), table) for block in unlabeled.in_blocks()
    ]
    return np.concatenate(probabilities)[:, 1]


def _renumbered(sequences: Sequences, new_ids: np.ndarray) -> Sequences:
    return Sequences(new_ids[sequences.values], sequences.offsets)


def linear_probabilities(
    labeled: Samples, unlabeled: Sequences, table: np.ndarray, n_classes: int
) -> np.ndarray:
    """Return what a logistic regression of document vectors predicts for other documents.

    Parameters
    ----------
    labeled : Samples
        Token ids with at least two classes.
    unlabeled : Sequences
        The others.
    table : ndarray of shape (vocabulary_size, dim)
        Vectors of the ids.
    n_classes : int
        The number of classes, of which the labelled samples may lack some.

    Returns
    -------
    probabilities : ndarray of shape (n_unlabeled, n_classes)
    """
    table = weighted_by_rarity(table, labeled.sequences, unlabeled)
    targets, _, weights = labeled.labels
    vectors = np.concatenate(list(mean_vectors(labeled.sequences, table)))
    classifier = _logistic_regression(_C_OF_LABELS).fit(vectors, targets, weights)
    probabilities = np.zeros((len(unlabeled), n_classes))
    probabilities[:, classifier.classes_] = _predict(classifier, unlabeled, table)
    return probabilities


def _logistic_regression(C: float) -> Any:
    return LogisticRegression(C=C, max_iter=1000)


def _predict(classifier: Any, sequences: Sequences, table: np.ndarray) -> np.ndarray:
    """Return probabilities, without the vectors of all documents in memory."""
    return np.concatenate([classifier.predict_proba(v) for v in mean_vectors(sequences, table)])
