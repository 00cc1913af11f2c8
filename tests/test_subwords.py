"""Parts of words, from a fit to its predictions."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skrnn import LSTMTextClassifier, SequenceVectorizer, load
from skrnn._data.columns import Columns
from skrnn._data.inputs import check_documents
from skrnn._data.parts import WordParts
from skrnn._data.readers import TextReader
from skrnn._data.sequences import UNKNOWN, Sequences

STEMS = ["walk", "talk", "jump", "cook", "wash", "paint", "clean", "climb", "count", "laugh"]
# The label is the ending, and every word is in a single text.
TEXTS = [stem + ending for stem in STEMS for ending in ("ing", "able")]
LABELS = ["verb", "adjective"] * len(STEMS)
UNSEEN = ["drinking", "breaking", "drinkable", "breakable"]
SMALL = {"units": 4, "embedding_dim": 16, "random_state": 0}


def table_of_parts(clf):
    return clf._model.loan.network.get_weights()["parts/embeddings"]


@pytest.fixture(scope="module")
def clf():
    return LSTMTextClassifier(**SMALL).fit(TEXTS, LABELS)


def test_unseen_words_are_their_parts(clf):
    assert clf.predict(UNSEEN).tolist() == ["verb", "verb", "adjective", "adjective"]


def test_without_parts_all_unseen_words_are_alike():
    without = LSTMTextClassifier(**SMALL, subwords=False, epochs=1).fit(TEXTS, LABELS)
    assert len(np.unique(without.predict_proba(UNSEEN), axis=0)) == 1


@pytest.mark.parametrize(
    ("params", "has_parts"),
    [
        ({}, True),
        ({"vectorizer": SequenceVectorizer(analyzer="char")}, False),
        ({"vectorizer": SequenceVectorizer(analyzer="char"), "subwords": True}, False),
        ({"vectorizer": SequenceVectorizer(analyzer=str.split)}, True),
        ({"subwords": False}, False),
    ],
    ids=str,
)
def test_which_words_have_parts(params, has_parts):
    clf = LSTMTextClassifier(**SMALL, **params).initialize(TEXTS, LABELS)
    assert (clf._model.loan.architecture.n_parts > 0) is has_parts


def test_ids_have_no_parts():
    clf = LSTMTextClassifier(**SMALL, subwords=True).initialize([[11, 12], [12, 11]], [0, 1])
    assert clf._model.loan.architecture.n_parts == 0


@pytest.mark.parametrize("embeddings", ["ppmi", "random", {"walking": np.ones(16)}], ids=str)
def test_parts_start_from_their_words(embeddings):
    clf = LSTMTextClassifier(**SMALL, embeddings=embeddings).initialize(TEXTS, LABELS)
    weights, parts = clf._model.loan.network.get_weights(), clf._model.reader.parts
    ids = [clf.vectorizer_.vocabulary_[stem + "ing"] + 2 for stem in STEMS]
    np.testing.assert_allclose(
        weights["parts/embeddings"][parts.names.index("ing>")],
        weights["embedding/embeddings"][ids].mean(axis=0),
        atol=1e-6,
    )


def test_training_goes_on_with_the_parts_of_new_words(clf, tmp_path):
    clf.save(tmp_path / "model", with_optimizer=True)
    later = load(tmp_path / "model")
    before = table_of_parts(later)
    later.partial_fit(["singing"], ["verb"])
    changed = np.flatnonzero((table_of_parts(later) != before).any(axis=1))
    names = [later._model.reader.parts.names[number] for number in changed]
    assert {"ing", "ng>", "ing>"} <= set(names)


def test_vectors_that_are_not_trained_keep_their_parts():
    clf = LSTMTextClassifier(**SMALL, trainable_embeddings=False, epochs=1)
    before = table_of_parts(clf.initialize(TEXTS, LABELS))
    np.testing.assert_array_equal(table_of_parts(clf.fit(TEXTS, LABELS)), before)


@pytest.mark.parametrize(
    "params",
    [{"max_features": 5}, {"min_df": 2}, {"vocabulary": ["walking", "talking"]}, {"maxlen": 2}],
    ids=str,
)
def test_a_fit_reads_words_without_an_id_as_predictions_do(params):
    texts = [f"{text} walking talking" for text in TEXTS]
    documents = check_documents(texts, Columns("reader"), learn=True)
    reader, sequences = TextReader.learn(documents, SequenceVectorizer(**params), subwords=True)
    assert (sequences.values < 0).any() == ("maxlen" not in params)
    read = Sequences.concatenate(reader.read(documents))
    assert_array_equal(sequences.values, read.values)
    assert_array_equal(sequences.offsets, read.offsets)


def test_words_without_an_id_that_share_no_part_are_unknown():
    vectorizer = SequenceVectorizer(max_features=1)
    clf = LSTMTextClassifier(**SMALL, vectorizer=vectorizer, epochs=1).fit(TEXTS, LABELS)
    assert len(np.unique(clf.predict_proba(UNSEEN), axis=0)) == 1


def test_a_limit_counts_words(clf):
    limited = LSTMTextClassifier(**SMALL, epochs=1, vectorizer=SequenceVectorizer(maxlen=2))
    limited.fit(TEXTS, LABELS)
    np.testing.assert_array_equal(
        limited.predict_proba(["drinking drinkable breaking"]),
        limited.predict_proba(["drinking drinkable unlike anything"]),
    )


def test_words_without_an_id_are_kept_for_a_block_only(clf, monkeypatch):
    sizes, spelt_out = [], WordParts.spelt_out

    def counting(self, block, words):
        sizes.append(len(words))
        return spelt_out(self, block, words)

    monkeypatch.setattr(WordParts, "spelt_out", counting)
    expected = clf._model.read(UNSEEN)
    monkeypatch.setattr("skrnn._data.numbering.BLOCK_STEPS", 1)
    in_blocks = clf._model.read(UNSEEN)
    assert_array_equal(in_blocks.values, expected.values)
    assert sizes == [len(UNSEEN)] + [1] * len(UNSEEN)


def test_words_that_are_dropped_leave_no_parts():
    texts = [f"{text} walking talking" for text in TEXTS]
    documents = check_documents(texts, Columns("reader"), learn=True)
    vectorizer = SequenceVectorizer(max_features=5, oov="drop")
    reader, sequences = TextReader.learn(documents, vectorizer, subwords=True)
    assert reader.parts is not None
    for read in (sequences, Sequences.concatenate(reader.read(documents))):
        assert (read.values > UNKNOWN).all()
