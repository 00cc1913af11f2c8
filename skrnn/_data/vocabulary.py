"""Which terms of the training texts become a vocabulary, and whether texts share them."""

from __future__ import annotations

from numbers import Integral

import numpy as np

# Texts hardly share tokens. Of 300 texts of any corpus of docs/accuracy.md 14 to 42 % of a text's
# tokens are in no other text; of Chinese and Japanese, cut at blanks, 85 %, and with thousands of
# texts still 60 %. Of fewer texts nothing can be said.
_FEWEST_TEXTS = 300
_MOST_UNSHARED = 0.5


def chosen_terms(
    terms: list[str],
    counts: np.ndarray,
    document_counts: np.ndarray,
    n_documents: int,
    *,
    min_df: float,
    max_df: float,
    max_features: int | None,
) -> np.ndarray:
    """Return the indices of the terms to keep, the most frequent first.

    Parameters
    ----------
    terms : list of str
        All terms.
    counts, document_counts : ndarray of shape (n_terms,)
        How often each occurs, and in how many documents.
    n_documents : int
        The number of documents.
    min_df, max_df, max_features : see `SequenceVectorizer`
        The limits.

    Raises
    ------
    ValueError
        The limits leave no term.
    """
    low, high = (
        limit if isinstance(limit, Integral) else limit * n_documents for limit in (min_df, max_df)
    )
    if high < low:
        raise ValueError("max_df corresponds to < documents than min_df")

    alphabetical = np.array(sorted(range(len(terms)), key=terms.__getitem__))
    document_counts, counts = document_counts[alphabetical], counts[alphabetical]
    kept = np.flatnonzero((low <= document_counts) & (document_counts <= high))
    if not len(kept):
        raise ValueError("After pruning, no terms remain. Try a lower min_df or a higher max_df.")
    if max_features is not None and len(kept) > max_features:
        # The same unstable sort of the same numbers as in CountVectorizer: of
        # several equally rare terms at the limit, keep those that it keeps.
        kept = np.sort(kept[(-counts[kept]).argsort()[:max_features]])
    return alphabetical[kept[np.argsort(-counts[kept], kind="stable")]]


def why_not_learnable(
    length_counts: np.ndarray, document_counts: np.ndarray, *, may_lose_all: bool
) -> str:
    """Return why nothing can be learnt from the tokens of most texts; empty: it can.

    Parameters
    ----------
    length_counts : ndarray
        How many texts have 0, 1, ... tokens.
    document_counts : ndarray of shape (n_terms,)
        In how many texts each term is.
    may_lose_all : bool
        Whether a text without tokens is a text that has lost them.
    """
    n_texts, n_without = length_counts.sum(), length_counts[0]
    unshared = np.count_nonzero(document_counts == 1) / document_counts.sum()
    if may_lose_all and n_without > n_texts / 2:
        return f"{n_without} of {n_texts} texts have no tokens"
    if n_texts >= _FEWEST_TEXTS and unshared > _MOST_UNSHARED:
        return f"{unshared:.0%} of the tokens of a text are in no other text"
    return ""
