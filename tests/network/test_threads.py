"""Compiled functions whose ops are not divided among threads."""

import gc

import joblib
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from skrnn import LSTMTextClassifier, config_context
from skrnn._network import network
from skrnn._network.threads import on_one_thread_an_op, one_thread_pays

SPEC = tf.TensorSpec((None, 3))
ROWS = np.ones((2, 3), np.float32)

# Every kind of stage and of loss, small.
PROGRAM = """
import hashlib
import numpy as np
from skrnn import LSTMTextClassifier

texts, labels = ["wheat exports rose", "rates and bonds fell", "wheat"] * 20, [0, 1, 0] * 20
both, single = np.eye(2, dtype=int)[labels], {"pooling": "last", "bidirectional": False}
numbers = np.random.default_rng(0).normal(size=(60, 5, 2))
for params, X, y in [
    ({}, texts, labels),
    ({"depth": 2, "pooling": "last"}, texts, both),
    ({"consistency": 0.0, "label_smoothing": 0.1, **single}, texts, labels),
    ({"embedding_dim": None}, numbers, labels),
]:
    params = {"units": 3, "epochs": 2, "random_state": 0, **params}
    probabilities = LSTMTextClassifier(**params).fit(X, y).predict_proba(X)
    print(hashlib.sha256(np.asarray(probabilities).tobytes()).hexdigest())
"""


def wrapped(function):
    compiled = tf.function(function, autograph=False).get_concrete_function(SPEC)
    return on_one_thread_an_op(compiled, SPEC)


def test_results_stay():
    weights = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2))
    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    product, mean = wrapped(lambda x: (x @ weights, tf.reduce_mean(x)))(x)
    np.testing.assert_array_equal(product, x @ weights.numpy())
    assert float(mean) == x.mean()


def test_variables_are_updated_once_a_call():
    count = tf.Variable(0.0)
    function = wrapped(lambda x: (count.assign_add(tf.reduce_sum(x)),))
    for _ in range(3):
        function(ROWS)
    assert count.numpy() == 18


def test_an_error_of_an_op_is_raised_and_the_next_call_is_answered():
    function = wrapped(lambda x: (tf.gather(x, tf.cast(x[0, 0], tf.int32)),))
    with pytest.raises(tf.errors.InvalidArgumentError, match="indices"):
        function(5 * ROWS)
    np.testing.assert_array_equal(function(ROWS)[0], ROWS[1])


def test_functions_go_when_nobody_holds_them():
    def n_functions():
        gc.collect()
        return len(context.context().list_function_names())

    wrapped(lambda x: (x * 2,))(ROWS)
    before = n_functions()
    for _ in range(3):
        wrapped(lambda x: (x * 3,))(ROWS)
    assert n_functions() <= before


@pytest.fixture
def two_threads(monkeypatch):
    """TensorFlow as far as it tells: two threads for an op, and no GPU."""
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda *args: [])
    monkeypatch.setattr(tf.config.threading, "get_intra_op_parallelism_threads", lambda: 0)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(("units", "expected"), [(3, True), (129, False)])
def test_narrow_networks_are_limited(units, expected, monkeypatch):
    calls = []
    monkeypatch.setattr(
        network, "on_one_thread_an_op", lambda step, *signature: calls.append(signature) or step
    )
    clf = LSTMTextClassifier(units=units, embedding_dim=4, embeddings="random", epochs=1)
    with config_context(recycle=False):
        clf.fit(["good film", "bad film", "good", "bad"], [1, 0, 1, 0])
    assert bool(calls) == expected


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (joblib, "cpu_count", 1),
        (tf.config, "list_physical_devices", ["a GPU"]),
        (tf.config.threading, "get_intra_op_parallelism_threads", 1),
        (tf.config, "functions_run_eagerly", True),
    ],
)
def test_no_limit_where_it_does_not_pay(owner, name, value, monkeypatch):
    assert one_thread_pays(3)
    monkeypatch.setattr(owner, name, lambda *args: value)
    assert not one_thread_pays(3)


@pytest.mark.usefixtures("two_threads")
def test_one_thread_by_the_environment_is_seen(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    assert not one_thread_pays(3)


def test_probabilities_are_those_of_one_thread_and_tensorflow_has_nothing_to_complain_of(
    run_offline, tmp_path, monkeypatch
):
    answers = {}
    for threads in ("1", "2"):
        monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", threads)
        process = run_offline("-c", PROGRAM, keras_home=tmp_path)
        assert process.returncode == 0, process.stderr
        # The optimizer of graphs says so where it meets an op whose shape is unknown.
        assert "PredictCost" not in process.stderr
        answers[threads] = process.stdout.split()
    assert len(answers["1"]) == 4
    assert answers["1"] == answers["2"]
