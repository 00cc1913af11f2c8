"""Word vectors from the training sequences themselves, to start the embedding layer from."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import sparse
from sklearn.utils import check_random_state
from sklearn.utils.extmath import randomized_svd

from .._data.sequences import Sequences

# The pairs of one block take about 50 bytes each while they are counted: 100 MB.
BLOCK_PAIRS = 2**21

# Of a larger corpus a random part is counted: the number of distinct pairs grows with the
# corpus and would take more memory than the corpus itself.
MOST_TOKENS = 2**20

# The directions of the vectors are those of so many of the busiest words. Factorising the whole
# matrix of 50,000 words takes ten times as long, and a linear classifier of mean vectors does
# no better with it.
MOST_FACTORIZED = 2**12


# How many tokens on each side count as context. A neighbour at distance d counts 1 / d. A window
# never reaches into another sequence.
WINDOW = 5

# The exponent of the context distribution. Values below 1 keep rare contexts from dominating the
# mutual information.
_SMOOTHING = 0.75

# The standard deviation of all entries of the learnt vectors.
_SCALE = 0.3


def ppmi_embeddings(
    sequences: Sequences,
    vocabulary_size: int,
    dim: int,
    *,
    random_state: int | np.random.RandomState | None,
) -> np.ndarray:
    """Compute word vectors by factorizing positive pointwise mutual information.

    Words that occur next to the same words get similar vectors. The co-occurrence counts
    of all words are turned into positive pointwise mutual information (PPMI), and the
    vectors are the left singular vectors of that matrix, times the square roots of its
    singular values [1]_. Where there are more than `MOST_FACTORIZED` words, the matrix of
    the busiest ones is decomposed, and the other words are projected onto its right
    singular vectors.

    Parameters
    ----------
    sequences : Sequences
        The token ids to learn from.
    vocabulary_size : int
        The number of ids, those of padding and unknown words included.
    dim : int
        The length of a vector. Columns beyond the vocabulary are zero.
    random_state : int, RandomState instance or None
        Determines the truncated decomposition and the vectors of words without context.

    Returns
    -------
    vectors : ndarray of shape (vocabulary_size, dim), dtype=float32
        Learned vectors, with mean zero in every column. Words that occur, but without any
        neighbour, have normally distributed vectors of the same scale, as have all words
        when no co-occurrence tells one from another. Ids that never occur, padding first
        of all, have the zero vector, which is the mean of the learned ones.

    References
    ----------
    .. [1] Levy, O., Goldberg, Y., & Dagan, I. (2015). "Improving Distributional Similarity
       with Lessons Learned from Word Embeddings". Transactions of the Association for
       Computational Linguistics, 3, 211-225.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn._vectors.ppmi import ppmi_embeddings
    >>> from .._data.sequences import Sequences
    >>> values = np.array([2, 3, 4, 2, 5, 4], dtype=np.int32)
    >>> sequences = Sequences.from_lengths(values, np.array([3, 3]))
    >>> vectors = ppmi_embeddings(sequences, vocabulary_size=6, dim=2, random_state=0)
    >>> vectors.shape
    (6, 2)

    Words 3 and 5 have the same neighbours:

    >>> bool(np.allclose(vectors[3], vectors[5], atol=1e-3))
    True
    """
    rng: np.random.RandomState = check_random_state(random_state)
    occurs = np.zeros(vocabulary_size, dtype=bool)
    for block in sequences.in_blocks():
        occurs[block.values] = True
    # Ids without neighbours keep this noise.
    vectors = np.zeros((vocabulary_size, dim), dtype=np.float32)
    vectors[occurs] = rng.normal(scale=_SCALE, size=(occurs.sum(), dim))

    n_tokens = len(sequences.values)
    if n_tokens > MOST_TOKENS:
        size = max(1, len(sequences) * MOST_TOKENS // n_tokens)
        sequences = sequences.take(np.sort(rng.choice(len(sequences), size, replace=False)))
    counts = cooccurrence_counts(sequences, vocabulary_size, window=WINDOW)
    has_context = np.diff(counts.indptr) > 0
    ppmi = positive_pmi(counts, smoothing=_SMOOTHING)
    if ppmi.nnz == 0:
        return vectors
    factors = _factorize(ppmi, dim, rng)[has_context]
    centred = factors - factors.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = centred.std(dtype=np.float64)
    # Equal vectors differ by rounding errors, which must not be blown up to full scale.
    if spread > 1e-5 * np.abs(factors).max():
        vectors[has_context] = centred * np.float32(_SCALE / spread)
    return vectors


def cooccurrence_counts(
    sequences: Sequences, vocabulary_size: int, *, window: int, block_pairs: int = BLOCK_PAIRS
) -> sparse.csr_array:
    """Count how often two ids are neighbours, each time weighted by 1 / distance.

    The result is symmetric and float32. ``block_pairs`` pairs are held in memory at once.
    """
    n_tokens = len(sequences.values)
    # The window also sizes the blocks: one that no sequence fills would only cost time.
    window = min(window, int(sequences.lengths.max(initial=1)))
    block_size = max(1, block_pairs // window)
    following = sparse.csr_array((vocabulary_size, vocabulary_size), dtype=np.float32)
    for start in range(0, n_tokens, block_size):
        stop = min(start + block_size, n_tokens)
        following = following + _count_following(sequences, start, stop, vocabulary_size, window)
    # Every pair has a left and a right word, so counting to one side is enough.
    return following + following.T


def _count_following(
    sequences: Sequences, start: int, stop: int, vocabulary_size: int, window: int
) -> sparse.csr_array:
    """Count the neighbours to the right of the tokens from ``start`` to ``stop``.

    The counts are the product of two sparse matrices with one row per token: the word it is,
    and the words that follow it. The product adds up equal pairs word by word, with neither
    sorting nor a list of all pairs.
    """
    positions = np.arange(start, stop)
    distances = np.arange(1, window + 1)
    ends = sequences.offsets[np.searchsorted(sequences.offsets, positions, side="right")]
    inside = distances < (ends - positions)[:, np.newaxis]

    shape = (stop - start, vocabulary_size)
    # int32 row pointers keep scipy from widening all indices to int64.
    one_each = np.arange(stop - start + 1, dtype=np.int32)
    words = sparse.csr_array(
        (np.ones(stop - start), sequences.values[start:stop], one_each), shape=shape
    )
    row_ends = np.concatenate([[0], np.cumsum(inside.sum(axis=1))]).astype(np.int32)
    weights = np.broadcast_to(1 / distances, inside.shape)[inside]
    # Beyond the last sequence nothing is inside.
    beyond = np.zeros(window, dtype=sequences.values.dtype)
    values = np.concatenate([sequences.values[start + 1 : stop + window], beyond])
    neighbours = sliding_window_view(values, window)[: stop - start]
    contexts = sparse.csr_array((weights, neighbours[inside], row_ends), shape=shape)
    # Thousands of small weights are added to one count: only the sums are rounded to float32.
    return (words.T.tocsr() @ contexts).astype(np.float32)


def positive_pmi(counts: sparse.csr_array, *, smoothing: float) -> sparse.csr_array:
    """Turn co-occurrence counts into positive pointwise mutual information.

    An entry is ``max(0, log(P(context | word) / P(context)))``, where ``P(context)`` is
    proportional to the count of the context to the power of ``smoothing``. The symmetric
    ``counts`` are the largest matrix of all, so they are overwritten and returned.
    """
    totals = counts.sum(axis=1, dtype=np.float64)
    log_totals = np.log(totals, where=totals > 0, out=np.zeros_like(totals))
    log_contexts = smoothing * log_totals
    log_contexts -= np.logaddexp.reduce(log_contexts[totals > 0])
    data = counts.data
    np.log(data, out=data)
    data -= np.repeat(log_totals.astype(np.float32), np.diff(counts.indptr))
    data -= log_contexts.astype(np.float32)[counts.indices]
    np.maximum(data, 0, out=data)
    counts.eliminate_zeros()
    return counts


def _factorize(ppmi: sparse.csr_array, dim: int, rng: np.random.RandomState) -> np.ndarray:
    """Return U * sqrt(S) of the truncated SVD, with zero columns beyond the vocabulary.

    It is computed as M V / sqrt(S), where M is the matrix of all words, and V and S come from
    the square of the busiest ones.
    """
    most = MOST_FACTORIZED
    if ppmi.shape[0] > most:
        uses = np.diff(ppmi.indptr) + np.bincount(ppmi.indices, minlength=ppmi.shape[0])
        busiest = np.sort(np.argsort(-uses, kind="stable")[:most])
        ppmi = ppmi[:, busiest]
        square = ppmi[busiest]
    else:
        square = ppmi
    # The spectrum decays slowly. Iterating until the smallest components are exact would cost
    # several times as much, and a classifier on R8 gains nothing after three iterations.
    _, singular_values, V_transposed = randomized_svd(
        square,
        n_components=min(dim, square.shape[0]),
        n_oversamples=10,
        n_iter=3,
        power_iteration_normalizer="LU",
        random_state=rng,
    )
    # Directions of rounding errors alone are left out.
    kept = singular_values > 1e-6 * singular_values[0]
    directions = V_transposed[kept].T / np.sqrt(singular_values[kept])
    factors = np.zeros((ppmi.shape[0], dim), dtype=np.float32)
    factors[:, : directions.shape[1]] = ppmi @ directions.astype(np.float32)
    return factors
