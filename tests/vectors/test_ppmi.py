import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skrnn._data.sequences import FIRST_TOKEN, PADDING, UNKNOWN, Sequences
from skrnn._vectors import ppmi
from skrnn._vectors.ppmi import cooccurrence_counts, positive_pmi, ppmi_embeddings

VOCABULARY_SIZE = 8
corpora = st.lists(
    st.lists(st.integers(UNKNOWN, VOCABULARY_SIZE - 1), max_size=12), min_size=1, max_size=6
)


def make_sequences(rows):
    values = np.array([value for row in rows for value in row], dtype=np.int32)
    return Sequences.from_lengths(values, np.array([len(row) for row in rows], dtype=np.int64))


def random_sequences(rng, n_sequences=40, length=15, vocabulary_size=30):
    return make_sequences(rng.integers(FIRST_TOKEN, vocabulary_size, (n_sequences, length)))


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def brute_force_counts(rows, window):
    counts = np.zeros((VOCABULARY_SIZE, VOCABULARY_SIZE))
    for row in rows:
        for i, word in enumerate(row):
            for j, context in enumerate(row):
                if 0 < abs(i - j) <= window:
                    counts[word, context] += 1 / abs(i - j)
    return counts


# --- counts


@given(rows=corpora, window=st.integers(1, 15), block_pairs=st.integers(1, 60))
@settings(deadline=None)
def test_counts_equal_a_double_loop_in_blocks_of_any_size(rows, window, block_pairs):
    counts = cooccurrence_counts(
        make_sequences(rows), VOCABULARY_SIZE, window=window, block_pairs=block_pairs
    )
    assert counts.dtype == np.float32
    assert_allclose(counts.toarray(), brute_force_counts(rows, window), rtol=1e-5)


def test_counts_do_not_reach_across_the_end_of_a_sequence():
    apart = cooccurrence_counts(make_sequences([[2, 3], [], [4, 5], []]), 6, window=5).toarray()
    assert apart[2, 3] == apart[4, 5] == 1
    assert apart.sum() == 4


def test_frequent_pairs_are_counted_without_accumulated_rounding():
    # 0.2 is no binary fraction: adding it up in float32 is off by much more than this.
    n_tokens = 400_000
    sequences = make_sequences([[2] * n_tokens])
    counts = cooccurrence_counts(sequences, 3, window=5)
    expected = sum(2 * (n_tokens - d) / d for d in range(1, 6))
    assert_allclose(counts[2, 2], expected, rtol=1e-6)


def test_counts_keep_narrow_indices():
    counts = cooccurrence_counts(make_sequences([[2, 3, 4]]), 5, window=2)
    assert counts.indices.dtype == counts.indptr.dtype == np.int32


# --- PPMI


@given(rows=corpora, smoothing=st.sampled_from([0.5, 0.75, 1.0]))
@settings(deadline=None)
def test_ppmi_equals_the_dense_formula(rows, smoothing):
    joint = brute_force_counts(rows, window=3)
    contexts = joint.sum(axis=0) ** smoothing
    with np.errstate(divide="ignore", invalid="ignore"):
        p_word = joint.sum(axis=1) / joint.sum()
        p_context = contexts / contexts.sum()
        pmi = np.log(joint / joint.sum() / np.outer(p_word, p_context))
    expected = np.maximum(np.nan_to_num(pmi, nan=0, neginf=0), 0)

    counts = cooccurrence_counts(make_sequences(rows), VOCABULARY_SIZE, window=3)
    found = positive_pmi(counts, smoothing=smoothing)
    assert (found.data > 0).all()
    assert_allclose(found.toarray(), expected, atol=1e-5)


# --- vectors


def test_vectors_reproduce_the_ppmi_matrix_up_to_centring():
    # With U S V' = M, the distances between rows of U sqrt(S) are those of M sqrt(M'M)^-1/2.
    sequences = random_sequences(np.random.default_rng(0))
    found = positive_pmi(cooccurrence_counts(sequences, 30, window=5), smoothing=0.75).toarray()
    U, singular_values, _ = np.linalg.svd(found)
    expected = (U * np.sqrt(singular_values))[FIRST_TOKEN:]
    expected -= expected.mean(axis=0)
    expected *= 0.3 / expected.std()
    vectors = ppmi_embeddings(sequences, 30, 30, random_state=0)[FIRST_TOKEN:]
    assert_allclose(vectors @ vectors.T, expected @ expected.T, atol=1e-3)


def test_interchangeable_words_get_similar_vectors(monkeypatch):
    monkeypatch.setattr(ppmi, "WINDOW", 2)
    # Words go round in a circle, and a coin decides which of its two names each one gets.
    rng = np.random.default_rng(0)
    n_words = 20
    rows = []
    for _ in range(600):
        words = [rng.integers(n_words)]
        for _ in range(7):
            words.append(
                (words[-1] + 1) % n_words if rng.random() < 0.8 else rng.integers(n_words)
            )
        rows.append(FIRST_TOKEN + 2 * np.array(words) + rng.integers(2, size=8))
    vectors = ppmi_embeddings(make_sequences(rows), FIRST_TOKEN + 2 * n_words, 10, random_state=0)[
        FIRST_TOKEN:
    ]
    similarity = np.array([[cosine(a, b) for b in vectors] for a in vectors])
    np.fill_diagonal(similarity, -1)
    assert_array_equal(similarity.argmax(axis=1), np.arange(2 * n_words) ^ 1)


def test_rare_words_are_projected_onto_the_directions_of_busy_ones(monkeypatch):
    # Words go round in a circle; every tenth time a word has its other, rare name.
    monkeypatch.setattr(ppmi, "MOST_FACTORIZED", 12)
    rng = np.random.default_rng(0)
    n_words = 10
    steps = np.cumsum(rng.choice([1, 1, 1, 3], size=(800, 8)), axis=1) + rng.integers(
        n_words, size=(800, 1)
    )
    rows = FIRST_TOKEN + steps % n_words + n_words * (rng.random(steps.shape) < 0.1)
    size = FIRST_TOKEN + 2 * n_words
    vectors = ppmi_embeddings(make_sequences(rows), size, 8, random_state=0)[FIRST_TOKEN:]
    similarity = [[cosine(rare, busy) for busy in vectors[:n_words]] for rare in vectors[n_words:]]
    assert_array_equal(np.argmax(similarity, axis=1), np.arange(n_words))


def test_a_part_of_a_large_corpus_is_drawn_from_all_of_it(monkeypatch):
    monkeypatch.setattr(ppmi, "MOST_TOKENS", 60)
    rows = [[2, 3, 4], [2, 5, 4]] * 20 + [[6, 7, 8], [6, 9, 8]] * 20
    vectors = ppmi_embeddings(make_sequences(rows), 10, 4, random_state=0)
    # Words with the same neighbours have the same vector, wherever they stand.
    assert_allclose(vectors[[3, 7]], vectors[[5, 9]], atol=1e-3)


def test_words_of_all_blocks_have_vectors(monkeypatch):
    monkeypatch.setattr("skrnn._data.sequences.BLOCK_STEPS", 2)
    vectors = ppmi_embeddings(make_sequences([[2], [3], [4], [5]]), 6, 3, random_state=0)
    assert vectors[FIRST_TOKEN:].any(axis=1).all()


def test_vectors_are_centred_and_scaled():
    vectors = ppmi_embeddings(random_sequences(np.random.default_rng(0)), 30, 12, random_state=0)
    assert vectors.shape == (30, 12)
    assert vectors.dtype == np.float32
    assert_allclose(vectors[FIRST_TOKEN:].std(), 0.3, rtol=1e-5)
    assert_allclose(vectors[FIRST_TOKEN:].mean(axis=0), 0, atol=1e-6)


def test_ids_that_never_occur_have_the_mean_vector():
    vectors = ppmi_embeddings(
        random_sequences(np.random.default_rng(0), vocabulary_size=30), 35, 8, random_state=0
    )
    assert_array_equal(vectors[[PADDING, UNKNOWN, 30, 34]], 0)
    assert (np.abs(vectors[FIRST_TOKEN:30]).max(axis=1) > 0).all()


def test_unknown_words_of_the_training_sequences_are_learned():
    sequences = random_sequences(np.random.default_rng(0))
    values = np.where(sequences.values < 5, UNKNOWN, sequences.values)
    vectors = ppmi_embeddings(Sequences(values, sequences.offsets), 30, 8, random_state=0)
    assert np.abs(vectors[UNKNOWN]).max() > 0


@pytest.mark.parametrize("make_state", [int, np.random.RandomState])
def test_same_random_state_same_bits(make_state):
    sequences = random_sequences(np.random.default_rng(0))
    first, second = (
        ppmi_embeddings(sequences, 30, 8, random_state=make_state(3)) for _ in range(2)
    )
    assert_array_equal(first, second)


def test_sequences_are_left_as_they_are():
    sequences = random_sequences(np.random.default_rng(0))
    values = sequences.values.copy()
    ppmi_embeddings(sequences, 30, 8, random_state=0)
    assert_array_equal(sequences.values, values)


# --- little to learn from


@pytest.mark.parametrize("dim", [1, 2, 100])
@pytest.mark.parametrize(
    "rows",
    [
        [[2], [3]],
        [[2, 2], [2, 2]],
        [[2, 3]],
        [[2, 3, 2], [3], [4]],
        [[2, 2, 3, 3, 2]],
        [[UNKNOWN, 2, UNKNOWN]],
    ],
    ids=str,
)
def test_tiny_corpora(rows, dim):
    vectors = ppmi_embeddings(make_sequences(rows), 6, dim, random_state=0)
    assert vectors.shape == (6, dim)
    assert np.isfinite(vectors).all()
    assert_array_equal(vectors[[PADDING, 5]], 0)
    occurring = sorted({word for row in rows for word in row})
    assert (np.abs(vectors[occurring]).max(axis=1) > 0).all()
    assert len(np.unique(vectors[occurring], axis=0)) == len(occurring)


@pytest.mark.parametrize("rows", [[], [[]], [[], []]], ids=str)
def test_no_token_at_all(rows):
    assert_array_equal(ppmi_embeddings(make_sequences(rows), 4, 3, random_state=0), 0)


def test_without_any_neighbours_the_vectors_are_normally_distributed():
    rows = [[word] for word in range(FIRST_TOKEN, 200)]
    vectors = ppmi_embeddings(make_sequences(rows), 200, 50, random_state=0)
    assert_allclose(vectors[FIRST_TOKEN:].std(), 0.3, rtol=0.05)
    assert_allclose(vectors[FIRST_TOKEN:].mean(), 0, atol=0.02)


def test_words_without_neighbours_do_not_disturb_the_others():
    sequences = random_sequences(np.random.default_rng(0))
    lonely = Sequences(
        np.append(sequences.values, np.int32(30)),
        np.append(sequences.offsets, sequences.offsets[-1] + 1),
    )
    vectors = ppmi_embeddings(lonely, 31, 20, random_state=0)
    assert_allclose(vectors[FIRST_TOKEN:30].std(), 0.3, rtol=1e-5)
    assert 0.1 < vectors[30].std() < 0.5


def test_columns_beyond_the_vocabulary_are_zero():
    vectors = ppmi_embeddings(
        random_sequences(np.random.default_rng(0), vocabulary_size=10), 10, 25, random_state=0
    )
    assert_array_equal(vectors[:, 10:], 0)
    assert_allclose(vectors[FIRST_TOKEN:].std(), 0.3, rtol=1e-5)
