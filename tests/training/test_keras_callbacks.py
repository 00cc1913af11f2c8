"""Callbacks of Keras are called as by `Model.fit`, alone and in a search."""

import threading
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import callbacks as kc
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skrnn import LSTMTextClassifier

X = ["wheat rose", "maize and wheat", "bank cut rates", "rates fell"] * 6
Y = np.array([0, 0, 1, 1] * 6)


def make(**kwargs):
    settings = {"units": 4, "embedding_dim": 8, "epochs": 3, "batch_size": 8, "random_state": 0}
    settings |= {"validation_split": 0.25, "consistency": 0.0}
    return LSTMTextClassifier(**{**settings, **kwargs})


SHIPPED = {
    "BackupAndRestore": lambda folder: kc.BackupAndRestore(folder / "backup"),
    "CSVLogger": lambda folder: kc.CSVLogger(str(folder / "log.csv")),
    "EarlyStopping": lambda folder: kc.EarlyStopping("val_accuracy", patience=9),
    "History": lambda folder: kc.History(),
    "LambdaCallback": lambda folder: kc.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
    "LearningRateScheduler": lambda folder: kc.LearningRateScheduler(lambda epoch, rate: rate),
    "ModelCheckpoint": lambda folder: kc.ModelCheckpoint(
        folder / "best.keras", monitor="val_accuracy", save_best_only=True
    ),
    "ProgbarLogger": lambda folder: kc.ProgbarLogger(),
    "ReduceLROnPlateau": lambda folder: kc.ReduceLROnPlateau("accuracy", patience=9),
    "SwapEMAWeights": lambda folder: kc.SwapEMAWeights(swap_on_epoch=True),
    "TensorBoard": lambda folder: kc.TensorBoard(folder / "board"),
    "TerminateOnNaN": lambda folder: kc.TerminateOnNaN(),
}
# They need a server, or a package that is not installed; the others are base classes.
ELSEWHERE = {"RemoteMonitor", "OrbaxCheckpoint", "Callback", "CallbackList"}


def test_every_callback_that_keras_ships_is_tested():
    shipped = {name for name in vars(kc) if isinstance(getattr(kc, name), type)}
    assert shipped - ELSEWHERE == set(SHIPPED)


def test_the_hooks_of_an_evaluation_are_called():
    class Recorder(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.calls = []

        def on_test_begin(self, logs=None):
            self.calls.append("begin")

        def on_test_batch_begin(self, batch, logs=None):
            self.calls.append(f"batch {batch} begins")

        def on_test_batch_end(self, batch, logs=None):
            self.calls.append((f"batch {batch} ends", sorted(logs)))

        def on_test_end(self, logs=None):
            self.calls.append("end")

    clf = make(callbacks=Recorder(), epochs=1).fit(X, Y)
    ends = ("batch 0 ends", ["accuracy", "loss"])
    assert clf.callbacks_[0].calls == ["begin", "batch 0 begins", ends, "end"]


# Of h5py, with numpy 2.
IN_FILES = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
AVERAGES = keras.optimizers.Adam(5e-3, use_ema=True)


@pytest.fixture(scope="module")
def without_callbacks():
    return {name: make(optimizer=name).fit(X, Y).predict_proba(X) for name in ("adam", AVERAGES)}


@IN_FILES
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_callbacks_run_and_leave_the_results_alone(name, without_callbacks, tmp_path):
    if name == "TensorBoard":
        pytest.importorskip("tensorboard")
    # The weights of SwapEMAWeights are the averages, as at the end of any such fit.
    optimizer = AVERAGES if name == "SwapEMAWeights" else "adam"
    clf, expected = make(optimizer=optimizer), without_callbacks[optimizer]
    if name == "LearningRateScheduler":  # takes the place of the schedule
        clf.set_params(schedule=None)
        expected = clone(clf).fit(X, Y).predict_proba(X)
    clf.set_params(callbacks=[SHIPPED[name](tmp_path)]).fit(X, Y)
    np.testing.assert_allclose(clf.predict_proba(X), expected, atol=1e-6)
    (called,) = clf.callbacks_
    assert type(called).__name__ == name
    assert called is not clf.callbacks[0]


@IN_FILES
def test_all_of_them_run_in_a_search(without_callbacks, tmp_path):
    names = set(SHIPPED) - {"LearningRateScheduler"}
    names -= set() if find_spec("tensorboard") else {"TensorBoard"}
    callbacks = [SHIPPED[name](tmp_path) for name in sorted(names)]
    clf = make(optimizer=AVERAGES, callbacks=callbacks)
    search = GridSearchCV(clf, {"dropout": [0.5]}, cv=2, error_score="raise").fit(X, Y)
    np.testing.assert_allclose(search.predict_proba(X), without_callbacks[AVERAGES], atol=1e-6)
    assert len(search.best_estimator_.callbacks_) == len(callbacks)


@pytest.mark.parametrize("metric", ["accuracy", "val_accuracy"])
def test_the_better_accuracy_is_the_larger_one(metric, tmp_path):
    path = tmp_path / "best.keras"
    stop = kc.EarlyStopping(metric, patience=0)
    keep = kc.ModelCheckpoint(path, monitor=metric, save_best_only=True)
    clf = make(epochs=9, learning_rate=1e-12, callbacks=[stop, keep], shuffle=False).fit(X, Y)
    stop, keep = clf.callbacks_
    assert stop.best == keep.best == max(clf.history_[metric])
    assert stop.stopped_epoch > 0


@pytest.mark.parametrize("schedule", ["one_cycle", None])
def test_a_rate_that_a_callback_sets_counts(schedule):
    class Rates(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.seen = []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(float(self.model.optimizer.learning_rate.numpy()))

    class Quarter(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.optimizer.learning_rate = 0.25

    clf = make(callbacks=[Quarter(), Rates()], schedule=schedule).fit(X, Y)
    seen = clf.callbacks_[1].seen
    n_batches = len(seen) // 3
    assert set(seen[n_batches:]) == {0.25}
    plain = make(callbacks=Rates(), schedule=schedule).fit(X, Y)
    assert seen[:n_batches] == plain.callbacks_[0].seen[:n_batches]


@pytest.mark.parametrize("schedule", ["one_cycle", None])
def test_a_scheduler_begins_with_the_rate_of_the_classifier(schedule):
    seen = []

    def halved(epoch, rate):
        seen.append(rate)
        return rate / 2

    callbacks = kc.CallbackList([kc.LearningRateScheduler(halved)])
    clf = make(callbacks=callbacks, schedule=schedule, learning_rate=0.5).fit(X, Y)
    assert seen == [0.5, 0.25, 0.125]
    seen.clear()
    in_parts = clone(clf).set_params(validation_split=0.0)
    for _ in range(3):
        in_parts.partial_fit(X, Y)
    assert seen == [0.5, 0.25, 0.125]


def test_an_attribute_of_a_callback_may_be_named_callbacks():
    class Owner(keras.callbacks.Callback):
        callbacks = None

    assert make(callbacks=Owner()).fit(X, Y).n_iter_ == 3


def test_copies_of_callbacks_share_what_they_shared():
    class Collector(keras.callbacks.Callback):
        def __init__(self, found):
            super().__init__()
            self.found = found

        def on_epoch_end(self, epoch, logs=None):
            self.found.append(epoch)

    found = []
    clf = make(callbacks=[Collector(found), Collector(found)]).fit(X, Y)
    assert [callback.found for callback in clf.callbacks_] == [[0, 0, 1, 1, 2, 2]] * 2
    assert found == []


def test_a_callback_that_cannot_be_copied_is_named():
    class Locked(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.lock = threading.Lock()

    with pytest.raises(TypeError, match=r"callback Locked cannot be copied.*on_train_begin"):
        make(callbacks=[kc.History(), Locked()]).fit(X, Y)


def test_a_class_in_place_of_a_callback_is_told_what_to_give():
    with pytest.raises(ValueError, match=r"give EarlyStopping\(\.\.\.\)"):
        make(callbacks=[kc.EarlyStopping]).fit(X, Y)


def test_a_backup_is_gone_on_from(tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("crash")

    class Epochs(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.seen = []

        def on_epoch_begin(self, epoch, logs=None):
            self.seen.append(epoch)

        def on_epoch_end(self, epoch, logs=None):
            self.rate = float(self.model.optimizer.learning_rate)

    backup = kc.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(RuntimeError, match="crash"):
        make(callbacks=[backup, Crash()]).fit(X, Y)
    clf = make(callbacks=[backup, Epochs()]).fit(X, Y)
    assert clf.callbacks_[1].seen == [2]
    assert np.isnan(clf.history_["loss"]).tolist() == [True, True, False]
    assert clf.callbacks_[1].rate == make(callbacks=Epochs()).fit(X, Y).callbacks_[0].rate
    before = clf.predict_proba(X)
    clf.set_params(callbacks=None).partial_fit(X, Y)
    assert (clf.predict_proba(X) != before).any()
    assert not Path(tmp_path / "backup").exists()


def test_a_training_that_diverges_is_an_error():
    params = {"optimizer": "sgd", "global_clipnorm": None}
    clf = make(**params).fit(X, Y)
    before = clf.predict_proba(X)
    clf.set_params(learning_rate=1e38)
    with pytest.raises(ValueError, match=r"diverged in epoch 1 of 3: .* is (nan|inf)"):
        clf.fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), before)


@pytest.mark.parametrize("name", ["checkpoint", "on_interrupt"])
def test_averages_that_would_be_kept_for_weights_are_refused(name, tmp_path):
    value = {"checkpoint": tmp_path / "a", "on_interrupt": "keep"}[name]
    swaps = kc.CallbackList([kc.SwapEMAWeights(swap_on_epoch=True)])
    clf = make(optimizer=AVERAGES, callbacks=swaps, **{name: value})
    with pytest.raises(ValueError, match=rf"SwapEMAWeights\(swap_on_epoch=True\), and {name}"):
        clf.fit(X, Y)
