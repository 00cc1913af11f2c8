import keras
import numpy as np
import pytest
import tensorflow as tf

from skrnn._network.adam import LazyAdam


def run(optimizer, gradients, start):
    variable = keras.Variable(start)
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([gradient], [variable])
    return np.asarray(variable)


def sparse(rows, values, shape=(5, 2)):
    return tf.IndexedSlices(tf.constant(values, tf.float32), tf.constant(rows), tf.constant(shape))


@pytest.mark.parametrize(
    "settings", [{}, {"global_clipnorm": 0.1}, {"amsgrad": True, "beta_2": 0.5}], ids=str
)
def test_dense_gradients_equal_keras(settings):
    rng = np.random.default_rng(0)
    # They shrink, so that the largest squares of all are not the last ones.
    sizes = [10.0, 3.0, 1.0, 0.3, 0.1, 0.1, 0.1]
    gradients = [tf.constant(size * rng.normal(size=(5, 2)), tf.float32) for size in sizes]
    start = rng.normal(size=(5, 2)).astype("float32")
    expected = run(keras.optimizers.Adam(0.01, **settings), gradients, start)
    np.testing.assert_allclose(
        run(LazyAdam(learning_rate=0.01, **settings), gradients, start), expected, rtol=1e-5
    )


def test_rows_of_every_batch_equal_keras():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(7, 5, 2)).astype("float32")
    order = [rng.permutation(5).astype("int32") for _ in range(7)]
    start = rng.normal(size=(5, 2)).astype("float32")
    dense = [tf.constant(v[np.argsort(rows)]) for v, rows in zip(values, order, strict=True)]
    expected = run(keras.optimizers.Adam(0.01), dense, start)
    slices = [sparse(rows, v) for v, rows in zip(values, order, strict=True)]
    np.testing.assert_allclose(
        run(LazyAdam(learning_rate=0.01), slices, start), expected, rtol=1e-5
    )


def test_rows_that_a_batch_lacks_stay():
    start = np.ones((5, 2), dtype="float32")
    moved = run(LazyAdam(learning_rate=0.1), [sparse([1, 3], np.ones((2, 2)))] * 3, start)
    np.testing.assert_array_equal(moved[[0, 2, 4]], start[[0, 2, 4]])
    assert (moved[[1, 3]] < start[[1, 3]]).all()


@pytest.mark.parametrize("settings", [{}, {"global_clipnorm": 0.1}, {"clipnorm": 0.1}], ids=str)
def test_repeated_rows_are_added_up(settings):
    start = np.zeros((5, 2), dtype="float32")
    twice = run(LazyAdam(learning_rate=0.1, **settings), [sparse([1, 1], np.ones((2, 2)))], start)
    once = run(LazyAdam(learning_rate=0.1, **settings), [sparse([1], [[2.0, 2.0]])], start)
    np.testing.assert_array_equal(twice, once)


def test_the_norm_of_all_gradients_is_clipped():
    variables = [
        keras.Variable(np.zeros((5, 2), "float32")),
        keras.Variable(np.zeros(3, "float32")),
    ]
    optimizer = LazyAdam(learning_rate=1.0, global_clipnorm=1.0)
    clipped = optimizer._clip_gradients([sparse([1], [[3.0, 0.0]]), tf.constant([0.0, 4.0, 0.0])])
    np.testing.assert_allclose(clipped[0].values, [[0.6, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(clipped[1], [0.0, 0.8, 0.0], rtol=1e-6)
    optimizer.build(variables)


def test_saves_as_a_keras_optimizer():
    config = keras.optimizers.serialize(LazyAdam(learning_rate=0.25, global_clipnorm=2.0))
    loaded = keras.optimizers.deserialize(config)
    assert isinstance(loaded, LazyAdam)
    assert loaded.global_clipnorm == 2.0
    assert float(loaded.learning_rate) == 0.25
