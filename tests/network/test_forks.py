"""Searches in threads and processes, threads that share an estimator, forks and signals."""

import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV

from skrnn import LSTMTextClassifier

TEXTS = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates and bonds rose"] * 6
LABELS = ["grain", "grain", "money", "money"] * 6


def make(**params):
    params = {"units": 3, "embedding_dim": 4, "epochs": 2, "random_state": 0, **params}
    return LSTMTextClassifier(**params)


@pytest.fixture(scope="module")
def clf():
    return make().fit(TEXTS, LABELS)


@pytest.fixture
def run_program():
    """Return a function that runs a program in a process of its own."""

    def run(program):
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_a_search_on_two_workers_equals_a_serial_one(backend):
    import joblib

    def search():
        grid = {"learning_rate": [0.01, 0.05], "epochs": [1, 3]}
        return GridSearchCV(make(), grid, cv=2, n_jobs=n_jobs).fit(TEXTS, LABELS)

    n_jobs = None
    serial = search()
    n_jobs = 2
    with joblib.parallel_config(backend):
        parallel = search()
    for name in ("split0_test_score", "split1_test_score", "rank_test_score"):
        assert_array_equal(parallel.cv_results_[name], serial.cv_results_[name])
    assert_array_equal(parallel.predict_proba(TEXTS), serial.predict_proba(TEXTS))


def test_threads_share_an_estimator(clf):
    # benchmarks/bench_shared.py does so for longer.
    expected = clf.predict_proba(TEXTS)
    end = time.monotonic() + 5
    right, wrong = [], []

    def work():
        while time.monotonic() < end:
            answer = clf.predict_proba(TEXTS)
            (right if (answer == expected).all() else wrong).append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(right) >= 8


FORK = """
import multiprocessing, os, pickle, sys, tempfile
import skrnn
from skrnn import LSTMTextClassifier

texts, labels = ["wheat rose", "rates fell"] * 5, [0, 1] * 5

def make(units):
    return LSTMTextClassifier(units=units, embedding_dim=2, epochs=1, random_state=0)

def work(clf, name):
    try:
        works[name](clf)
    except RuntimeError as error:
        sys.exit(str(error))

works = {{
    "predict": lambda clf: clf.predict(texts),
    "fit": lambda clf: clf.fit(texts, labels),
    "partial_fit": lambda clf: clf.partial_fit(texts, labels),
    "another": lambda clf: make(3).fit(texts, labels),
    "pickle": lambda clf: pickle.loads(pickle.dumps(clf)),
    "model": lambda clf: clf.model_,
    "load": lambda clf: skrnn.load(path),
}}
fork = multiprocessing.get_context("fork")
clf = {parent}
folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "model.skrnn")
if clf.initialized_:
    clf.save(path)
for name in {names}:
    process = fork.Process(target=work, args=(clf, name))
    process.start()
    process.join(30)
    print(name, process.exitcode, flush=True)  # None: it hangs
    process.kill()
learns = {{"epochs": 50, "learning_rate": 0.05, "dropout": 0.0, "embedding_dropout": 0.0}}
print(clf.set_params(**learns).fit(texts, labels).predict(texts[:2]))
"""


def test_a_fork_of_a_process_that_trained_is_told_so(run_program):
    names = ["predict", "fit", "partial_fit", "another", "pickle", "model", "load"]
    process = run_program(FORK.format(names=names, parent="make(2).fit(texts, labels)"))
    # And the parent goes on.
    assert process.stdout.splitlines() == [*(f"{name} 1" for name in names), "[0 1]"]
    messages = [line for line in process.stderr.splitlines() if "was forked" in line]
    assert len(messages) == len(names)
    assert all("'loky'" in line and "get_context('spawn')" in line for line in messages)


def test_a_fork_of_a_process_that_only_imported_tensorflow_trains(run_program):
    process = run_program(FORK.format(names=["fit"], parent="make(2)"))
    assert process.stdout.splitlines() == ["fit 0", "[0 1]"], process.stderr


def test_a_search_on_the_fork_backend_says_what_is_wrong(clf):
    import joblib

    search = GridSearchCV(make(), {"epochs": [1, 2]}, cv=2, n_jobs=2, error_score="raise")
    with (
        joblib.parallel_config("multiprocessing"),
        pytest.raises(RuntimeError, match="does not survive a fork"),
    ):
        search.fit(TEXTS, LABELS)


def test_signals_in_the_middle_of_a_fit(run_program):
    """Ctrl-C, and a SIGTERM that a handler made an exit, leave everything as it was."""
    process = run_program("""
        import os, signal, sys
        import keras
        from skrnn import LSTMTextClassifier

        class Send(keras.callbacks.Callback):
            def __init__(self, number):
                super().__init__()
                self.number = number

            def on_train_batch_end(self, batch, logs=None):
                if batch == 2:
                    os.kill(os.getpid(), self.number)

        texts, labels = ["wheat rose", "rates fell"] * 5, [0, 1] * 5
        clf = LSTMTextClassifier(units=2, embedding_dim=2, epochs=1, batch_size=2, random_state=0)
        expected = clf.fit(texts, labels).predict_proba(texts)

        def interrupted(number):
            before = dict(vars(clf.set_params(callbacks=Send(number))))
            for method in (clf.fit, clf.partial_fit):
                try:
                    method(texts, labels)
                except BaseException as error:
                    same = (clf.predict_proba(texts) == expected).all()
                    print(repr(error), bool(same), vars(clf) == before, flush=True)

        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
        interrupted(signal.SIGINT)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        interrupted(signal.SIGTERM)
        clf.set_params(callbacks=None)
        print((clf.fit(texts, labels).predict_proba(texts) == expected).all(), flush=True)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        interrupted(signal.SIGTERM)
        print("never reached")
    """)
    assert process.stdout.splitlines() == [
        *["KeyboardInterrupt() True True"] * 2,
        *["SystemExit(143) True True"] * 2,
        "True",
    ], process.stderr
    assert process.returncode == -signal.SIGTERM
