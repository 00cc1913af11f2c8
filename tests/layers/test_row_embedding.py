import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_array_equal

from skrnn.layers import RowEmbedding

IDS = np.array([[2, 1, 2], [4, 0, 0]], dtype="int32")


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_outputs_mask_and_gradient_are_those_of_keras(dtype):
    ours, theirs = (
        layer(5, 3, mask_zero=True, dtype=dtype)
        for layer in (RowEmbedding, keras.layers.Embedding)
    )
    ours.build()
    theirs.build()
    theirs.set_weights(ours.get_weights())
    assert_array_equal(ours(IDS), theirs(IDS))
    assert ours(IDS).dtype == theirs(IDS).dtype
    assert_array_equal(ours.compute_mask(IDS), theirs.compute_mask(IDS))
    gradients = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(IDS) ** 2)
        gradients.append(tape.gradient(loss, layer.trainable_weights[0].value))
    assert all(isinstance(gradient, tf.IndexedSlices) for gradient in gradients)
    assert_array_equal(*map(tf.convert_to_tensor, gradients))


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_the_table_is_never_read(dtype):
    layer = RowEmbedding(5, 3, dtype=dtype)
    layer.build()
    graph = tf.function(layer).get_concrete_function(tf.TensorSpec(IDS.shape, tf.int32)).graph
    operations = {operation.type for operation in graph.get_operations()}
    assert "ResourceGather" in operations
    assert "ReadVariableOp" not in operations


def test_in_a_file_of_keras(tmp_path):
    inputs = keras.Input((None,), dtype="int32")
    model = keras.Model(inputs, RowEmbedding(5, 3)(inputs))
    model.save(tmp_path / "model.keras")
    assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(IDS), model(IDS))


def test_a_table_of_low_rank_is_added():
    layer, parent = RowEmbedding(5, 4), keras.layers.Embedding(5, 4)
    for each in (layer, parent):
        each.build((None,))
        each.enable_lora(2)
    parent.set_weights(layer.get_weights())
    assert_array_equal(layer(np.array([[1, 3]])), parent(np.array([[1, 3]])))
