"""Validation data of one's own, given to fit or brought through a pipeline."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import LSTMTextClassifier, SequenceVectorizer

X = ["wheat rose", "maize and wheat", "bank cut rates", "rates fell"] * 6
Y = np.array(["grain", "grain", "money", "money"] * 6)
X_VAL, Y_VAL = ["maize rose", "the bank"], np.array(["grain", "money"])


def make(**kwargs):
    settings = {"units": 4, "embedding_dim": 8, "epochs": 3, "batch_size": 8, "random_state": 0}
    return LSTMTextClassifier(**{**settings, **kwargs})


def cross_entropy(clf, X, y, weights=None):
    probabilities = clf.predict_proba(X)[np.arange(len(y)), np.searchsorted(clf.classes_, y)]
    return np.average(-np.log(probabilities), weights=weights)


# Dropout inside the recurrence takes long to compile.
DROPPING = {"recurrent_dropout": 0.2, "bidirectional": False, "consistency": 0.0}


@pytest.mark.parametrize(
    ("params", "weights"), [({}, None), ({}, [1.0, 3.0]), (DROPPING, None)], ids=str
)
def test_it_is_judged_after_every_epoch_and_changes_nothing(params, weights):
    clf = make(**params).fit(X, Y, X_val=X_VAL, y_val=Y_VAL, sample_weight_val=weights)
    assert len(clf.history_["val_loss"]) == 3
    expected = cross_entropy(clf, X_VAL, Y_VAL, weights)
    assert clf.history_["val_loss"][-1] == pytest.approx(expected, rel=1e-5)
    without = make(**params).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), without.predict_proba(X))


@pytest.mark.parametrize(
    ("class_weight", "weights"),
    [({"grain": 1, "money": 9}, [1, 1, 1, 9]), ("balanced", [1, 1, 1, 3])],
    ids=str,
)
def test_it_is_judged_with_the_weights_of_classes(class_weight, weights):
    X_val = ["maize", "wheat", "maize rose", "the bank"]
    y_val = np.array(["grain", "grain", "grain", "money"])
    clf = make(class_weight=class_weight).fit(X, Y, X_val=X_val, y_val=y_val)
    expected = cross_entropy(clf, X_val, y_val, weights)
    assert clf.history_["val_loss"][-1] == pytest.approx(expected, rel=1e-5)
    assert expected != pytest.approx(cross_entropy(clf, X_val, y_val), rel=1e-3)


@pytest.mark.parametrize("first", [False, True])
def test_epochs_without_it_have_no_value(first):
    clf = make(epochs=2, warm_start=True)
    for has_data in (first, not first):
        clf.fit(X, Y, **({"X_val": X_VAL, "y_val": Y_VAL} if has_data else {}))
    assert {name: len(values) for name, values in clf.history_.items()} == dict.fromkeys(
        ["loss", "accuracy", "val_loss", "val_accuracy"], 4
    )
    assert not np.isnan([clf.history_["loss"], clf.history_["accuracy"]]).any()
    for name in ("val_loss", "val_accuracy"):
        assert np.isnan(clf.history_[name]).tolist() == [not first] * 2 + [first] * 2


def test_early_stopping_judges_by_it_and_holds_nothing_out():
    params = {"early_stopping": True, "patience": 99, "schedule": None}
    labels = np.array(["money", "grain"])  # the better the training, the worse
    clf = make(epochs=6, **params).fit(X, Y, X_val=X_VAL, y_val=labels)
    best = int(np.argmin(clf.history_["val_loss"])) + 1
    assert best < 6
    expected = make(epochs=best, schedule=None).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_ids_numbers_and_indicators():
    rng = np.random.default_rng(0)
    ids, labels = rng.integers(1, 9, size=(20, 5)), rng.integers(0, 2, size=(20, 3))
    clf = make(multilabel=True).fit(ids, labels, X_val=ids[:4], y_val=labels[:4])
    assert len(clf.history_["val_accuracy"]) == 3
    clf = make(embedding_dim=None).fit(ids, labels[:, 0], X_val=ids[:4], y_val=labels[:4, 0])
    assert len(clf.history_["val_accuracy"]) == 3


def test_a_pipeline_transforms_it_as_x():
    rng = np.random.default_rng(0)
    numbers, labels = rng.normal(5, 3, size=(30, 4)), np.arange(30) % 2
    steps = [("scale", StandardScaler()), ("lstm", make(embedding_dim=None))]
    with config_context(enable_metadata_routing=True):
        steps[1][1].set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline(steps, transform_input=["X_val"])
        pipeline.fit(numbers, labels, X_val=numbers[:9] + 1, y_val=labels[:9])
    lstm = pipeline["lstm"]
    expected = cross_entropy(lstm, pipeline["scale"].transform(numbers[:9] + 1), labels[:9])
    assert lstm.history_["val_loss"][-1] == pytest.approx(expected, rel=1e-5)


def test_a_pipeline_transforms_texts_too():
    steps = [("ids", SequenceVectorizer()), ("lstm", make())]
    with config_context(enable_metadata_routing=True):
        steps[1][1].set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline(steps, transform_input=["X_val"]).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    expected = cross_entropy(pipeline, X_VAL, Y_VAL)
    assert pipeline["lstm"].history_["val_loss"][-1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X_val": X_VAL}, "X_val is given without y_val"),
        ({"y_val": Y_VAL}, "y_val is given without X_val"),
        ({"X_val": X_VAL, "y_val": ["grain", "gold"]}, "y_val contains labels.*gold"),
        ({"X_val": X_VAL, "y_val": ["grain"]}, "inconsistent numbers of samples"),
        ({"X_val": X_VAL, "y_val": [[0, 1], [1, 0]]}, "y_val has shape"),
        ({"X_val": [[1, 2], [3]], "y_val": Y_VAL}, "holds token ids, but"),
        (
            {"X_val": X_VAL, "y_val": Y_VAL, "sample_weight_val": [0, 0]},
            "at least one non-zero|sample_weight_val is 0",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    clf = make()
    with pytest.raises(ValueError, match=message):
        clf.fit(X, Y, **arguments)
    assert not hasattr(clf, "classes_")


def test_a_split_beside_it_is_refused():
    with pytest.raises(ValueError, match=r"validation_split=0\.2 would hold out others"):
        make(validation_split=0.2).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)


def test_what_is_held_out_has_its_own_labels_beside_samples_without_weight():
    rng = np.random.default_rng(0)
    numbers, labels = rng.normal(size=(50, 4)), np.r_[np.ones(10), np.arange(40) % 2]
    params = {"embedding_dim": None, "validation_split": 0.25}
    clf = make(**params).fit(numbers, labels, np.repeat([0, 1], [10, 40]))
    assert clf.history_ == make(**params).fit(numbers[10:], labels[10:]).history_


def test_a_later_x_of_nothing_says_nothing_about_what_it_holds():
    tokens = [text.split() for text in X]
    clf = make(warm_start=True, epochs=1).fit(tokens, Y)
    clf.fit([[], []], ["grain", "money"], X_val=tokens, y_val=Y)
    assert len(clf.history_["val_loss"]) == 2
