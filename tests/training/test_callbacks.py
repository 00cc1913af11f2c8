"""What follows the epochs: scikit-learn's callbacks, and what an interruption keeps."""

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from skrnn import LSTMTextClassifier
from skrnn._training import checkpoint

sklearn_callback = pytest.importorskip("sklearn.callback", reason="scikit-learn < 1.9")

X = ["wheat rose", "maize and wheat", "bank cut rates", "rates fell"] * 6
Y = np.array([0, 0, 1, 1] * 6)


def make(**kwargs):
    settings = {"units": 4, "embedding_dim": 8, "epochs": 3, "batch_size": 8, "random_state": 0}
    return LSTMTextClassifier(**{**settings, **kwargs})


class Record:
    """A callback of scikit-learn that writes down what it is told."""

    def __init__(self, stop_after=None):
        self.calls, self.fitted, self.stop_after = [], [], stop_after

    def setup(self, estimator, context):
        self.calls.append(("setup", type(estimator).__name__, context.task_name))

    def teardown(self, estimator, context):
        self.calls.append(("teardown", type(estimator).__name__, context.task_name))

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        assert len(X) == len(y)
        self.calls.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        self.metadata = metadata
        self.calls.append(("end", context.task_name, context.task_id))
        self.fitted.append((fitted_estimator, fitted_estimator.predict_proba(X)))
        return context.task_name == "epoch" and context.task_id == self.stop_after


def test_every_epoch_is_a_task_of_the_fit():
    record = Record()
    clf = make().set_callbacks(record)
    clf.fit(X, Y)
    epochs = [(hook, "epoch", i) for i in range(3) for hook in ("begin", "end")]
    assert record.calls == [
        ("setup", "LSTMTextClassifier", "fit"),
        ("begin", "fit", 0),
        *epochs,
        ("end", "fit", 0),
        ("teardown", "LSTMTextClassifier", "fit"),
    ]
    assert record.metadata is None
    plain = make().fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), plain.predict_proba(X))
    assert set(vars(clf)) - set(vars(plain)) == {"_skl_callbacks"}


def test_the_classifier_of_an_epoch_stays_what_it_was():
    record = Record()
    make().set_callbacks(record).fit(X, Y)
    assert len({probabilities.tobytes() for _, probabilities in record.fitted}) == 3
    for n_epochs, (fitted, probabilities) in zip([1, 2, 3, 3], record.fitted, strict=True):
        assert fitted.n_iter_ == n_epochs == len(fitted.history_["loss"])
        np.testing.assert_array_equal(fitted.predict_proba(X), probabilities)


def test_a_callback_can_end_the_training():
    record = Record(stop_after=1)
    assert make(epochs=9).set_callbacks(record).fit(X, Y).n_iter_ == 2
    assert record.calls[-1][0] == "teardown"


def test_early_stopping_ends_the_tasks():
    record = Record()
    clf = make(epochs=30, early_stopping=True, patience=0, learning_rate=0.5)
    noise = np.random.default_rng(0).permutation(Y)
    clf.set_callbacks(record).fit(X, noise, sample_weight=np.ones(len(X)))
    assert clf.n_iter_ < 30
    assert sum(call[:2] == ("end", "epoch") for call in record.calls) == clf.n_iter_
    assert list(record.metadata) == ["sample_weight"]
    # The task of the fit ends with the best epoch, as the classifier does.
    np.testing.assert_array_equal(record.fitted[-1][1], clf.predict_proba(X))


def test_callbacks_are_torn_down_after_a_failure():
    class Fail(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("mid-fit")

    record = Record()
    clf = make(callbacks=Fail()).set_callbacks(record)
    with pytest.raises(RuntimeError, match="mid-fit"):
        clf.fit(X, Y)
    assert record.calls[-1][0] == "teardown"
    assert set(vars(clf)) == {*vars(make()), "_skl_callbacks"}


def test_partial_fit_and_initialize_are_no_tasks():
    record = Record()
    clf = make().set_callbacks(record).initialize(X, Y).partial_fit(X, Y)
    assert record.calls == []
    assert not hasattr(clf, "_callback_fit_ctx")


def test_scores_are_monitored(capsys):
    monitor = sklearn_callback.ScoringMonitor(scoring="neg_log_loss")
    clf = make(epochs=5).set_callbacks(monitor, sklearn_callback.ProgressBar())
    clf.fit(X, Y)
    log = monitor.get_logs().data
    assert [row["task_name"] for row in log] == ["fit", *["epoch"] * 5]
    scores = [row["neg_log_loss"] for row in log]
    assert scores[0] == scores[-1] > scores[1]
    assert "LSTMTextClassifier - fit" in capsys.readouterr().out


def test_an_iterator_is_kept_for_them():
    logs = []
    for texts in (X, iter(X)):
        monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
        make().set_callbacks(monitor).fit(texts, Y)
        logs.append([row["accuracy"] for row in monitor.get_logs().data])
    assert logs[0] == logs[1]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_callbacks_reach_into_a_search(n_jobs, capsys):
    search = GridSearchCV(make(epochs=2), {"units": [3, 4]}, cv=2, n_jobs=n_jobs)
    search.set_callbacks(sklearn_callback.ProgressBar(max_propagation_depth=None)).fit(X, Y)
    assert "LSTMTextClassifier - fit" in capsys.readouterr().out


def test_a_classifier_with_callbacks_clones_and_pickles():
    clf = make().set_callbacks(sklearn_callback.ProgressBar())
    assert clone(clf)._skl_callbacks == clf._skl_callbacks
    clf.fit(X, Y)
    again = pickle.loads(pickle.dumps(clf))
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))


def test_a_callback_of_scikit_learn_in_the_parameter_is_told_where_to_go():
    with pytest.raises(ValueError, match=r"keras\.callbacks\.Callback.*set_callbacks"):
        make(callbacks=[sklearn_callback.ProgressBar()]).fit(X, Y)


class Interrupt(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.epoch, self.now, self.ended = epoch, -1, False

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and batch == 1:
            raise KeyboardInterrupt


def test_an_interrupted_fit_can_keep_its_last_epoch():
    clf = make(epochs=9, schedule=None, on_interrupt="keep", callbacks=Interrupt(4))
    with pytest.warns(ConvergenceWarning, match="after 4 of 9 epochs is kept"):
        clf.fit(X, Y)
    expected = make(epochs=4, schedule=None).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))
    assert clf.history_ == expected.history_
    assert clf.n_iter_ == 4
    # It can be trained further, with the same end as without the interruption.
    clf.set_params(callbacks=None).partial_fit(X, Y)
    expected.partial_fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_an_interrupted_fit_can_keep_its_best_epoch():
    noise = np.random.default_rng(0).permutation(Y)
    data = {"X_val": X, "y_val": 1 - noise}  # the better the training, the worse
    params = {"schedule": None, "early_stopping": True, "patience": 99}
    clf = make(epochs=9, on_interrupt="keep", callbacks=Interrupt(5), **params)
    with pytest.warns(ConvergenceWarning, match="5 of 9"):
        clf.fit(X, noise, **data)
    best = int(np.argmin(clf.history_["val_loss"])) + 1
    assert best < 5 == clf.n_iter_
    expected = make(epochs=best, schedule=None).fit(X, noise)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize(("on_interrupt", "epoch"), [("raise", 4), ("keep", 0)])
def test_otherwise_an_interruption_keeps_what_was_there_before(on_interrupt, epoch):
    clf = make(epochs=9, on_interrupt=on_interrupt)
    expected = clf.fit(X, Y).predict_proba(X)
    with pytest.raises(KeyboardInterrupt):
        clf.set_params(callbacks=Interrupt(epoch)).fit(X, 1 - Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


def test_an_interruption_before_the_first_new_epoch_keeps_what_the_checkpoint_has(tmp_path):
    params = {"epochs": 9, "on_interrupt": "keep", "checkpoint": tmp_path / "c"}
    for _ in range(2):
        with pytest.warns(ConvergenceWarning, match="after 4 of 9 epochs is kept"):
            clf = make(callbacks=Interrupt(4), **params).fit(X, Y)
        assert clf.n_iter_ == 4


def test_an_interrupted_fit_goes_on_from_its_checkpoint(tmp_path):
    params = {"epochs": 9, "on_interrupt": "keep", "checkpoint": tmp_path / "c"}
    clf = make(callbacks=Interrupt(4), **params)
    with pytest.warns(ConvergenceWarning):
        clf.fit(X, Y)
    clf.set_params(callbacks=None).fit(X, Y)
    expected = make(epochs=9).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_an_interruption_while_the_checkpoint_is_written_keeps_the_epoch(tmp_path, monkeypatch):
    noise = np.random.default_rng(0).permutation(Y)
    data = {"X_val": X, "y_val": 1 - noise}
    calls = []

    def interrupt_the_fourth(*args):
        calls.append(args)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return write(*args)

    write = checkpoint.write_archive
    monkeypatch.setattr(checkpoint, "write_archive", interrupt_the_fourth)
    params = {"epochs": 9, "schedule": None, "early_stopping": True}
    clf = make(**params, on_interrupt="keep", checkpoint=tmp_path / "c")
    with pytest.warns(ConvergenceWarning, match="after 4 of 9 epochs is kept"):
        clf.fit(X, noise, **data)
    expected = make(**{**params, "epochs": 4}).fit(X, noise, **data)
    assert clf.history_ == expected.history_
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_an_interruption_at_the_end_of_an_epoch_keeps_the_one_before():
    class InterruptAtEnd(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    clf = make(epochs=9, schedule=None, on_interrupt="keep", callbacks=InterruptAtEnd())
    with pytest.warns(ConvergenceWarning, match="after 2 of 9 epochs is kept"):
        clf.fit(X, Y)
    expected = make(epochs=2, schedule=None).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))
    assert clf.history_ == expected.history_
