"""The same `random_state` gives the same bits, and a fit leaves no trace in the process."""

import hashlib
import inspect
import logging
import os
import random
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from joblib import Parallel, delayed
from keras.src.backend.common import global_state as state
from numpy.testing import assert_array_equal
from tensorflow.python.framework import config as tf_config

import skrnn
from skrnn import LSTMTextClassifier
from skrnn.inspection import document_vectors, token_attributions

TEXTS = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates and bonds rose"] * 6
LABELS = ["grain", "grain", "money", "money"] * 6
# All but dropout inside the recurrence draws at random here; that takes long to compile.
PARAMS = {
    "units": 3,
    "embedding_dim": 4,
    "epochs": 2,
    "batch_size": 8,
    "validation_split": 0.25,
}


def probabilities(random_state=0, **params):
    clf = LSTMTextClassifier(**{**PARAMS, **params}, random_state=random_state)
    return clf.fit(TEXTS, LABELS).predict_proba(TEXTS)


@pytest.fixture(scope="module")
def expected():
    return probabilities()


def test_a_second_time_and_after_other_models(expected):
    assert_array_equal(probabilities(), expected)
    for params in ({"units": 5}, {"random_state": 1}, {"depth": 2, "optimizer": "sgd"}):
        assert (probabilities(**params) != expected).any()
    keras.Sequential([keras.layers.Dense(3), keras.layers.Dropout(0.5)])(np.ones((2, 4)))
    assert_array_equal(probabilities(), expected)


@pytest.mark.parametrize("hash_seed", ["0", "4321"])
def test_in_a_fresh_process(hash_seed, expected):
    program = f"""
import hashlib
from skrnn import LSTMTextClassifier
clf = LSTMTextClassifier(**{PARAMS!r}, random_state=0).fit({TEXTS!r}, {LABELS!r})
print(hashlib.sha256(clf.predict_proba({TEXTS!r}).tobytes()).hexdigest())
"""
    process = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.strip() == hashlib.sha256(expected.tobytes()).hexdigest()


@pytest.mark.parametrize("recycle", [True, False])
@pytest.mark.parametrize("backend", ["sequential", "loky", "threading"])
def test_on_any_backend(backend, recycle, expected):
    # Nested: what is defined here travels to other processes by value.
    def work(random_state):
        with skrnn.config_context(recycle=recycle):
            clf = LSTMTextClassifier(**params, random_state=random_state)
            return clf.fit(texts, labels).predict_proba(texts)

    params, texts, labels = PARAMS, TEXTS, LABELS
    answers = Parallel(n_jobs=2, backend=backend)(delayed(work)(seed) for seed in (0, 1, 0, 0))
    for seed, answer in zip((0, 1, 0, 0), answers, strict=True):
        assert (answer == expected).all() == (seed == 0)


@pytest.mark.parametrize("same", [np.int32(0), np.uint64(0), np.int64(0)], ids=repr)
def test_integers_of_any_type(same, expected):
    assert_array_equal(probabilities(same), expected)


def test_a_random_state_moves_on():
    state = np.random.RandomState(0)
    first, second = probabilities(state), probabilities(state)
    assert (first != second).any()
    state = np.random.RandomState(0)
    assert_array_equal(probabilities(state), first)
    assert_array_equal(probabilities(state), second)


def test_what_is_no_random_state_is_refused():
    for value in ("0", -1, 0.5, [0]):
        with pytest.raises(ValueError, match="random_state"):
            probabilities(value)


def global_state():
    """Return all that a library could leave changed."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    loggers = [logger for logger in loggers if isinstance(logger, logging.Logger)]
    return {
        "python": random.getstate(),
        "numpy": [str(part) for part in np.random.get_state()],  # noqa: NPY002
        "numpy errors": np.geterr(),
        "tensorflow": tf.random.get_global_generator().state.numpy().tolist(),
        "op determinism": tf_config.is_op_determinism_enabled(),
        "threads": (
            tf.config.threading.get_intra_op_parallelism_threads(),
            tf.config.threading.get_inter_op_parallelism_threads(),
        ),
        "eager": tf.config.functions_run_eagerly(),
        "environment": dict(os.environ),
        "keras": (
            *(keras.config.floatx(), keras.config.epsilon(), keras.config.backend()),
            *(keras.config.image_data_format(), keras.config.dtype_policy().name),
            keras.config.is_interactive_logging_enabled(),
            keras.config.is_traceback_filtering_enabled(),
        ),
        "warnings": list(warnings.filters),
        "logging": [(x.name, x.level, x.disabled, list(x.handlers)) for x in loggers],
    }


@pytest.mark.parametrize("random_state", [0, None])
@pytest.mark.parametrize("recycle", [True, False])
def test_a_fit_leaves_the_process_as_it_was(recycle, random_state):
    before = global_state()
    with skrnn.config_context(recycle=recycle):
        probabilities(random_state)
    assert global_state() == before


def test_a_fit_takes_nothing_from_what_the_user_seeded():
    def draw(between):
        keras.utils.set_random_seed(0)
        between()
        return (
            *(random.random(), np.random.random()),  # noqa: NPY002
            *(tf.random.uniform([2]).numpy().tolist(), keras.random.uniform([2]).numpy().tolist()),
        )

    with skrnn.config_context(recycle=False):
        assert draw(probabilities) == draw(lambda: None)


def test_a_fit_does_not_count_up_the_names_of_the_users_layers():
    def names():
        layers = keras.layers.Dense(1), keras.layers.Dropout(0.5).seed_generator
        return [keras.optimizers.SGD().name, *(layer.name for layer in layers)]

    def numbers():
        ends = [name.rpartition("_")[2] for name in names()]
        return [int(end) for end in ends if end.isdigit()]  # Keras 3.14 counts no optimizers

    names()  # the first of its kind has no number
    before = numbers()
    assert len(before) >= 2
    with skrnn.config_context(recycle=False):
        probabilities(optimizer="sgd")
    assert numbers() == [number + 1 for number in before]


def test_nothing_counts_up_any_name_of_keras(tmp_path):
    def names():
        return dict(state.get_global_attribute("object_name_uids"))

    path = tmp_path / "model.skrnn"
    keras.layers.Dense(1)
    before = names()
    with skrnn.config_context(recycle=False):
        clf = LSTMTextClassifier(**PARAMS, random_state=0)
        for step in (
            lambda: clf.fit(TEXTS, LABELS),
            lambda: clf.predict(TEXTS),
            lambda: clf.model_,
            lambda: clf.to_keras(),
            lambda: token_attributions(clf, TEXTS[:1], method="integrated_gradients"),
            lambda: token_attributions(clf, TEXTS[:1], method="occlusion"),
            lambda: document_vectors(clf, TEXTS),
            lambda: clf.save(path, with_optimizer=True),
            lambda: skrnn.load(path).predict(TEXTS),
        ):
            step()
            assert names() == before, inspect.getsource(step)


def test_no_two_layers_draw_alike():
    clf = LSTMTextClassifier(**PARAMS, random_state=0).initialize(TEXTS, LABELS)
    variables = clf._model.loan.network.model.variables
    seeds = [v.numpy()[0] for v in variables if v.path.endswith("seed_generator_state")]
    assert len(set(seeds)) == len(seeds) >= 3
