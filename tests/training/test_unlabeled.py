"""Linear models of document vectors: kinds of documents, and labels."""

import numpy as np
import pytest

from skrnn._data.samples import Labels, Samples
from skrnn._data.sequences import Sequences
from skrnn._training import unlabeled as unlabeled_module
from skrnn._training.unlabeled import are_alike, linear_probabilities


def documents(n_documents, words, rng):
    ids = rng.choice(words, size=(n_documents, 8)).astype(np.int32)
    return Sequences.from_lengths(ids.ravel(), np.full(n_documents, 8))


@pytest.mark.parametrize("most", [2**13, 80])
def test_kinds_of_documents_differ_by_their_words(most, monkeypatch):
    # Of more unlabelled documents some are looked at, wherever they stand.
    monkeypatch.setattr(unlabeled_module, "_MOST_UNLABELED", most)
    rng = np.random.default_rng(0)
    first, second = np.arange(2, 42), np.arange(42, 82)
    labeled = documents(50, first, rng)
    unlabeled = Sequences.concatenate([documents(300, first, rng), documents(100, second, rng)])
    alike = are_alike(labeled, unlabeled, has_all_words=True, random_state=0)
    assert alike[:300].mean() > 0.9
    assert not alike[300:].any()


def test_kinds_of_documents_differ_by_how_often_they_have_known_words():
    rng = np.random.default_rng(0)
    often, rarely, unknown = np.arange(2, 42), np.arange(42, 82), np.arange(82, 92)
    labeled = documents(60, np.concatenate([np.tile(often, 9), rarely]), rng)
    unlabeled = Sequences.concatenate(
        [
            documents(100, np.concatenate([np.tile(often, 9), unknown]), rng),
            documents(100, np.concatenate([rarely, unknown]), rng),
        ]
    )
    alike = are_alike(labeled, unlabeled, has_all_words=False, random_state=0)
    assert alike[:100].all()
    assert alike[100:].mean() < 0.5


def test_words_of_half_of_the_documents_tell_no_kind_of_a_single_one():
    labeled, unlabeled = (documents(n, np.arange(2, 10), np.random.default_rng(0)) for n in (1, 3))
    alike = are_alike(labeled, unlabeled, has_all_words=False, random_state=0)
    assert alike.tolist() == [True] * 3


@pytest.mark.parametrize("has_all_words", [True, False])
def test_documents_without_words_have_no_kind(has_all_words):
    labeled = documents(20, np.arange(2, 10), np.random.default_rng(0))
    empty = Sequences.from_lengths(np.empty(0, dtype=np.int32), np.zeros(5, dtype=np.int64))
    alike = are_alike(labeled, empty, has_all_words=has_all_words, random_state=0)
    assert alike.tolist() == [True] * 5


def test_probabilities_of_classes_and_weights_of_samples():
    rng = np.random.default_rng(0)
    words = np.arange(2, 10)
    labeled = Sequences.concatenate([documents(10, words[:4], rng), documents(10, words[4:], rng)])
    targets, weights = np.repeat([0, 2], 10), np.ones(20)
    samples = Samples(labeled, Labels(targets, weights, weights))
    table = np.concatenate([np.zeros((2, 8)), np.eye(8)])
    unlabeled = Sequences.concatenate([documents(5, words[:4], rng), documents(5, words[4:], rng)])
    probabilities = linear_probabilities(samples, unlabeled, table, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities.argmax(axis=1).tolist() == [0] * 5 + [2] * 5
    assert not probabilities[:, 1].any()

    heavy = np.where(targets == 2, 9.0, 1.0)
    weighed = Samples(labeled, Labels(targets, weights, heavy))
    assert (linear_probabilities(weighed, unlabeled, table, 3)[:, 2] > probabilities[:, 2]).all()
