"""How a fit goes on, splits, weighs and, when it fails, leaves everything as it was."""

import copy

import keras
import numpy as np
import pytest

from skrnn import LSTMTextClassifier, SequenceVectorizer

X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
Y = np.arange(60) % 3


def make(**kwargs):
    kwargs = {"units": 3, "epochs": 2, "batch_size": 16, "random_state": 0, **kwargs}
    return LSTMTextClassifier(embedding_dim=None, **kwargs)


class FailureError(Exception):
    pass


class Fail(keras.callbacks.Callback):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def on_epoch_end(self, epoch, logs=None):
        raise self.error


@pytest.mark.parametrize("error", [FailureError("mid-fit"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "fit after warm start"])
def test_a_failed_fit_leaves_a_fitted_classifier_as_it_was(error, method):
    clf = make().fit(X, Y)
    before, history = dict(vars(clf)), copy.deepcopy(clf.history_)
    expected = clf.predict_proba(X)
    clf.set_params(callbacks=[Fail(error)], warm_start=method.endswith("warm start"))
    with pytest.raises(type(error)):
        getattr(clf, method.split()[0])(X, Y[::-1])
    np.testing.assert_array_equal(clf.predict_proba(X), expected)
    assert clf.history_ == history
    clf.set_params(callbacks=None, warm_start=False)
    assert vars(clf) == before


def test_a_failed_fit_of_more_classes_leaves_the_number_of_classes():
    # The network has room for a twelfth class, so that the fit that fails uses it again.
    clf = make(epochs=1).fit(X, np.arange(60) % 11)
    expected = clf.predict_proba(X)
    clf.set_params(callbacks=[Fail(FailureError())])
    with pytest.raises(FailureError):
        clf.fit(X, np.arange(60) % 12)
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


def test_a_failed_fit_leaves_an_unfitted_classifier_unfitted():
    clf = make(callbacks=[Fail(FailureError())])
    with pytest.raises(FailureError):
        clf.fit(X, Y)
    assert not hasattr(clf, "classes_")
    assert vars(clf) == vars(make(callbacks=clf.callbacks))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"units": 4}, "units"),
        ({"dropout": 0.3}, "dropout"),
        ({"pooling": "last"}, "pooling"),
        ({"optimizer": "sgd"}, "optimizer"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_going_on_with_another_network_is_refused(change, name, method):
    clf = make(warm_start=True).fit(X, Y)
    with pytest.raises(ValueError, match=f"changed since the last fit: {name}"):
        getattr(clf.set_params(**change), method)(X, Y)


def test_going_on_at_another_rate_is_fine():
    clf = make(warm_start=True).fit(X, Y)
    assert clf.set_params(learning_rate=0.1, batch_size=8, epochs=3).fit(X, Y).n_iter_ == 5


def test_classes_cannot_change():
    clf = make().partial_fit(X, Y, classes=[0, 1, 2, 3])
    assert clf.n_classes_ == 4
    clf.partial_fit(X, Y, classes=[3, 2, 1, 0])
    with pytest.raises(ValueError, match="not the same as on last call"):
        clf.partial_fit(X, Y, classes=[0, 1, 2])


@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_weights_count_in_batches_of_any_size(batch_size):
    rng = np.random.default_rng(1)
    weights = np.where(Y == 1, 50.0, 1.0)
    noise = rng.normal(size=X.shape).astype("float32")
    clf = make(batch_size=batch_size, epochs=4, learning_rate=0.1)
    plain = clf.fit(noise, Y).predict_proba(noise)[:, 1].mean()
    weighted = clf.fit(noise, Y, sample_weight=weights).predict_proba(noise)[:, 1].mean()
    assert weighted > plain + 0.1


def test_the_scale_of_weights_does_not_count():
    one = make().fit(X, Y, sample_weight=np.full(60, 0.25)).predict_proba(X)
    np.testing.assert_array_equal(one, make().fit(X, Y).predict_proba(X))


def test_samples_without_weight_do_not_count():
    weights = (Y != 2).astype(float)
    clf = make(shuffle=False).fit(X, Y, sample_weight=weights)
    without = make(shuffle=False).partial_fit(X[Y != 2], Y[Y != 2], classes=[0, 1, 2])
    without.partial_fit(X[Y != 2], Y[Y != 2])
    np.testing.assert_array_equal(clf.predict_proba(X), without.predict_proba(X))


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_too_little_to_hold_out_or_to_train_with(share):
    with pytest.raises(ValueError, match=f"validation_split={share} of 60 samples leaves"):
        make(validation_split=share).fit(X, Y)


def test_embeddings_of_ones_own():
    documents, labels = [[5, 9], [7, 5, 5]] * 4, [0, 1] * 4
    vectors = np.arange(6, dtype="float32").reshape(3, 2)
    clf = LSTMTextClassifier(units=2, embedding_dim=2, embeddings=vectors)
    table = clf.initialize(documents, labels).model_.get_layer("embedding").get_weights()[0]
    np.testing.assert_array_equal(table, [[0, 0], [2, 3], [0, 1], [2, 3], [4, 5]])
    assert clf.embedding_coverage_ == 1
    with pytest.raises(ValueError, match=r"embeddings has shape \(3, 2\).*embedding_dim=2"):
        clf.set_params(embedding_dim=4).fit(documents, labels)


def test_ppmi_embeddings_are_the_default():
    texts, labels = ["wheat and maize rose", "rates and bonds fell"] * 4, [0, 1] * 4
    clf = LSTMTextClassifier(units=2, embedding_dim=3, random_state=0)
    table = clf.initialize(texts, labels).model_.get_layer("embedding").get_weights()[0]
    assert table.shape == (2 + len(clf.vectorizer_.vocabulary_), 3)
    assert table[2:].std() == pytest.approx(0.3, rel=1e-3)
    np.testing.assert_array_equal(table[0], 0)


def test_nested_parameters_of_the_vectorizer():
    clf = LSTMTextClassifier()
    with pytest.raises(ValueError, match="Invalid parameter 'max' for estimator"):
        clf.set_params(vectorizer__max=5)
    assert clf.vectorizer is None
    assert clf.set_params(vectorizer__maxlen=5).vectorizer.maxlen == 5
    vectorizer = SequenceVectorizer()
    clf.set_params(vectorizer=vectorizer, vectorizer__maxlen=7)
    assert vectorizer.maxlen == 7


def test_unknown_optimizer():
    with pytest.raises(ValueError, match="optimizer must be the name of a Keras optimizer"):
        make(optimizer="adm").fit(X, Y)


def losses(**kwargs):
    """Train on numbers, with dropout, two samples a batch."""
    kwargs = {"dropout": 0.5, "batch_size": 2, "epochs": 2, "units": 3, "n_samples": 20, **kwargs}
    n_samples = kwargs.pop("n_samples")
    X = np.random.default_rng(0).normal(size=(n_samples, 2))
    return make(**kwargs).fit(X, np.arange(n_samples) % 2).history_["loss"]


@pytest.mark.parametrize(
    ("kwargs", "consistency"),
    [
        ({"n_samples": 99 * 2}, 1.0),
        ({"n_samples": 100 * 2}, 0.0),
        ({"n_samples": 99 * 2, "dropout": 0.0}, 0.0),
    ],
    ids=["small", "not small", "no dropout"],
)
def test_automatic_consistency(kwargs, consistency):
    assert losses(**kwargs) == losses(**kwargs, consistency=consistency)
    assert losses(**kwargs) != losses(**kwargs, consistency=1.0 - consistency)


def test_automatic_consistency_is_for_fit_only():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 2)), np.arange(20) % 2
    auto, off, on = (
        make(dropout=0.5, consistency=value).partial_fit(X, y, classes=[0, 1]).history_["loss"]
        for value in ("auto", 0.0, 1.0)
    )
    assert auto == off != on


def test_consistency_brings_two_draws_of_dropout_together():
    rng = np.random.default_rng(0)
    loose, close = (
        make(dropout=0.5, epochs=30, units=8, consistency=value, shuffle=False)
        for value in (0.0, 5.0)
    )
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    apart = []
    for clf in (loose, close):
        model = clf.fit(X, y).model_
        X3 = X[:, :, np.newaxis].astype("float32")
        two = [np.asarray(model(X3, training=True))[:, 0] for _ in range(2)]
        apart.append(np.abs(two[0] - two[1]).mean())
    assert apart[1] < apart[0]
