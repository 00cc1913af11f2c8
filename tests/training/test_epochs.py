import json
from itertools import chain

import keras
import numpy as np
import pytest

from skrnn import LSTMTextClassifier
from skrnn._network.build import optimizer_config
from skrnn._training.schedule import Schedule

X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
Y = np.arange(60) % 3


def make(**kwargs):
    kwargs = {"units": 3, "epochs": 3, "batch_size": 16, "random_state": 0, **kwargs}
    return LSTMTextClassifier(embedding_dim=None, **kwargs)


class Recorder(keras.callbacks.Callback):
    """Note every call in a list that copies share."""

    def __init__(self, calls):
        super().__init__()
        self.calls = calls

    def __deepcopy__(self, memo):
        return type(self)(self.calls)

    def on_train_begin(self, logs=None):
        self.calls.append("train begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(("epoch begin", epoch))

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append(("batch", batch, float(self.model.optimizer.learning_rate)))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("epoch end", epoch, sorted(logs)))

    def on_train_end(self, logs=None):
        self.calls.append("train end")


def test_one_cycle():
    schedule = Schedule("one_cycle", 1.0, 10)
    rates = [schedule.rate(epoch, share) for epoch in range(10) for share in (0, 0.5)]
    assert rates[0] == 0.01
    assert max(rates) == rates[2] == 1.0
    assert rates[1] == 0.5
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert schedule.rate(9, 1 - 1e-9) == pytest.approx(0.01, abs=1e-6)
    assert schedule.rate(12, 0.5) == schedule.rate(2, 0.5)


def test_a_cycle_begins_where_a_fit_begins():
    late = Schedule("one_cycle", 1.0, 10, begin=3)
    assert [late.rate(epoch + 3, 0.5) for epoch in range(10)] == [
        Schedule("one_cycle", 1.0, 10).rate(epoch, 0.5) for epoch in range(10)
    ]
    first, second = [], []
    make(epochs=6, callbacks=Recorder(first)).fit(X, Y)
    clf = make(warm_start=True, epochs=4).fit(X, Y)
    clf.set_params(epochs=6, callbacks=Recorder(second)).fit(X, Y)
    assert [call for call in second if call[0] == "batch"] == [
        call for call in first if call[0] == "batch"
    ]


def test_a_rate_of_the_schedule_is_told_from_another():
    schedule = Schedule("one_cycle", 0.1, 10)
    for share in (3 / 4, 1.0):  # divided batches are more than were planned
        rate = float(np.float32(schedule.rate(6, share)))
        assert schedule.has_set(rate, 6, 4)
        assert not schedule.has_set(rate / 2, 6, 4)
    assert Schedule(None, 0.1, 10).has_set(float(np.float32(0.1)), 6, 4)
    assert not Schedule(None, 0.1, 10).has_set(0.05, 6, 4)


def test_every_cycle_has_its_late_epochs():
    assert [e for e in range(10) if Schedule("one_cycle", 1.0, 5).is_late(e)] == [4, 9]
    assert [e for e in range(4) if Schedule("one_cycle", 1.0, 2).is_late(e)] == [1, 3]


def test_the_only_step_of_a_cycle_has_the_highest_rate():
    calls = []
    clf = make(callbacks=Recorder(calls), epochs=1, batch_size=64, learning_rate=0.5)
    clf.fit(X, Y).partial_fit(X, Y)
    assert [call for call in calls if call[0] == "batch"] == [("batch", 0, 0.5)] * 2


def test_constant_and_own_rates():
    assert Schedule(None, 0.3, 10).rate(5, 0.2) == 0.3
    assert Schedule("one_cycle", None, 10).rate(5, 0.2) is None


def test_callbacks_can_steer_a_constant_rate():
    calls = []
    by_epoch = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 10)
    make(callbacks=[by_epoch, Recorder(calls)], schedule=None, learning_rate=1.0).fit(X, Y)
    rates = [call[2] for call in calls if call[0] == "batch"]
    np.testing.assert_allclose(rates, np.repeat([0.1, 0.01, 1e-3], len(rates) // 3), rtol=1e-6)


def test_callbacks_are_called_as_by_keras():
    calls = []
    make(callbacks=Recorder(calls), validation_split=0.2, schedule=None, learning_rate=0.5).fit(
        X, Y
    )
    epochs = [call for call in calls if call[0] != "batch"]
    names = ["accuracy", "loss", "val_accuracy", "val_loss"]
    expected = [[("epoch begin", epoch), ("epoch end", epoch, names)] for epoch in range(3)]
    assert epochs == ["train begin", *chain.from_iterable(expected), "train end"]
    assert [call for call in calls if call[0] == "batch"] == [
        ("batch", batch, 0.5) for _ in range(3) for batch in range(3)
    ]


def test_a_callback_can_stop():
    class Stopper(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    assert make(callbacks=[Stopper()], epochs=9).fit(X, Y).n_iter_ == 2


def test_a_callback_can_stop_within_an_epoch():
    class Stopper(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.seen = []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(batch)
            self.model.stop_training = batch == 1

    clf = make(callbacks=Stopper()).fit(X, Y)
    assert clf.callbacks_[0].seen == [0, 1]
    assert clf.n_iter_ == 1


def test_weights_that_are_0_in_single_precision():
    weights = np.where(np.arange(60) < 20, 1e-60, 1.0)
    expected = make(shuffle=False).fit(X, Y, np.where(weights < 1, 1e-46, 1.0))
    assert np.isfinite(expected.history_["accuracy"]).all()
    clf = make(shuffle=False).fit(X, Y, weights)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_the_last_step_can_diverge():
    clf = make(
        optimizer="sgd",
        global_clipnorm=None,
        epochs=1,
        batch_size=64,
        schedule=None,
        learning_rate=1e39,
    )
    with pytest.raises(ValueError, match="diverged in epoch 1 of 1"):
        clf.fit(X, Y)


@pytest.mark.parametrize("as_list", [False, True])
def test_callbacks_are_copied(as_list):
    callback = keras.callbacks.EarlyStopping("loss", patience=0)
    before = dict(vars(callback))
    make(callbacks=[callback] if as_list else callback).fit(X, Y)
    assert callback.model is None
    assert vars(callback) == before


def test_an_optimizer_of_ones_own_is_copied_and_brings_its_rate():
    calls = []
    optimizer = keras.optimizers.SGD(0.25)
    clf = make(optimizer=optimizer, schedule=None, callbacks=Recorder(calls)).fit(X, Y)
    assert not optimizer.built
    assert {call[2] for call in calls if call[0] == "batch"} == {0.25}
    assert clf.optimizer is optimizer
    first, expected = clf.model_, clf.predict_proba(X)
    assert isinstance(first.optimizer, keras.optimizers.SGD)
    np.testing.assert_array_equal(clf.fit(X, Y).predict_proba(X), expected)
    assert clf.model_.optimizer is not first.optimizer


@pytest.mark.parametrize("name", ["lamb", "Lamb", "tests>Slow"])
def test_optimizers_by_name(name):
    keras.saving.register_keras_serializable("tests", "Slow")(
        type("Slow", (keras.optimizers.SGD,), {})
    )
    config = json.loads(optimizer_config(name, global_clipnorm=1.0))
    assert config["class_name"].lower() == name.lower().removeprefix("tests>")
    assert config["config"]["global_clipnorm"] == 1.0


def test_an_optimizer_with_a_schedule_of_its_own():
    decay = keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    calls = []
    make(optimizer=keras.optimizers.SGD(decay), epochs=1, callbacks=Recorder(calls)).fit(X, Y)
    rates = [call[2] for call in calls if call[0] == "batch"]
    assert rates == [0.25, 0.125, 0.0625, 0.03125]


def test_history_equals_what_keras_computes():
    clf = make(epochs=1, schedule=None, learning_rate=1e-12, batch_size=60).fit(X, Y)
    loss, accuracy = clf.model_.evaluate(X[:, :, np.newaxis], Y, verbose=0)
    assert clf.history_["loss"] == pytest.approx([loss], rel=1e-5)
    assert clf.history_["accuracy"] == pytest.approx([accuracy], rel=1e-5)


def test_training_equals_keras_fit():
    clf = make(
        epochs=4, schedule=None, batch_size=16, shuffle=False, optimizer="sgd", learning_rate=0.01
    )
    model = clf.initialize(X, Y).model_
    model.optimizer.learning_rate = 0.01
    history = model.fit(
        X[:, :, np.newaxis], Y, epochs=4, batch_size=16, shuffle=False, verbose=0
    ).history
    ours = clf.fit(X, Y)
    assert ours.history_["loss"] == pytest.approx(history["loss"], rel=1e-4)
    np.testing.assert_allclose(
        ours.predict_proba(X), model(X[:, :, np.newaxis]), rtol=1e-4, atol=1e-6
    )


def test_early_stopping_goes_back_to_the_best_epoch():
    rng = np.random.default_rng(0)
    weights = []

    class Recorder(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            weights.append(self.model.get_weights())

    clf = make(epochs=60, learning_rate=0.3, early_stopping=True, patience=2, schedule=None)
    clf.set_params(callbacks=Recorder()).fit(X, rng.permutation(Y))
    best = int(np.argmin(clf.history_["val_loss"]))
    assert clf.n_iter_ == best + 3 < 60
    for kept, then in zip(clf.model_.get_weights(), weights[best], strict=True):
        np.testing.assert_array_equal(kept, then)


def test_divided_batches_do_not_pass_the_end_of_an_epoch(monkeypatch):
    monkeypatch.setattr("skrnn._data.batches._MANY_STEPS", 0)
    calls, rng = [], np.random.default_rng(0)
    numbers = [rng.normal(size=size) for size in [1] * 17 + [10, 100, 100]]
    clf = make(epochs=2, batch_size=20, learning_rate=0.5, callbacks=Recorder(calls))
    clf.fit(numbers, np.arange(20) % 2)
    rates = [call[2] for call in calls if call[0] == "batch"]
    assert len(rates) == 6  # one batch of an epoch became three
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert rates[-1] == pytest.approx(0.005)


def test_history_of_weighted_samples_is_their_weighted_mean():
    weights = np.where(np.arange(60) < 16, 9.0, 1.0)  # those of a batch
    clf = make(epochs=1, schedule=None, learning_rate=1e-12, shuffle=False).fit(X, Y, weights)
    probabilities = clf.predict_proba(X)
    losses, hits = -np.log(probabilities[np.arange(60), Y]), probabilities.argmax(axis=1) == Y
    assert clf.history_["loss"] == pytest.approx([np.average(losses, weights=weights)], rel=1e-5)
    assert clf.history_["accuracy"] == pytest.approx([np.average(hits, weights=weights)], rel=1e-5)
