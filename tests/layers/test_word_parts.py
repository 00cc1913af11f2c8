import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

from skrnn.layers import WordParts, WordsOnly

# Id 2 has the parts 0 and 1, id 3 the part 1, id 4 none.
VALUES, OFFSETS = [0, 1, 1], [0, 0, 0, 2, 3, 3]
TABLE = np.array([[1, 2], [3, 6], [5, 0], [7, 7]], dtype="float32")
IDS = np.array([[2, 1, -3, -4, 3, 0], [4, 3, 1, 1, -3, 2], [2, 0, 0, 0, 0, 0]], dtype="int32")
WORDS = [[2, 1, 3, 0, 0], [4, 3, 1, 1, 2], [2, 0, 0, 0, 0]]


def mean(*parts):
    return TABLE[list(parts)].mean(axis=0) if parts else np.zeros(2)


EXPECTED = [
    [mean(0, 1), mean(2, 3), mean(1), mean(), mean()],
    [mean(), mean(1), mean(), mean(2), mean(0, 1)],
    [mean(0, 1), mean(), mean(), mean(), mean()],
]


@pytest.fixture
def layer():
    layer = WordParts(n_parts=4, n_words=5, n_entries=3, output_dim=2, name="parts")
    layer.build(None)
    layer.embeddings.assign(TABLE)
    layer.values.assign(VALUES)
    layer.offsets.assign(OFFSETS)
    return layer


def test_words_only():
    words = WordsOnly()(IDS)
    assert_array_equal(words, WORDS)
    assert words.dtype == "int32"


@pytest.mark.parametrize("ids", [[[2, 3], [4, 0]], [[0, 0]], np.empty((2, 0))], ids=str)
def test_rows_without_parts_stay(ids):
    assert_array_equal(WordsOnly()(np.array(ids, dtype="int32")), ids)


def test_means(layer):
    assert_allclose(layer([IDS, WordsOnly()(IDS)]), EXPECTED, rtol=1e-6)


def test_mask(layer):
    assert_array_equal(layer.compute_mask([IDS, np.array(WORDS)]), np.array(WORDS) != 0)


def test_gradient_is_sparse_and_that_of_the_means(layer):
    weights = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")
    words = WordsOnly()(IDS)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer([IDS, words]) * weights)
    gradient = tape.gradient(loss, layer.embeddings.value)
    assert isinstance(gradient, tf.IndexedSlices)
    expected = np.zeros_like(TABLE)
    expected[0] = (weights[0, 0] + weights[1, 4] + weights[2, 0]) / 2
    expected[1] = expected[0] + weights[0, 2] + weights[1, 1]
    expected[2] = weights[0, 1] / 2 + weights[1, 3]
    expected[3] = weights[0, 1] / 2
    assert_allclose(tf.convert_to_tensor(gradient), expected, rtol=1e-5)


def test_config(layer):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert again.get_config() == layer.get_config()


def test_half_precision(layer):
    half = WordParts(4, 5, 3, 2, dtype="mixed_float16")
    half.build(None)
    half.embeddings.assign(TABLE)
    half.values.assign(VALUES)
    half.offsets.assign(OFFSETS)
    means = half([IDS, WordsOnly()(IDS)])
    assert means.dtype == "float16"
    assert_allclose(means, EXPECTED, rtol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_the_table_is_never_read(dtype):
    layer = WordParts(4, 5, 3, 2, dtype=dtype)
    layer.build(None)
    specs = [tf.TensorSpec((None, None), tf.int32)] * 2
    graph = tf.function(lambda *rows: layer(list(rows))).get_concrete_function(*specs).graph
    of_table = {
        operation.type
        for operation in graph.get_operations()
        if operation.inputs and operation.inputs[0] is graph.capture(layer.embeddings.value.handle)
    }
    assert of_table == {"ResourceGather"}
