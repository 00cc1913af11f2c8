import keras
import numpy as np
import pytest
from scipy.special import softmax
from sklearn.exceptions import NotFittedError

from skrnn import LSTMTextClassifier
from skrnn.inspection import document_vectors

X = ["wheat rose", "maize and wheat", "bank cut rates", "rates fell"] * 4
Y = np.array(["grain", "grain", "money", "money"] * 4)


def make(**kwargs):
    settings = {"units": 4, "embedding_dim": 8, "epochs": 3, "batch_size": 8, "random_state": 0}
    return LSTMTextClassifier(**{**settings, **kwargs})


@pytest.mark.parametrize(
    ("params", "width"),
    [({}, 48), ({"pooling": "last", "bidirectional": False}, 4), ({"pooling": "max"}, 8)],
    ids=str,
)
def test_the_output_layer_makes_the_probabilities_of_them(params, width):
    clf = make(**params).fit(X, Y)
    vectors = document_vectors(clf, X)
    assert vectors.shape == (len(X), width)
    assert vectors.dtype == np.float32
    kernel, bias = clf.model_.get_layer("output").get_weights()
    expected = softmax(vectors @ kernel + bias, axis=1)
    np.testing.assert_allclose(clf.predict_proba(X), expected, rtol=1e-4)


def test_half_precision_stays_within():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        clf = make(pooling="last").initialize(X, Y)
        assert document_vectors(clf, X).dtype == np.float32
    finally:
        keras.config.set_dtype_policy("float32")


def test_numbers_have_vectors_too():
    numbers = np.random.default_rng(0).normal(size=(10, 4))
    clf = make(embedding_dim=None).fit(numbers, np.arange(10) % 2)
    assert document_vectors(clf, numbers).shape == (10, 48)


def test_an_unfitted_classifier_is_refused():
    with pytest.raises(NotFittedError):
        document_vectors(make(), X)
