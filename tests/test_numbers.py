"""A classifier of numeric sequences, from X to exports."""

import pickle

import numpy as np
import pytest

import skrnn
from skrnn import LSTMTextClassifier
from skrnn._data.sequences import Sequences
from skrnn.export import to_onnx
from skrnn.inspection import step_attributions

RNG = np.random.default_rng(0)
LENGTHS = RNG.integers(3, 9, size=20)
X = [RNG.normal(100, 5, size=(length, 2)) for length in LENGTHS]
Y = np.array([0, 1] * 10)


def make(**params):
    defaults = {"embedding_dim": None, "units": 4, "epochs": 2, "random_state": 0}
    return LSTMTextClassifier(**{**defaults, **params})


@pytest.fixture(
    scope="module",
    params=[{}, {"normalization": None}, {"frame_length": 3}],
    ids=["normalised", "as they are", "in frames"],
)
def clf(request):
    return make(**request.param).fit(X, Y)


def padded(clf):
    return clf._model.reader.check(X).content.padded()


def test_company_does_not_matter(clf):
    alone = np.concatenate([clf.predict_proba([steps]) for steps in X])
    np.testing.assert_allclose(clf.predict_proba(X), alone, rtol=1e-5)
    np.testing.assert_array_equal(clf.predict_proba(X[:1]), clf.predict_proba([X[0].copy()]))
    np.testing.assert_array_equal(clf.predict_proba(X[:1]), clf.predict_proba(X[0][np.newaxis]))


def test_a_step_of_zeros_is_a_step():
    model = make(normalization=None).fit(X, Y)
    longer = np.concatenate([X[0], np.zeros((3, 2))])
    assert (model.predict_proba([longer]) != model.predict_proba(X[:1])).any()


def test_exports_take_padded_steps(clf, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    keras = pytest.importorskip("keras")
    expected, steps = clf.predict_proba(X), padded(clf)
    stock = clf.to_keras()
    np.testing.assert_allclose(stock.predict(steps, verbose=0), expected, atol=1e-5)
    stock.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict(steps, verbose=0), expected, atol=1e-5)
    session = onnxruntime.InferenceSession(to_onnx(clf).SerializeToString())
    np.testing.assert_allclose(session.run(None, {"steps": steps})[0], expected, atol=1e-5)
    np.testing.assert_allclose(clf.model_.predict(steps, verbose=0), expected, atol=1e-5)


def test_files_keep_the_statistics(clf, tmp_path):
    clf.save(tmp_path / "model.skrnn")
    for copy in (skrnn.load(tmp_path / "model.skrnn"), pickle.loads(pickle.dumps(clf))):
        np.testing.assert_array_equal(copy.predict_proba(X), clf.predict_proba(X))


@pytest.mark.parametrize(
    "transform", [lambda x: x + 1000, lambda x: x * 0.001, lambda x: x * 1e-15, lambda x: x * 1e15]
)
def test_shift_and_scale_do_not_matter(transform):
    expected = make().fit(X, Y).predict_proba(X)
    moved = [transform(steps) for steps in X]
    np.testing.assert_allclose(make().fit(moved, Y).predict_proba(moved), expected, atol=2e-3)


def test_exports_of_small_numbers():
    small = [x * 1e-15 for x in X]
    clf = make().fit(small, Y)
    with pytest.raises(ValueError, match=r"A feature of X has a standard deviation of .*e-15"):
        clf.to_keras()


def test_sequences_of_weight_0_do_not_shape_the_frames():
    long = [np.random.default_rng(0).normal(size=(400, *x.shape[1:])) for x in X]
    weights = np.repeat([1, 0], len(X))
    expected = make().fit(X, Y)
    clf = make().fit(X + long, np.tile(Y, 2), sample_weight=weights)
    np.testing.assert_allclose(clf.predict_proba(X), expected.predict_proba(X), atol=1e-5)


def test_a_constant_feature_is_harmless():
    steps = [np.column_stack([x, np.full(len(x), 7.0)]) for x in X]
    assert np.isfinite(make().fit(steps, Y).predict_proba(steps)).all()


@pytest.mark.parametrize(
    ("normalization", "limit"),
    [("auto", 2 * np.sqrt(3 / 2)), (None, np.sqrt(6 / (2 + 4 * 8)))],
    ids=["by the features", "Glorot"],
)
def test_the_first_kernel_starts_by_the_number_of_features(normalization, limit):
    clf = LSTMTextClassifier(
        units=8,
        embedding_dim=None,
        normalization=normalization,
        epochs=1,
        schedule=None,
        learning_rate=1e-12,
    ).fit(X, Y)
    sizes = [
        np.abs(variable.numpy()).max()
        for variable in clf.model_.variables
        if variable.path.endswith("lstm_0/lstm_cell/kernel")
    ]
    assert len(sizes) == 2
    assert 0.8 * limit < min(sizes) <= max(sizes) < limit + 1e-6


def test_partial_fit_keeps_the_first_frames():
    long, short = RNG.normal(size=(4, 200, 1)), RNG.normal(size=(4, 20, 1))
    clf = make().partial_fit([*long], [0, 1] * 2)
    assert clf.model_.get_layer("frames").frame_length == 4
    clf.partial_fit([*short], [0, 1] * 2)
    assert clf.model_.get_layer("frames").frame_length == 4
    with pytest.raises(ValueError, match="frame_length"):
        clf.set_params(frame_length=2).partial_fit([*short], [0, 1] * 2)


def statistics(X, y, sample_weight=None, **params):
    weights = make(epochs=1, **params).fit(X, y, sample_weight)._model.loan.network.get_weights()
    return [weights[f"normalization/{name}"] for name in ("mean", "variance")]


def test_the_first_half_of_a_cycle_leaves_out_first_steps_of_frames(monkeypatch):
    most, without_first = [], Sequences.without_first

    def recorded(sequences, rows, n_steps, places):
        most.append(n_steps)
        return without_first(sequences, rows, n_steps, places)

    monkeypatch.setattr(Sequences, "without_first", recorded)
    make(frame_length=2, epochs=2, batch_size=64).fit(X, Y)
    assert most == [2]


def test_statistics_of_equal_sequences_do_not_depend_on_the_batch_size():
    several, labels = X[:1] * 9 + X, np.r_[[Y[0]] * 9, Y]
    values = np.concatenate(several)
    for batch_size in (4, 64):  # one that holds all merges them
        found = statistics(several, labels, batch_size=batch_size)
        np.testing.assert_allclose(found, [values.mean(axis=0), values.var(axis=0)], rtol=1e-5)


@pytest.mark.parametrize("batch_size", [4, 64])
def test_statistics_of_a_repeated_sequence_are_those_of_its_weight(batch_size):
    weights = np.r_[10.0, np.ones(19)]
    once = statistics(X, Y, weights, batch_size=batch_size)
    repeated = statistics(X[:1] * 9 + X, np.r_[[Y[0]] * 9, Y], batch_size=batch_size)
    np.testing.assert_allclose(once, repeated, rtol=1e-5)


def test_partial_fit_keeps_the_first_statistics():
    model = make().partial_fit(X, Y)
    first = model._model.loan.network.get_weights()["normalization/mean"]
    model.partial_fit([x + 50 for x in X], Y)
    later = model._model.loan.network.get_weights()["normalization/mean"]
    np.testing.assert_array_equal(later, first)
    np.testing.assert_allclose(first, np.concatenate(X).mean(axis=0), rtol=1e-6)


def test_a_recycled_network_forgets_the_statistics():
    expected = make().fit(X, Y).predict_proba(X)
    make().fit([x * 3 + 1 for x in X], Y)
    np.testing.assert_array_equal(make().fit(X, Y).predict_proba(X), expected)


def test_attributions_sum_to_the_difference(clf):
    for steps, explained in zip(X[:3], step_attributions(clf, X[:3]), strict=True):
        assert explained.scores.shape == steps.shape
        difference = explained.logit - explained.baseline_logit
        assert explained.scores.sum() == pytest.approx(difference, abs=1e-4)


def test_the_mean_of_the_training_data_scores_nothing():
    model = make().fit(X, Y)
    steps = np.tile(np.concatenate(X).mean(axis=0), (1, 4, 1))
    (explained,) = step_attributions(model, steps)
    np.testing.assert_allclose(explained.scores, 0, atol=1e-4)
    assert explained.logit == pytest.approx(explained.baseline_logit, abs=1e-4)


def test_attributions_are_of_the_label_asked_for(clf):
    probabilities = clf.predict_proba(X[:3])
    for target in (0, 1, [1, 0, 1]):
        explained = step_attributions(clf, X[:3], target)
        targets = [one.target for one in explained]
        assert targets == np.broadcast_to(target, 3).tolist()
        np.testing.assert_allclose(
            [one.probability for one in explained], probabilities[range(3), targets], rtol=1e-4
        )


def test_attributions_need_numbers():
    texts = make(embedding_dim=4, epochs=1).fit(["wheat", "rates"], [0, 1])
    with pytest.raises(ValueError, match="this classifier reads texts: use token_attributions"):
        step_attributions(texts, ["wheat"])


def test_no_two_kernels_start_alike():
    weights = make().initialize(X, Y)._model.loan.network.get_weights()
    kernels = [value for path, value in weights.items() if path.endswith("lstm_cell/kernel")]
    assert len(kernels) == 2
    assert (kernels[0] != kernels[1]).all()


def test_the_forget_gate_starts_open_as_in_keras():
    keras = pytest.importorskip("keras")
    layer = keras.layers.LSTM(4)
    layer.build((None, None, 2))
    expected = layer.cell.bias.numpy()
    assert expected.any()
    weights = make().initialize(X, Y)._model.loan.network.get_weights()
    for path, value in weights.items():
        if path.endswith("lstm_cell/bias"):
            np.testing.assert_array_equal(value, expected)
