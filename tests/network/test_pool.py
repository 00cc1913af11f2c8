import copy
import gc
import pickle
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import clone

import skrnn
from skrnn import LSTMTextClassifier
from skrnn._network import network, pool

X = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
Y = np.arange(40) % 3


def make(**kwargs):
    kwargs = {"units": 3, "epochs": 2, "dropout": 0.2, "random_state": 0, **kwargs}
    return LSTMTextClassifier(embedding_dim=None, **kwargs)


@pytest.fixture(autouse=True)
def built(monkeypatch):
    """Count the models that are built, from an empty pool on."""
    pool.clear()
    models = []
    build = network.build_model

    def counting(architecture):
        models.append(architecture)
        return build(architecture)

    monkeypatch.setattr(network, "build_model", counting)
    yield models
    pool.clear()


def probabilities(clf, y=Y):
    return clf.fit(X, y).predict_proba(X)


def test_a_finished_network_serves_the_next_fit(built):
    for learning_rate, batch_size in [(0.01, 8), (0.02, 16), (0.001, 32)]:
        probabilities(make(learning_rate=learning_rate, batch_size=batch_size))
    assert len(built) == 1
    probabilities(make(units=4))
    probabilities(make(optimizer="sgd"))
    assert len(built) == 3


def test_a_network_in_use_is_left_alone(built):
    first = make().fit(X, Y)
    expected = first.predict_proba(X)
    second = make(random_state=1).fit(X, Y)
    assert len(built) == 2
    assert (second.predict_proba(X) != expected).any()
    np.testing.assert_array_equal(first.predict_proba(X), expected)


def test_a_refit_uses_its_own_network(built):
    clf = make()
    assert (probabilities(clf) == probabilities(clf)).all()
    assert len(built) == 1


def test_a_refit_leaves_the_network_of_a_copy_alone(built):
    clf = make().fit(X, Y)
    before, expected = copy.copy(clf), clf.predict_proba(X)
    clf.fit(X, 1 - Y)
    assert (clf.predict_proba(X) != expected).any()
    np.testing.assert_array_equal(before.predict_proba(X), expected)
    del before
    clf.fit(X, Y)
    assert len(built) == 2
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


@pytest.mark.parametrize("go_on", ["partial_fit", "fit"])
def test_a_copy_trains_on_without_the_original(go_on):
    clf = make(warm_start=True).fit(X, Y)
    copied, expected = copy.copy(clf), clf.predict_proba(X)
    getattr(copied, go_on)(X, Y)
    assert (copied.predict_proba(X) != expected).any()
    np.testing.assert_array_equal(clf.predict_proba(X), expected)
    getattr(clf, go_on)(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), copied.predict_proba(X))


@pytest.mark.parametrize(
    "params",
    [{"recurrent_dropout": 0.1}, {"optimizer": "nadam"}, {"optimizer": "adagrad"}],
    ids=str,
)
def test_bitwise_equal_to_a_new_network(built, params):
    clf = make(**params)
    expected = probabilities(clone(clf))
    pool.clear()
    probabilities(make(**params, random_state=7, epochs=3))
    recycled = probabilities(clone(clf))
    assert len(built) == 2
    np.testing.assert_array_equal(recycled, expected)


def test_room_for_classes_is_never_seen():
    y = np.arange(40) % 11
    with_eleven = make().fit(X, y)
    assert with_eleven._model.loan.architecture.padded().n_outputs == 16
    assert with_eleven.predict_proba(X).shape == (40, 11)
    np.testing.assert_allclose(with_eleven.predict_proba(X).sum(axis=1), 1, rtol=1e-6)
    assert with_eleven.model_.output_shape == (None, 11)
    np.testing.assert_allclose(
        with_eleven.model_(X[:, :, np.newaxis]), with_eleven.predict_proba(X), rtol=1e-5
    )
    assert with_eleven.model_ is with_eleven.model_


def test_independent_labels_have_no_room():
    y = (np.arange(40)[:, np.newaxis] % np.arange(2, 13) == 0).astype(int)
    clf = make().fit(X, y)
    assert clf._model.loan.network.model.output_shape == (None, 11)
    assert clf.predict_proba(X).shape == (40, 11)
    assert clf.history_["loss"][0] < 1


def test_the_model_of_a_user_is_the_users_own():
    clf = make().fit(X, Y)
    expected = clf.predict_proba(X)
    model = clf.model_
    outputs = np.asarray(model(X[:, :, np.newaxis]))
    model.set_weights([0 * weight for weight in model.get_weights()])
    np.testing.assert_array_equal(clf.predict_proba(X), expected)
    held = clf.partial_fit(X, Y).model_
    assert held is not model
    weights = held.get_weights()
    del clf
    probabilities(make(random_state=5))
    for before, after in zip(weights, held.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)
    assert (outputs != np.asarray(held(X[:, :, np.newaxis]))).any()


def test_the_model_of_a_user_has_the_state_of_the_optimizer():
    clf = make().fit(X, Y)
    copied, own = clf.model_.optimizer, clf._model.loan.network.model.optimizer
    assert own.iterations.numpy() > 0
    for one, other in zip(copied.variables, own.variables, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("is_refit", [False, True])
def test_a_model_that_a_callback_saw_is_not_handed_on(is_refit, built):
    import keras

    held = []

    class Holder(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            held.append(self.model)

    clf = make(callbacks=[Holder()]).fit(X, Y)
    weights = held[0].get_weights()
    if not is_refit:
        clf = make()
    probabilities(clf.set_params(callbacks=None, random_state=5))
    assert len(built) == 2
    for before, after in zip(weights, held[0].get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


def test_the_pool_is_bounded_and_forgets_the_oldest():
    for units in range(1, pool._CAPACITY + 3):
        probabilities(make(units=units))
    gc.collect()
    widths = [network.architecture.units for network in pool._idle]
    assert widths == [(units,) for units in range(3, pool._CAPACITY + 3)]


def test_a_network_that_the_garbage_collector_evicts_during_the_search_serves(built, monkeypatch):
    expected = probabilities(make())
    gc.collect()
    (idle,) = pool._idle
    can_become = idle.can_become

    def after_a_collection(architecture):
        for _ in range(pool._CAPACITY):
            pool._give_back(SimpleNamespace())
        return can_become(architecture)

    monkeypatch.setattr(idle, "can_become", after_a_collection)
    np.testing.assert_array_equal(probabilities(make()), expected)
    assert len(built) == 1


def test_pickles_hold_no_pool_and_borrow_from_it(built):
    clf = make().fit(X, Y)
    expected = clf.predict_proba(X)
    data = pickle.dumps(clf)
    del clf
    np.testing.assert_array_equal(pickle.loads(data).predict_proba(X), expected)
    assert len(built) == 1
    weights = make().fit(X, Y).model_.count_params()
    assert len(data) < 4 * 4 * weights + 10_000


def test_switched_off(built):
    with skrnn.config_context(recycle=False):
        expected = probabilities(make())
        np.testing.assert_array_equal(probabilities(make()), expected)
        assert len(built) == 2
    assert skrnn.get_config() == {"recycle": True}
    np.testing.assert_array_equal(probabilities(make()), expected)


def test_switched_off_a_refit_has_a_network_of_its_own(built):
    clf = make().fit(X, Y)
    network, expected = clf._model.loan.network, clf.predict_proba(X)
    with skrnn.config_context(recycle=False):
        clf.fit(X, Y)
    assert len(built) == 2
    assert clf._model.loan.network is not network
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


@pytest.mark.parametrize("recycle", ["no", 0, None])
def test_recycle_is_true_or_false(recycle):
    with (
        pytest.raises(TypeError, match=f"recycle must be True or False, got {recycle!r}"),
        skrnn.config_context(recycle=recycle),
    ):
        pass
    assert skrnn.get_config() == {"recycle": True}


def test_threads_get_networks_of_their_own():
    expected = {seed: probabilities(make(random_state=seed)) for seed in range(3)}
    wrong = []

    def work():
        for seed in (0, 1, 2, 0, 1, 2):
            if (probabilities(make(random_state=seed)) != expected[seed]).any():
                wrong.append(seed)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_networks_keep_their_precision(policy, built):
    import keras

    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy(policy)
        clf = make(epochs=3).fit(X, Y)
        data = pickle.dumps(clf)
    finally:
        keras.config.set_dtype_policy(before)
    expected = clf.predict_proba(X)
    np.testing.assert_allclose(expected.sum(axis=1), 1, rtol=1e-3)
    assert clf.history_["loss"][-1] < 2
    del clf
    pool.clear()
    restored = pickle.loads(data)
    assert restored.model_.get_layer("bidirectional_0").compute_dtype == policy.removeprefix(
        "mixed_"
    )
    np.testing.assert_allclose(restored.predict_proba(X), expected, rtol=1e-6)
    probabilities(make())
    assert len(built) == 4  # the fit, the pickle, model_, and one of another precision


@pytest.mark.filterwarnings("ignore:y holds the single class")
def test_one_class_in_half_precision_is_certain():
    import keras

    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_float16")
        clf = make().fit(X, np.zeros(40))
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(clf.predict_proba(X), 1, rtol=1e-6)


def test_half_precision_scales_the_loss_once():
    import keras

    scaling, before = keras.optimizers.LossScaleOptimizer, keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_float16")
        for optimizer in ("sgd", scaling(keras.optimizers.SGD(0.1))):
            used = make(optimizer=optimizer).initialize(X, Y)._model.loan.network.model.optimizer
            assert isinstance(used, scaling)
            assert not isinstance(used.inner_optimizer, scaling)
    finally:
        keras.config.set_dtype_policy(before)


def test_a_refit_within_the_room_knows_the_new_classes(built):
    clf = make(epochs=30, learning_rate=0.05).fit(X, np.arange(40) % 11)
    one_more = np.arange(40) % 12
    refitted = clf.fit(X, one_more)
    assert len(built) == 1
    assert refitted.predict_proba(X).shape == (40, 12)
    expected = make(epochs=30, learning_rate=0.05).fit(X, one_more).predict_proba(X)
    np.testing.assert_array_equal(refitted.predict_proba(X), expected)
