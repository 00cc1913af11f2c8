import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.exceptions import NotFittedError

from skrnn import LSTMTextClassifier
from skrnn.export import to_ids

LABELS_OF_PARTS = [0, 1, 0, 1]


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5)


def modules_in(config):
    """Yield the modules of all classes in a model's configuration."""
    if isinstance(config, dict):
        if "class_name" in config and "module" in config:
            yield config["module"]
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        for value in config:
            yield from modules_in(value)


@pytest.mark.parametrize(
    "pooling", ["last", "max", "mean", "attention", "max+mean", "max+mean+attention"]
)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_equal_outputs(make_classifier, texts, bidirectional, pooling):
    clf = make_classifier(depth=2, bidirectional=bidirectional, pooling=pooling)
    model = clf.to_keras()
    assert_close(model(clf.vectorizer_.transform(texts)), clf.predict_proba(texts))
    modules = set(modules_in(keras.saving.serialize_keras_object(model)))
    assert all(name.partition(".")[0] in ("keras", "builtins") for name in modules)


@pytest.mark.parametrize("pooling", ["last", "max+mean+attention"])
def test_parts_of_unseen_words(make_classifier, texts_with_parts, pooling):
    training, texts = texts_with_parts
    clf = make_classifier(training, LABELS_OF_PARTS, pooling=pooling)
    ids = to_ids(clf, texts)
    assert (ids < 0).any()
    assert_close(clf.to_keras()(ids), clf.predict_proba(texts))


def test_words_whose_vector_is_zero_are_no_padding(make_classifier, texts_with_parts):
    training, _ = texts_with_parts
    clf = make_classifier(training, LABELS_OF_PARTS, pooling="mean")
    embedding = clf._model.loan.network.model.get_layer("embedding").embeddings
    embedding.assign(np.zeros(embedding.shape))
    texts = ["unheard", "unheard tree", "tree unheard unheard"]
    assert_close(clf.to_keras()(to_ids(clf, texts)), clf.predict_proba(texts))


def test_ids_of_known_words_are_those_of_the_vectorizer(make_classifier, texts):
    clf = make_classifier(subwords=False)
    ids = to_ids(clf, texts)
    expected = clf.vectorizer_.transform(texts)[:, : ids.shape[1]]
    np.testing.assert_array_equal(ids, expected)


def test_ids_of_anything_but_texts(make_classifier):
    clf = make_classifier([[7, 8], [9, 7]], [0, 1])
    with pytest.raises(ValueError, match=r"needs a classifier of texts, .* on token ids"):
        to_ids(clf, [[7, 8]])


def test_independent_labels(make_classifier, texts, indicators):
    clf = make_classifier(y=indicators)
    assert_close(clf.to_keras()(clf.vectorizer_.transform(texts)), clf.predict_proba(texts))


def test_numbers(make_classifier):
    rng = np.random.default_rng(0)
    clf = make_classifier(rng.normal(size=(6, 3, 2)), [0, 1, 2] * 2, embedding_dim=None)
    X = rng.normal(size=(5, 3, 2))
    assert_close(clf.to_keras()(X), clf.predict_proba(X))


def test_a_feature_that_keras_takes_for_constant_is_refused(make_classifier):
    X = np.random.default_rng(0).normal(size=(6, 3, 2)) * [1, 1e-9]
    clf = make_classifier(X, [0, 1, 2] * 2, embedding_dim=None)
    with pytest.raises(ValueError, match="A feature of X has a standard deviation of"):
        clf.to_keras()


def test_own_ids(make_classifier):
    clf = make_classifier([[7, 5_000_000_000], [9, 7, 12]], [0, 1])
    X = np.array([[12, 5_000_000_000, 0, 0], [8, 9, 9, 7], [0, 0, 7, 12], [9, 0, 7, 0], [0] * 4])
    assert_close(clf.to_keras()(X), clf.predict_proba(X))


def test_ids_of_which_fit_saw_none(make_classifier):
    clf = make_classifier(np.zeros((4, 2), int), [0, 1] * 2)
    X = np.array([[0, 0], [0, 7], [9, 7]])
    assert_close(clf.to_keras()(X), clf.predict_proba(X))


@pytest.mark.filterwarnings("ignore:y holds the single class")
def test_single_class(make_classifier):
    clf = make_classifier(["one", "two words"], ["x", "x"])
    model = clf.to_keras()
    assert model.output_shape == (None, 1)
    assert_close(model(clf.vectorizer_.transform(["two"])), clf.predict_proba(["two"]))


def test_no_room(make_room):
    clf, texts = make_room()
    model = clf.to_keras()
    assert model.output_shape == (None, clf.n_classes_)
    (table,) = model.get_layer("embedding").get_weights()
    assert len(table) == 2 + len(clf.vectorizer_.vocabulary_)
    assert_close(model(clf.vectorizer_.transform(texts)), clf.predict_proba(texts))


def test_loads_without_skrnn(make_classifier, texts, tmp_path):
    by_texts = make_classifier()
    X = np.array([[7, 9, 0], [8, 9, 9]])
    by_ids = make_classifier([[7, 8], [9, 7, 12]], [0, 1])
    by_texts.to_keras().save(tmp_path / "texts.keras")
    by_ids.to_keras().save(tmp_path / "ids.keras")
    np.savez(tmp_path / "inputs.npz", texts=by_texts.vectorizer_.transform(texts), ids=X)
    program = """
import sys
import keras
import numpy as np

outputs = {
    name: keras.saving.load_model(f"{name}.keras").predict(ids, verbose=0)
    for name, ids in np.load("inputs.npz").items()
}
np.savez("outputs.npz", **outputs)
assert "skrnn" not in sys.modules
"""
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    outputs = np.load(tmp_path / "outputs.npz")
    assert_close(outputs["texts"], by_texts.predict_proba(texts))
    assert_close(outputs["ids"], by_ids.predict_proba(X))


def test_saved_model_serves(make_classifier, texts, tmp_path):
    clf = make_classifier()
    clf.to_keras().export(tmp_path / "saved")
    saved = tf.saved_model.load(tmp_path / "saved")
    assert_close(saved.serve(clf.vectorizer_.transform(texts)), clf.predict_proba(texts))


def test_independent(make_classifier, texts):
    clf = make_classifier()
    before = clf.predict_proba(texts)
    for model in (clf.model_, clf.to_keras()):
        for variable in model.trainable_variables:
            variable.assign(variable * 2)
    np.testing.assert_array_equal(clf.predict_proba(texts), before)
    assert_close(clf.to_keras()(clf.vectorizer_.transform(texts)), before)


def test_float32_under_another_policy(make_classifier, texts):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        clf = make_classifier()
        model = clf.to_keras()
        outputs = model(clf.vectorizer_.transform(texts))
    finally:
        keras.config.set_dtype_policy("float32")
    assert {layer.compute_dtype for layer in model.layers if layer.weights} == {"float32"}
    np.testing.assert_allclose(outputs, clf.predict_proba(texts), atol=0.02)


def test_any_layout_of_images(make_classifier, texts, channels_first):
    clf = make_classifier()
    assert_close(clf.to_keras()(clf.vectorizer_.transform(texts)), clf.predict_proba(texts))


def test_not_fitted():
    with pytest.raises(NotFittedError):
        LSTMTextClassifier().to_keras()
