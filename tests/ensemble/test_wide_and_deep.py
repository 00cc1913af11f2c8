"""Tests of WideAndDeepTextClassifier, in the order of its documentation."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skrnn import LSTMTextClassifier, SequenceVectorizer, WideAndDeepTextClassifier
from skrnn.ensemble import NgramTextClassifier, _ensemble_fit
from skrnn.ensemble._ensemble import log_probabilities
from skrnn.utils.estimator_checks import parametrize_with_text_checks

SMALL = {"units": 4, "embedding_dim": 8, "epochs": 2}
DEEP = LSTMTextClassifier(**SMALL)
LINEAR = make_pipeline(TfidfVectorizer(), LogisticRegression())
TEXTS = ["wheat and maize", "maize exports rose", "", "gold mine", "bank cut rates", "rates"] * 3
LABELS = np.array(["grain", "grain", "none", "metal", "money", "money"] * 3)
INDICATORS = np.array([[1, 1], [1, 0], [0, 0], [0, 1], [1, 0], [0, 0]] * 3)
MANY = [f"{text} {number}" for number, text in enumerate(TEXTS * 7)]
IDS = np.array([[7, 3, 9], [3, 5, 0], [0, 0, 0], [2, 0, 0], [9, 9, 4], [4, 0, 0]] * 3)


def make(deep=DEEP, wide=None, **params):
    return WideAndDeepTextClassifier(deep, wide, **{"random_state": 0, **params})


@pytest.fixture(scope="module")
def fitted():
    return make().fit(TEXTS, LABELS)


# A full batch and many epochs, for the training accuracy.
CHECKED = WideAndDeepTextClassifier(
    LSTMTextClassifier(units=8, embedding_dim=16, epochs=5, learning_rate=0.05, schedule=None)
)


class OwnWeights(DummyClassifier):
    """It changes the weights that it is given, and does not know its classes."""

    def fit(self, X, y, sample_weight=None):
        self.fitted_ = DummyClassifier().fit(X, y, sample_weight)
        if sample_weight is not None:
            sample_weight[1:] = 0
        return self

    def predict_proba(self, X):
        return self.fitted_.predict_proba(X)


@parametrize_with_text_checks([CHECKED, NgramTextClassifier()], kinds=("texts", "tokens", "ids"))
def test_text_classifier(estimator, check):
    check(estimator)


# What it is made of


def test_the_parts_are_what_they_are_alone(fitted):
    seeds = fitted.deep_.random_state, fitted.wide_.random_state
    deep = LSTMTextClassifier(**SMALL, random_state=seeds[0]).fit(TEXTS, LABELS)
    wide = NgramTextClassifier(random_state=seeds[1]).fit(TEXTS, LABELS)
    assert seeds[0] != seeds[1]
    assert_array_equal(fitted.deep_.predict_proba(TEXTS), deep.predict_proba(TEXTS))
    assert_array_equal(fitted.wide_.decision_function(TEXTS), wide.decision_function(TEXTS))
    assert_array_equal(fitted.classes_, deep.classes_)


@pytest.mark.parametrize("given", [list, iter], ids=["list", "iterator"])
def test_the_network_learns_from_documents_without_labels(given):
    others = ["barley and wheat", "barley rose", "deposit rates", "bank deposit fell"] * 4
    clf = make().fit(TEXTS, LABELS, X_unlabeled=given(others))
    deep = LSTMTextClassifier(**SMALL, random_state=clf.deep_.random_state)
    deep.fit(TEXTS, LABELS, X_unlabeled=others)
    assert_array_equal(clf.deep_.predict_proba(others), deep.predict_proba(others))
    alone = make().fit(TEXTS, LABELS)
    assert_array_equal(clf.wide_.predict_proba(others), alone.wide_.predict_proba(others))
    assert (clf.predict_proba(others) != alone.predict_proba(others)).any()


def test_probabilities_are_the_product(fitted):
    deep, wide = fitted.deep_.predict_proba(TEXTS), fitted.wide_.predict_proba(TEXTS)
    product = deep**fitted.deep_weight_ * wide**fitted.wide_weight_
    probabilities = fitted.predict_proba(TEXTS)
    assert probabilities.dtype == np.float64
    assert_allclose(probabilities, product / product.sum(axis=1, keepdims=True), rtol=1e-5)
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-14)
    assert_allclose(fitted.predict_log_proba(TEXTS), np.log(probabilities))
    assert_array_equal(fitted.predict(TEXTS), fitted.classes_[probabilities.argmax(axis=1)])
    assert fitted.score(TEXTS, LABELS) == np.mean(fitted.predict(TEXTS) == LABELS)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_linear_model_of_ones_own(n_classes):
    rows = np.flatnonzero(np.isin(LABELS, ["grain", "metal", "money"][:n_classes]))
    X, y = [TEXTS[row] for row in rows], LABELS[rows]
    wide = make_pipeline(TfidfVectorizer(), LogisticRegression())
    clf = make(wide=wide).fit(X, y)
    assert_array_equal(clf.wide_.predict_proba(X), wide.fit(X, y).predict_proba(X))
    assert_allclose(clf.predict_proba(X).sum(axis=1), 1)
    # The network is too small to say anything here.
    assert_array_equal(clf.predict(X), y)


def test_a_weight_of_classes_that_the_linear_model_does_not_take():
    clf = make(wide=LINEAR, class_weight="balanced")
    with pytest.raises(ValueError, match="class_weight is given, but wide=Pipeline has no such"):
        clf.fit(TEXTS, LABELS)


def test_names_of_files_are_no_texts():
    deep = clone(DEEP).set_params(vectorizer=SequenceVectorizer(input="filename"))
    with pytest.raises(ValueError, match="The vectorizer of deep has input='filename'"):
        make(deep).fit(TEXTS, LABELS)


@pytest.mark.parametrize(("name", "value"), [("encoding", "latin-1"), ("decode_error", "ignore")])
def test_bytes_that_only_the_network_could_decode_are_refused(name, value):
    deep = clone(DEEP).set_params(vectorizer=SequenceVectorizer(**{name: value}))
    make(deep).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match=rf"{name}='{value}'.* wide does not know"):
        make(deep).fit([text.encode() for text in TEXTS], LABELS)


def test_nested_parameters_of_none():
    clf = WideAndDeepTextClassifier().set_params(deep__units=3, wide__C=0.5)
    assert (clf.deep.units, clf.wide.C) == (3, 0.5)
    clf.set_params(deep__units=2, deep__epochs=1)
    assert (clf.deep.units, clf.deep.epochs) == (2, 1)
    assert clf.set_params(wide=None, deep=None, deep__epochs=2).deep.get_params() == (
        LSTMTextClassifier(epochs=2).get_params()
    )
    with pytest.raises(ValueError, match="Invalid parameter 'unit' for estimator LSTM"):
        clf.set_params(deep__unit=3)


def test_a_grid_search():
    grid = {"deep__units": [2, 3], "wide__C": [0.1, 1.0]}
    search = GridSearchCV(make(), grid, cv=2, error_score="raise").fit(TEXTS, LABELS)
    best = search.best_estimator_
    assert best.deep_.units == search.best_params_["deep__units"]
    assert search.best_params_["wide__C"] == best.wide_.C


# Labels, weights and data to judge by


@pytest.mark.parametrize("wide", [None, "own"])
def test_independent_labels(wide):
    if wide:
        wide = make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LogisticRegression()))
    clf = make(wide=wide).fit(TEXTS, INDICATORS)
    probabilities = clf.predict_proba(TEXTS)
    assert_array_equal(clf.classes_, [0, 1])
    assert probabilities.shape == (18, 2)
    assert not np.allclose(probabilities.sum(axis=1), 1)
    assert_array_equal(clf.predict(TEXTS), probabilities > 0.5)
    assert clf.score(TEXTS, INDICATORS) > 0.9


def test_one_hot_rows_are_labels():
    one_hot = np.eye(4, dtype=int)[np.unique(LABELS, return_inverse=True)[1]]
    by_rows, by_labels = make().fit(TEXTS, one_hot), make().fit(TEXTS, one_hot.argmax(axis=1))
    assert_array_equal(by_rows.predict_proba(TEXTS), by_labels.predict_proba(TEXTS))
    assert by_rows.score(TEXTS, one_hot) == by_labels.score(TEXTS, one_hot.argmax(axis=1))


def test_one_hot_rows_may_be_independent_labels():
    deep = clone(DEEP).set_params(multilabel=True)
    clf = make(deep).fit(TEXTS, np.eye(3, dtype=int)[np.arange(18) % 3])
    assert not np.allclose(clf.wide_.predict_proba(TEXTS).sum(axis=1), 1)


@pytest.mark.parametrize("wide", [None, LINEAR], ids=["ngrams", "own"])
@pytest.mark.parametrize("repeats", [1, 6])
def test_a_column_of_one_hot_rows_may_be_empty(wide, repeats):
    y = np.eye(4, dtype=int)[np.arange(18 * repeats) % 3]
    clf = make(wide=wide).fit(TEXTS * repeats, y)
    probabilities = clf.predict_proba(TEXTS)
    assert probabilities.shape == (18, 4)
    assert (probabilities[:, 3] < 0.3).all()
    assert clf.predict(TEXTS).sum(axis=1).tolist() == [1] * 18


def test_a_class_in_the_middle_that_the_linear_model_does_not_know():
    codes = np.array([0, 2] * 9)
    clf = make(wide=LINEAR).fit(TEXTS, np.eye(3, dtype=int)[codes])
    known = log_probabilities(clf.wide_, TEXTS, clf._model.targets)
    of_known = clf.wide_.predict_proba(TEXTS)
    assert_array_equal(clf.wide_[-1].classes_, [0, 2])
    assert_allclose(np.exp(known), np.insert(of_known, 1, 0, axis=1), atol=1e-30)


def test_a_label_may_be_constant():
    y = INDICATORS.copy()
    y[:, 1] = 0
    clf = make(wide=make_pipeline(TfidfVectorizer(), RandomForestClassifier(5)))
    assert (clf.fit(TEXTS, y).predict_proba(TEXTS)[:, 1] < 0.5).all()


def test_a_linear_model_may_be_certain(few_are_many):
    y = np.stack([np.arange(126) % 5 < 2, np.arange(126) % 5 == 4], axis=1).astype(int)
    clf = make(wide=make_pipeline(TfidfVectorizer(), RandomForestClassifier(2))).fit(MANY, y)
    assert np.isfinite([clf.deep_weight_, clf.wide_weight_, clf.intercept_]).all()
    probabilities = clf.predict_proba(MANY)
    assert ((probabilities > 0) & (probabilities < 1)).all()


@pytest.mark.parametrize("y", [INDICATORS, np.eye(2, dtype=int)[np.arange(18) % 2]])
def test_rankings_of_two_columns(y):
    for clf in (make(), NgramTextClassifier()):
        clf.fit(TEXTS, y)
        assert clf.decision_function(TEXTS).shape == (18, 2)
        assert get_scorer("roc_auc")(clf, TEXTS, y) > 0.5
    assert not hasattr(make().fit(TEXTS, LABELS), "decision_function")


def test_weights_reach_both_parts():
    weights = np.where(LABELS == "grain", 3.0, 1.0)
    clf = make().fit(TEXTS, LABELS, weights)
    for part in ("deep", "wide"):
        alone = clone(getattr(clf, f"{part}_")).fit(TEXTS, LABELS, weights)
        method = "predict_proba" if part == "deep" else "decision_function"
        assert_array_equal(
            getattr(getattr(clf, f"{part}_"), method)(TEXTS), getattr(alone, method)(TEXTS)
        )
    by_class = make(class_weight={"grain": 3.0, "metal": 1, "money": 1, "none": 1})
    assert_allclose(
        by_class.fit(TEXTS, LABELS).predict_proba(TEXTS), clf.predict_proba(TEXTS), atol=1e-6
    )


def test_weights_reach_a_linear_model_that_takes_keywords():
    weights = np.where(LABELS == "grain", 3.0, 1.0)
    clf, plain = (
        make(
            wide=VotingClassifier([("ngrams", NgramTextClassifier(random_state=0))], voting="soft")
        )
        for _ in range(2)
    )
    clf.fit(TEXTS, LABELS, sample_weight=weights)
    plain.fit(TEXTS, LABELS)
    expected = clone(clf.wide).fit(TEXTS, LABELS, sample_weight=weights).predict_proba(TEXTS)
    assert_allclose(clf.wide_.predict_proba(TEXTS), expected)
    assert (plain.wide_.predict_proba(TEXTS) != expected).any()


def test_weights_that_the_linear_model_does_not_take():
    clf = make(wide=make_pipeline(TfidfVectorizer(), MultinomialNB()))
    with pytest.raises(TypeError, match="sample_weight is given, but wide=Pipeline takes none"):
        clf.fit(TEXTS, LABELS, np.ones(18))


def test_one_weight_for_all():
    X, y = TEXTS * 6, np.tile(LABELS, 6)
    for wide in (None, OwnWeights()):
        by_weight = [make(wide=wide).fit(X, y, weight) for weight in (None, 1.0)]
        assert_array_equal(*(clf.predict_proba(TEXTS) for clf in by_weight))


def test_weights_reach_both_fits_of_the_linear_model(few_are_many):
    given = []

    class Recording(DummyClassifier):
        def fit(self, X, y, sample_weight=None):
            given.append((len(y), sample_weight))
            return super().fit(X, y, sample_weight)

    make(wide=Recording()).fit(MANY, np.arange(126) % 2, np.arange(1, 127))
    (of_all, weights), (of_most, weights_of_most) = given
    assert len(weights) == of_all == 126
    assert len(weights_of_most) == of_most < 126
    assert set(weights_of_most) < set(weights)


@pytest.mark.parametrize("name", ["deep", "wide"])
def test_a_class_in_place_of_an_instance_is_refused(name):
    cls = {"deep": LSTMTextClassifier, "wide": NgramTextClassifier}[name]
    with pytest.raises(ValueError, match=f"{name} must be an instance, got the class"):
        WideAndDeepTextClassifier(**{name: cls}).fit(TEXTS, LABELS)


def test_labels_of_which_none_can_be_held_out(few_are_many):
    with pytest.warns(UserWarning, match="number of unique classes is greater than 50%"):
        clf = make().fit(TEXTS * 6, np.arange(108))
    assert (clf.deep_weight_, clf.wide_weight_) == (0.3, 0.6)


def test_data_to_judge_by_chooses_the_exponents():
    X_val, y_val = [text for text in TEXTS if text], LABELS[LABELS != "none"]
    deep = clone(DEEP).set_params(early_stopping=True)
    clf = make(deep).fit(TEXTS, LABELS, X_val=X_val, y_val=y_val)
    assert "val_loss" in clf.deep_.history_
    wrong = make(deep).fit(TEXTS, LABELS, X_val=X_val, y_val=np.roll(y_val, 1))
    assert wrong.wide_weight_ < clf.wide_weight_
    # Weights of 0 leave the exponents where they begin.
    zero = np.zeros(len(y_val))
    zero[0] = 1e-9
    prior = make(deep).fit(TEXTS, LABELS, X_val=X_val, y_val=y_val, sample_weight_val=zero)
    plain = make(deep).fit(TEXTS, LABELS)
    assert_allclose(prior.deep_weight_, plain.deep_weight_, rtol=1e-6)
    assert_allclose(prior.wide_weight_, plain.wide_weight_, rtol=1e-6)


@pytest.mark.parametrize("wide", [None, "own"])
def test_a_tenth_of_the_texts_chooses_the_exponents(wide, few_are_many):
    rng = np.random.default_rng(0)
    X = [
        " ".join(rng.choice(list("abcdefgh"), 5)) + " wheat rose"[: 6 * (i % 2)]
        for i in range(120)
    ]
    y = np.arange(120) % 2
    noise = rng.integers(2, size=120)
    if wide:
        wide = make_pipeline(TfidfVectorizer(token_pattern=r"\w+"), LogisticRegression())
    weights = np.ones(120)
    clf, lost = make(wide=wide).fit(X, y), make(wide=wide).fit(X, noise)
    assert clf.wide_weight_ > lost.wide_weight_
    # The network is the one that has not seen a tenth, the linear model has seen all.
    assert_array_equal(clone(clf.wide_).fit(X, y).predict_proba(X), clf.wide_.predict_proba(X))
    everything = clone(clf.deep_).fit(X, y, weights).predict_proba(X)
    assert (everything != clf.deep_.predict_proba(X)).any()
    assert len(clf.deep_.vectorizer_.vocabulary_) == len(
        clone(clf.deep_).fit(X, y).vectorizer_.vocabulary_
    )


def test_the_exponents_ask_whether_documents_without_labels_were_learnt_from():
    others = [" ".join(np.random.default_rng(row).choice(list("uvwxyz"), 9)) for row in range(200)]
    X, y = TEXTS * 6, np.tile(LABELS, 6)
    with pytest.warns(UserWarning, match="200 of the 200 documents of X_unlabeled are of another"):
        clf = make().fit(X, y, X_unlabeled=others)
    assert clf.deep_weight_ == make().fit(X, y).deep_weight_
    assert clf.deep_weight_ < make().fit(X, y, X_unlabeled=X).deep_weight_


@pytest.mark.parametrize("wide", [None, LINEAR])
def test_of_few_texts_none_is_held_out(wide, monkeypatch):
    monkeypatch.setattr(_ensemble_fit, "_FEW", 126)
    y = np.random.default_rng(0).integers(0, 2, 126)
    few = make(wide=wide).fit(MANY[1:], y[1:])
    assert (few.deep_weight_, few.wide_weight_) == (0.3, 0.6)
    expected = clone(few.deep_).fit(MANY[1:], y[1:]).predict_proba(MANY)
    assert_array_equal(few.deep_.predict_proba(MANY), expected)
    enough = make(wide=wide).fit(MANY, y)
    assert enough.deep_weight_ != 0.3


def test_samples_without_weight_are_not_counted(monkeypatch):
    monkeypatch.setattr(_ensemble_fit, "_FEW", 126)
    clf = make().fit(MANY, np.arange(126) % 2, np.arange(126))
    assert clf.deep_weight_ == 0.3


@pytest.mark.parametrize(("unlabeled", "deep_weight"), [(MANY, 0.5), ([], 0.3)])
def test_documents_without_labels_give_the_network_more_weight(unlabeled, deep_weight):
    clf = make().fit(TEXTS, LABELS, X_unlabeled=unlabeled)
    assert (clf.deep_weight_, clf.wide_weight_) == (deep_weight, 0.6)


def test_the_network_learns_no_copy_of_what_is_held_out(few_are_many):
    given = []

    class Recording(LSTMTextClassifier):
        def fit(self, X, y, sample_weight=None, **kwargs):
            given.append(np.array(sample_weight))
            return super().fit(X, y, sample_weight, **kwargs)

    make(Recording(**SMALL)).fit(MANY * 2, np.arange(252) % 2)
    (weights,) = given
    assert (weights == 0).any()
    assert_array_equal(weights[:126], weights[126:])


def test_a_frame_with_one_column():
    frame = pd.DataFrame({"text": TEXTS})
    clf = make().fit(frame, LABELS)
    assert clf.feature_names_in_.tolist() == ["text"]
    assert_array_equal(clf.predict_proba(frame), make().fit(TEXTS, LABELS).predict_proba(TEXTS))


@pytest.mark.parametrize(
    "convert",
    [
        pa.array,
        lambda texts: np.array(texts)[:, np.newaxis],
        lambda texts: np.array([text.encode() for text in texts])[:, np.newaxis],
    ],
    ids=["Arrow", "a column", "a column of bytes"],
)
@pytest.mark.parametrize("wide", [None, LINEAR], ids=["ours", "another"])
def test_texts_in_other_containers(convert, wide):
    X = convert(TEXTS)
    expected = make(wide=wide).fit(TEXTS, LABELS).predict_proba(TEXTS)
    assert_array_equal(make(wide=wide).fit(X, LABELS).predict_proba(X), expected)


@pytest.mark.parametrize("to_view", [iter, lambda texts: dict(enumerate(texts)).values()])
def test_what_can_only_be_walked_through(to_view):
    clf = make().fit(to_view(TEXTS), LABELS)
    probabilities = clf.predict_proba(to_view(TEXTS))
    assert_array_equal(probabilities, make().fit(TEXTS, LABELS).predict_proba(TEXTS))


def test_data_to_judge_by_that_can_only_be_walked_through():
    clf = make().fit(TEXTS, LABELS, X_val=iter(TEXTS[:6]), y_val=LABELS[:6])
    as_list = make().fit(TEXTS, LABELS, X_val=TEXTS[:6], y_val=LABELS[:6])
    assert_array_equal(clf.predict_proba(TEXTS), as_list.predict_proba(TEXTS))


def test_a_frame_with_one_column_of_ids():
    frame, y = pd.DataFrame({"id": np.arange(18) % 3 + 1}), np.arange(18) % 3
    clf = make().fit(frame, y)
    expected = make().fit(frame.to_numpy(), y).predict_proba(frame.to_numpy())
    assert_array_equal(clf.predict_proba(frame), expected)


def test_ids():
    clf = make().fit(IDS, LABELS)
    ragged = [row[row > 0].tolist() for row in IDS]
    assert_array_equal(clf.predict_proba(IDS), clf.predict_proba(ragged))


# Conventions


def test_numbers_have_no_ngrams():
    deep = clone(DEEP).set_params(embedding_dim=None)
    with pytest.raises(ValueError, match="deep has embedding_dim=None and reads numbers"):
        make(deep).fit(np.zeros((6, 3)), [0, 1] * 3)


@pytest.mark.parametrize("X", [None, 5, {"a text"}])
def test_what_is_no_collection_is_refused_by_name(fitted, X):
    with pytest.raises(TypeError, match="Expected X to be texts"):
        fitted.predict(X)


def test_no_samples():
    with pytest.raises(ValueError, match="0 sample"):
        make().fit([], [])


@pytest.mark.parametrize(
    "params", [{"deep__units": -1}, {"deep__epochs": "all"}, {"wide__C": -1}], ids=str
)
def test_a_parameter_of_a_part_is_refused_before_anything_is_learnt(params, monkeypatch):
    monkeypatch.setattr(NgramTextClassifier, "_fit", lambda *_: pytest.fail("it was fitted"))
    name = next(iter(params)).split("__")[1]
    with pytest.raises(ValueError, match=f"The '{name}' parameter of (LSTM|Ngram)TextClassifier"):
        clone(make()).set_params(**params).fit(TEXTS, LABELS)


def test_validation_of_the_parameters_of_a_part_can_be_skipped(monkeypatch):
    monkeypatch.setattr(NgramTextClassifier, "_fit", lambda *_: pytest.fail("it was fitted"))
    with (
        sklearn.config_context(skip_parameter_validation=True),
        pytest.raises(pytest.fail.Exception, match="it was fitted"),
    ):
        clone(make()).set_params(wide__C=-1).fit(TEXTS, LABELS)


def test_an_error_of_a_linear_model_for_classes_says_what_independent_labels_need():
    clf = make(wide=make_pipeline(TfidfVectorizer(), LogisticRegression()))
    with pytest.raises(ValueError, match="1d array") as caught:
        clf.fit(TEXTS, np.eye(3, dtype=int)[np.arange(18) % 3] | [1, 0, 0])
    assert "OneVsRestClassifier" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X_val": TEXTS}, "X_val is given without y_val"),
        ({"X_val": IDS, "y_val": LABELS}, "X_val is not like X"),
        (
            {"X_val": TEXTS, "y_val": ["gold"] * 18},
            r"y_val contains labels that are not in classes.*validation_split",
        ),
        ({"X_val": TEXTS, "y_val": LABELS[1:]}, "inconsistent numbers of samples"),
        ({"X_unlabeled": IDS}, "X_unlabeled is not like X"),
        ({"sample_weight": [-1.0] * 18}, "sample_weight must hold a number for every sample"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_an_argument_is_refused_before_anything_is_learnt(arguments, message, monkeypatch):
    monkeypatch.setattr(NgramTextClassifier, "_fit", lambda *_: pytest.fail("it was fitted"))
    with pytest.raises(ValueError, match=message):
        make().fit(TEXTS, LABELS, **arguments)


def test_faultless_arguments_pass_the_checks(monkeypatch):
    monkeypatch.setattr(NgramTextClassifier, "_fit", lambda *_: pytest.fail("it was fitted"))
    with pytest.raises(pytest.fail.Exception, match="it was fitted"):
        make().fit(TEXTS, LABELS, X_val=TEXTS, y_val=LABELS, sample_weight=[1.0] * 18)


@pytest.mark.parametrize(
    "params", [{"callbacks": [3]}, {"checkpoint": "/nowhere/at/all"}], ids=lambda p: next(iter(p))
)
def test_what_only_the_network_reads_is_checked_first(params, monkeypatch):
    monkeypatch.setattr(NgramTextClassifier, "_fit", lambda *_: pytest.fail("it was fitted"))
    with pytest.raises((TypeError, ValueError, FileNotFoundError), match=next(iter(params))):
        make(clone(DEEP).set_params(**params)).fit(TEXTS, LABELS)


def test_a_network_that_reads_documents_of_its_own():
    class OfDicts(LSTMTextClassifier):
        def fit(self, X, y, *args, **kwargs):
            return super().fit([document["text"] for document in X], y, *args, **kwargs)

        def predict_proba(self, X):
            return super().predict_proba([document["text"] for document in X])

    read = FunctionTransformer(lambda X: [document["text"] for document in X])
    clf = make(OfDicts(**SMALL), make_pipeline(read, *LINEAR))
    documents = [{"text": text} for text in TEXTS]
    assert clf.fit(documents, LABELS).predict(documents).shape == (18,)


def test_a_linear_model_that_reads_documents_of_its_own():
    class Renamed(NgramTextClassifier):
        def fit(self, X, y, sample_weight=None):
            return super().fit([text.replace("wheat", "corn") for text in X], y, sample_weight)

    ngrams = make(wide=Renamed()).fit(TEXTS, LABELS).wide_.ngrams_
    assert "words__corn" in ngrams
    assert "words__wheat" not in ngrams


def test_a_class_that_would_be_held_out_whole_has_the_exponents_of_the_prior(few_are_many):
    texts = ["copy"] * 60 + [f"wheat {number}" for number in range(110)]
    labels = ["often"] + ["rare"] * 59 + ["often"] * 110
    deep, weights = clone(DEEP).set_params(epochs=1), set()
    for random_state in range(20):
        clf = make(wide=LINEAR, random_state=random_state, deep=deep).fit(texts, labels)
        weights.add(clf.deep_weight_)
    assert 0.3 in weights
    assert len(weights) > 1


def test_checking_draws_nothing_from_a_generator():
    random_state = np.random.RandomState(0)
    LSTMTextClassifier(random_state=random_state)._check_fit(TEXTS, LABELS)
    assert random_state.randint(1000) == np.random.RandomState(0).randint(1000)


def test_an_error_leaves_the_classifier_as_it_was():
    clf = make().fit(TEXTS, LABELS)
    before = copy.copy(vars(clf)), clf.predict_proba(TEXTS)
    clf.deep = clone(DEEP).set_params(checkpoint="/nowhere/at/all")
    with pytest.raises(OSError, match="nowhere"):
        clf.fit(TEXTS[:12], LABELS[:12])
    clf.deep = before[0]["deep"]
    assert vars(clf) == before[0]
    assert_array_equal(clf.predict_proba(TEXTS), before[1])


def test_checkpoint(tmp_path):
    deep = clone(DEEP).set_params(checkpoint=tmp_path / "state")
    first = make(deep).fit(TEXTS, LABELS)
    assert (tmp_path / "state").exists()
    assert_array_equal(
        make(deep).fit(TEXTS, LABELS).predict_proba(TEXTS), first.predict_proba(TEXTS)
    )


def test_a_checkpoint_needs_numbers_that_come_again(tmp_path):
    deep = clone(DEEP).set_params(checkpoint=tmp_path / "state")
    with pytest.raises(ValueError, match=r"deep has a checkpoint.*give random_state an int"):
        make(deep, random_state=None).fit(TEXTS, LABELS)


def test_a_damaged_checkpoint_is_warned_of_once(tmp_path, fitted):
    deep = clone(DEEP).set_params(checkpoint=tmp_path / "state")
    make(deep).fit(TEXTS, LABELS)
    content = (tmp_path / "state").read_bytes()
    (tmp_path / "state").write_bytes(content[: len(content) // 2])
    with pytest.warns(UserWarning, match="damaged") as caught:
        clf = make(deep).fit(TEXTS, LABELS)
    assert len(caught) == 1
    assert_array_equal(clf.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_random_state_decides(fitted):
    same, other = make().fit(TEXTS, LABELS), make(random_state=1).fit(TEXTS, LABELS)
    assert_array_equal(same.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert (other.predict_proba(TEXTS) != fitted.predict_proba(TEXTS)).any()
    own = make(clone(DEEP).set_params(random_state=5)).fit(TEXTS, LABELS)
    assert own.deep_.random_state == 5
    for state in (np.random.RandomState(0), np.random.default_rng(0)):
        assert make(random_state=state).fit(TEXTS, LABELS).deep_.random_state is not None


def test_random_state_reaches_into_a_pipeline(few_are_many):
    wide = make_pipeline(TfidfVectorizer(), RandomForestClassifier(3))
    y = np.random.default_rng(0).integers(0, 2, 126)
    one, other = (make(wide=wide).fit(MANY, y) for _ in range(2))
    assert_array_equal(one.predict_proba(TEXTS), other.predict_proba(TEXTS))


def test_threads(fitted):
    with ThreadPoolExecutor(4) as pool:
        for probabilities in pool.map(fitted.predict_proba, [TEXTS] * 8):
            assert_array_equal(probabilities, fitted.predict_proba(TEXTS))


def test_pickle(fitted):
    copy_ = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(copy_.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_other_data_through_a_pipeline():
    with sklearn.config_context(enable_metadata_routing=True):
        clf = make().set_fit_request(sample_weight=True, X_val=True, y_val=True, X_unlabeled=True)
        clf.set_score_request(sample_weight=True)
        steps = [("vec", SequenceVectorizer()), ("clf", clf)]
        pipeline = Pipeline(steps, transform_input=["X_val", "X_unlabeled"])
        others, weights = TEXTS[1:], np.ones(18)
        pipeline.fit(
            TEXTS, LABELS, X_val=TEXTS, y_val=LABELS, X_unlabeled=others, sample_weight=weights
        )
        assert "val_loss" in pipeline[-1].deep_.history_
        ids = pipeline[0].transform(TEXTS)
        expected = make().fit(ids, LABELS, weights, X_val=ids, y_val=LABELS, X_unlabeled=ids[1:])
        assert_array_equal(pipeline.predict_proba(TEXTS), expected.predict_proba(ids))
        search = GridSearchCV(clf, {"wide__C": [0.1, 1]}, cv=2, error_score="raise")
        search.fit(TEXTS, LABELS, sample_weight=np.ones(18), X_val=TEXTS, y_val=LABELS)
    assert cross_val_predict(make(), TEXTS, LABELS, cv=2).shape == (18,)


def test_another_linear_model_is_fitted_once_where_there_is_data_to_judge_by(few_are_many):
    n_texts = []

    class Counting(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            n_texts.append(len(y))
            return super().fit(X, y, sample_weight)

    X, y = [f"{text} {number}" for number in range(7) for text in TEXTS], np.tile(LABELS, 7)
    clf = make(wide=make_pipeline(TfidfVectorizer(), Counting()))
    clf.fit(X, y, X_val=TEXTS, y_val=LABELS)
    assert n_texts == [126]


def test_where_there_is_data_to_judge_by_the_network_learns_all_texts(few_are_many):
    given = []

    class Recording(LSTMTextClassifier):
        def fit(self, X, y, sample_weight=None, **kwargs):
            given.append(sample_weight)
            return super().fit(X, y, sample_weight, **kwargs)

    make(Recording(**SMALL)).fit(MANY, np.arange(126) % 2, X_val=TEXTS[:2], y_val=[0, 1])
    assert given[0] is None


def test_weights_of_the_user_stay_as_they_are(few_are_many):
    weights = np.ones(126)
    make().fit(MANY, np.arange(126) % 2, weights)
    assert (weights == 1).all()
