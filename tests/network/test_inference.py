import threading

import numpy as np
import pytest

from skrnn import LSTMTextClassifier
from skrnn._network import inference

RNG = np.random.default_rng(0)
DOCUMENTS = [RNG.integers(1, 50, size=size).tolist() for size in RNG.integers(1, 40, size=120)]
LABELS = np.array([max(document) > 45 for document in DOCUMENTS])


@pytest.fixture(scope="module")
def clf():
    # `partial_fit` would compile a step of its own after one with consistency.
    clf = LSTMTextClassifier(units=4, embedding_dim=6, epochs=2, consistency=0.0, random_state=0)
    return clf.fit(DOCUMENTS, LABELS)


def test_order_is_kept_and_chunks_are_bounded(clf, monkeypatch):
    expected = clf.predict_proba(DOCUMENTS)
    lengths = np.array([len(document) for document in DOCUMENTS])
    monkeypatch.setattr(inference, "_CHUNK_STEPS", 64)
    chunks = list(inference.chunks(lengths))
    assert len(chunks) > 10
    np.testing.assert_array_equal(np.sort(np.concatenate(chunks)), np.arange(120))
    for rows in chunks:
        assert len(rows) * lengths[rows].max() <= 64
    np.testing.assert_allclose(clf.predict_proba(DOCUMENTS), expected, atol=1e-6)


def test_a_document_longer_than_the_bound_goes_alone(monkeypatch):
    monkeypatch.setattr(inference, "_CHUNK_STEPS", 10)
    assert [rows.tolist() for rows in inference.chunks(np.array([3, 25, 3]))] == [[1], [0, 2]]


def test_does_not_depend_on_the_batch(clf):
    together = clf.predict_proba(DOCUMENTS)
    alone = np.vstack([clf.predict_proba([document]) for document in DOCUMENTS])
    np.testing.assert_allclose(alone, together, rtol=1e-5, atol=1e-7)


def test_equals_keras(clf):
    ids = np.zeros((120, 40), dtype=int)
    for row, document in zip(ids, DOCUMENTS, strict=True):
        row[: len(document)] = document
    # The classifier numbers the ids that occur from 2 on.
    lookup = np.zeros(51, dtype=int)
    lookup[clf._model.reader.ids] = np.arange(2, 2 + len(clf._model.reader.ids))
    keras_says = clf.model_.predict(lookup[ids], verbose=0)
    np.testing.assert_allclose(clf.predict_proba(DOCUMENTS), keras_says, rtol=1e-5, atol=1e-7)


def test_traces_once(clf, monkeypatch):
    network = clf._model.loan.network
    compiled = []
    original = type(network).compile
    monkeypatch.setattr(
        type(network), "compile", lambda *args: compiled.append(1) or original(*args)
    )
    vars(network).pop("_outputs", None)
    for size in (1, 3, 120):
        clf.predict_proba(DOCUMENTS[:size])
    clf.partial_fit(DOCUMENTS, LABELS).predict(DOCUMENTS)
    assert compiled == [1]


def test_threads_agree(clf):
    expected = clf.predict_proba(DOCUMENTS)
    vars(clf._model.loan.network).pop("_outputs", None)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(clf.predict_proba(DOCUMENTS)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    for answer in answers:
        np.testing.assert_array_equal(answer, expected)


def test_a_gpu_sees_few_shapes(clf, monkeypatch):
    import tensorflow as tf

    assert clf._model.loan.network.width_multiple == 1
    expected = clf.predict_proba(DOCUMENTS)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    assert clf._model.loan.network.width_multiple == 16
    np.testing.assert_allclose(clf.predict_proba(DOCUMENTS), expected, rtol=1e-5, atol=1e-7)


def test_trains_and_predicts_on_a_gpu():
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        pytest.skip("TensorFlow sees no GPU")
    gpu = LSTMTextClassifier(units=4, embedding_dim=6, epochs=2, random_state=0)
    probabilities = gpu.fit(DOCUMENTS, LABELS).predict_proba(DOCUMENTS)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_blocks_are_put_together(clf):
    network, sequences = clf._model.loan.network, clf._model.read(DOCUMENTS)
    expected = inference.predict_probabilities(network, 120, [sequences])
    # In another order: memory that is not written to may hold the first results.
    blocks = [sequences.between(70, 120), sequences.between(0, 70)]
    together = inference.predict_probabilities(network, 120, blocks)
    np.testing.assert_allclose(together, np.roll(expected, 50, axis=0), atol=1e-6)
