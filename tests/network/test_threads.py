"""Compiled functions whose ops run on one thread each."""

import gc

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from skrnn import LSTMTextClassifier
from skrnn._network.threads import on_one_thread_an_op

SPEC = tf.TensorSpec((None, 3))


def wrapped(function):
    compiled = tf.function(function, autograph=False).get_concrete_function(SPEC)
    return on_one_thread_an_op(compiled, (SPEC,))


def test_results_and_their_structure_stay():
    weights = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2))
    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    product, mean = wrapped(lambda x: (x @ weights, tf.reduce_mean(x)))(x)
    np.testing.assert_array_equal(product, x @ weights.numpy())
    assert float(mean) == x.mean()
    single = wrapped(lambda x: x + 1)(x)
    np.testing.assert_array_equal(single, x + 1)


def test_variables_are_updated_once_a_call():
    count = tf.Variable(0.0)
    function = wrapped(lambda x: count.assign_add(tf.reduce_sum(x)))
    for _ in range(3):
        function(np.ones((2, 3), np.float32))
    assert count.numpy() == 18


def test_an_error_of_an_op_is_raised():
    function = wrapped(lambda x: tf.gather(x, [5]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="indices"):
        function(np.ones((2, 3), np.float32))


def test_functions_go_when_nobody_holds_them():
    def n_functions():
        gc.collect()
        return len(context.context().list_function_names())

    wrapped(lambda x: x * 2)(np.ones((2, 3), np.float32))
    before = n_functions()
    for _ in range(3):
        wrapped(lambda x: x * 3)(np.ones((2, 3), np.float32))
    assert n_functions() <= before


@pytest.mark.parametrize(("units", "is_limited"), [(3, True), (129, False)])
def test_narrow_networks_are_limited_and_wide_ones_are_not(units, is_limited):
    clf = LSTMTextClassifier(units=units, embedding_dim=4, embeddings="random", epochs=1)
    clf.fit(["good film", "bad film", "good", "bad"], [1, 0, 1, 0])
    network = clf._model.loan.network
    for function in (network._outputs, *network._train_steps.values()):
        limits = {
            op.get_attr("max_intra_op_parallelism")
            for op in function.graph.get_operations()
            if op.type == "MapDefun"
        }
        assert limits == ({1} if is_limited else set())
