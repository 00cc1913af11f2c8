"""Tests of LSTMTextClassifier, in the order of its documentation."""

import json
import re
import warnings
from enum import Enum
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import DataConversionWarning, NotFittedError, SkipTestWarning
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

import skrnn
from skrnn import LSTMTextClassifier, SequenceVectorizer

SMALL = {"units": 4, "embedding_dim": 8, "epochs": 2, "random_state": 0}
NUMERIC = {**SMALL, "embedding_dim": None}
LEARNS = {**SMALL, "epochs": 15, "batch_size": 8, "learning_rate": 0.05}

TEXTS = ["wheat and maize", "maize exports rose", "", "gold mine", "bank cut rates", "rates"] * 3
LABELS = np.array(["grain", "grain", "none", "metal", "money", "money"] * 3)
CLASSES = ["grain", "metal", "money", "none"]
TOKENS = [text.split() for text in TEXTS]

IDS = np.array([[7, 3, 9], [3, 5, 0], [0, 0, 0], [2, 0, 0], [9, 9, 4], [4, 0, 0]] * 3)
RAGGED = [row[row > 0].tolist() for row in IDS]
LEFT_PADDED = np.array([np.roll(row, np.count_nonzero(row == 0)) for row in IDS])
NUMBERS = np.random.default_rng(0).normal(size=(18, 4))
MISSING = np.where(np.arange(18)[:, np.newaxis] == 7, np.nan, NUMBERS)
INFINITE = np.where(np.arange(18)[:, np.newaxis] == 3, np.inf, NUMBERS)


class Topic(str, Enum):  # noqa: UP042, of which str() is not the value
    GRAIN, METAL, MONEY, NONE = "grain", "metal", "money", "none"


def fitted(X=TEXTS, y=LABELS, **params):
    return LSTMTextClassifier(**{**SMALL, **params}).fit(X, y)


def object_array(X):
    array = np.empty(len(X), dtype=object)
    array[:] = X
    return array


# scikit-learn's checks

# A full batch for the exact sample weights, enough epochs for the training accuracy.
CHECKED = LSTMTextClassifier(
    embedding_dim=None, units=8, epochs=30, batch_size=512, learning_rate=0.1, random_state=0
)
EXPECTED_FAILURES = {
    "check_estimator_tags_renamed": "scikeras' BaseWrapper defines _more_tags as well",
}

with warnings.catch_warnings():
    # The suite warns that all but its first check are for estimators of 2-D arrays.
    warnings.simplefilter("ignore", SkipTestWarning)
    scikit_learn_checks = parametrize_with_checks(
        [LSTMTextClassifier()], expected_failed_checks=lambda _: EXPECTED_FAILURES
    )


@pytest.mark.filterwarnings("ignore:y holds the single class")
@scikit_learn_checks
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore:y holds the single class")
def test_scikit_learn_checks_pass():
    results = check_estimator(
        clone(CHECKED), expected_failed_checks=EXPECTED_FAILURES, on_skip=None
    )
    names = {status: set() for status in ("passed", "xfail", "skipped")}
    for result in results:
        names[result["status"]].add(result["check_name"])
    assert sum(result["status"] == "passed" for result in results) >= 55
    assert names["xfail"] == {"check_estimator_tags_renamed"}
    # It runs where SCIPY_ARRAY_API is set, and not at all in scikit-learn 1.7.
    assert names["skipped"] <= {"check_array_api_input"}


def test_tags():
    assert is_classifier(LSTMTextClassifier())
    of_texts = LSTMTextClassifier().__sklearn_tags__()
    of_numbers = LSTMTextClassifier(embedding_dim=None).__sklearn_tags__()
    assert of_texts.input_tags.string
    assert not of_texts.input_tags.two_d_array
    assert of_numbers.input_tags.two_d_array
    assert of_numbers.input_tags.three_d_array
    assert not of_numbers.input_tags.string
    assert of_texts.classifier_tags.multi_label


# Parameters


def test_every_parameter_is_explicit_and_checked():
    assert (
        LSTMTextClassifier._parameter_constraints.keys()
        == LSTMTextClassifier().get_params(deep=False).keys()
    )


def test_a_subclass_may_fix_parameters():
    class Small(LSTMTextClassifier):
        def __init__(self, epochs=2):
            super().__init__(units=4, embedding_dim=8, epochs=epochs, random_state=0)

    expected = LSTMTextClassifier(**SMALL).fit(TEXTS, LABELS).predict_proba(TEXTS)
    small = clone(Small()).fit(TEXTS, LABELS)
    assert_array_equal(small.predict_proba(TEXTS), expected)


@pytest.mark.parametrize(
    "params",
    [
        {"units": 0},
        {"units": 4.0},
        {"units": "a"},
        {"depth": 0},
        {"bidirectional": "yes"},
        {"embedding_dim": 0},
        {"embeddings": 3},
        {"pooling": "avg"},
        {"dropout": 1.0},
        {"recurrent_dropout": -0.1},
        {"embedding_dropout": 1.0},
        {"word_dropout": 1.0},
        {"vectorizer": "tfidf"},
        {"multilabel": "yes"},
        {"learning_rate": 0},
        {"schedule": "linear"},
        {"global_clipnorm": 0},
        {"epochs": 0},
        {"batch_size": 0},
        {"validation_split": 1.0},
        {"early_stopping": 1},
        {"patience": -1},
        {"callbacks": 3},
        {"class_weight": "equal"},
        {"warm_start": None},
        {"shuffle": 3},
        {"verbose": -1},
        {"random_state": "a"},
    ],
    ids=str,
)
def test_invalid_parameter_is_refused(params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of LSTMTextClassifier must be"):
        LSTMTextClassifier(**params).fit(TEXTS, LABELS)


def test_initialize_validates_parameters():
    with pytest.raises(ValueError, match="The 'pooling' parameter of LSTMTextClassifier must be"):
        LSTMTextClassifier(pooling="avg").initialize(TEXTS, LABELS)


@pytest.mark.parametrize(
    "params", [{"batch_size": 0}, {"learning_rate": 0}, {"shuffle": 3}, {"verbose": -1}], ids=str
)
def test_every_call_of_partial_fit_validates_parameters(params):
    (name,) = params
    clf = fitted().set_params(**params)
    with pytest.raises(ValueError, match=f"The '{name}' parameter of LSTMTextClassifier must be"):
        clf.partial_fit(TEXTS, LABELS)
    assert clf.n_iter_ == 2


def test_partial_fit_validates_no_parameter_where_scikit_learn_does_not():
    clf = fitted().set_params(shuffle=3)
    with config_context(skip_parameter_validation=True):
        assert clf.partial_fit(TEXTS, LABELS).n_iter_ == 3


@pytest.mark.parametrize("params", [{"maxlen": -1}, {"min_df": "a"}, {"oov": "skip"}], ids=str)
def test_an_invalid_parameter_of_the_vectorizer_is_refused(params):
    (name,) = params
    clf = LSTMTextClassifier(vectorizer=SequenceVectorizer(**params))
    for fit in (clf.fit, clf.partial_fit):
        with pytest.raises(ValueError, match=f"The '{name}' parameter of SequenceVectorizer"):
            fit(TEXTS, LABELS)


@pytest.mark.parametrize("units", [[4], [4, 0], [4, 4, 4], [4, 2.5]])
def test_units_that_do_not_match_the_depth_are_refused(units):
    message = r"units must be a positive int or a list of depth=2 positive ints, got \["
    with pytest.raises(ValueError, match=message):
        LSTMTextClassifier(units=units, depth=2).fit(TEXTS, LABELS)


def test_units_of_every_layer():
    model = fitted(units=[4, 3], depth=2, bidirectional=False, epochs=1).model_
    assert [model.get_layer(f"lstm_{index}").units for index in range(2)] == [4, 3]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("optimizer__learning_rate", r"Set learning_rate, or give an instance"),
        ("optimizer__momentum", r"an instance: Adam\(momentum=\.\.\.\)"),
        ("callbacks__patience", "Give an instance with its arguments"),
    ],
)
def test_parameters_of_what_has_none_name_the_remedy(name, remedy):
    clf = LSTMTextClassifier(**SMALL)
    with pytest.raises(ValueError, match=f"Invalid parameter '{name}'.*{remedy}"):
        clf.set_params(**{name: 1e-3})
    search = GridSearchCV(clf, {name: [1e-3]}, cv=2, error_score="raise")
    with pytest.raises(ValueError, match=remedy):
        search.fit(TEXTS, LABELS)


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer": keras.optimizers.Adam},
        {"callbacks": keras.callbacks.EarlyStopping},
        {"vectorizer": SequenceVectorizer},
    ],
    ids=lambda params: next(iter(params)),
)
def test_class_in_place_of_an_instance_is_refused(params):
    ((name, cls),) = params.items()
    expected = rf"{name} must be an instance, got the class .*give {cls.__name__}\(\.\.\.\)"
    with pytest.raises(ValueError, match=expected):
        fitted(**params)


@pytest.mark.parametrize("wrapper", [lambda inner: inner, keras.optimizers.LossScaleOptimizer])
def test_excluded_weight_decay_is_refused(wrapper):
    optimizer = keras.optimizers.AdamW(1e-3)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer = wrapper(optimizer)
    with pytest.raises(ValueError, match="exclude_from_weight_decay"):
        fitted(optimizer=optimizer)


def test_the_rate_of_an_optimizer_in_another_is_no_part_of_the_network():
    def scaled(rate):
        return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate))

    clf = fitted(optimizer=scaled(0.1), epochs=1, schedule=None, warm_start=True)
    clf.set_params(optimizer=scaled(0.0))
    before = clf.predict_proba(TEXTS)
    np.testing.assert_array_equal(clf.fit(TEXTS, LABELS).predict_proba(TEXTS), before)
    assert clf.n_iter_ == 2


def test_an_optimizer_that_cannot_be_copied_is_refused():
    class Own(keras.optimizers.SGD):
        pass

    with pytest.raises(ValueError, match=r"optimizer is a Own that Keras cannot copy"):
        fitted(optimizer=Own(0.1))


def test_a_function_as_learning_rate_is_refused():
    with pytest.raises(ValueError, match="optimizer has a function as learning_rate"):
        fitted(optimizer=keras.optimizers.Adam(lambda: 0.1))


@pytest.mark.parametrize("policy", ["float64", "float16", "bfloat16"])
def test_a_policy_without_ops_is_refused(policy):
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy(policy)
        with pytest.raises(ValueError, match=rf"dtype_policy\(\) is '{policy}', and networks"):
            fitted()
    finally:
        keras.config.set_dtype_policy(before)


@pytest.fixture
def set_floatx():
    before = keras.config.floatx()
    yield keras.config.set_floatx
    keras.config.set_floatx(before)


@pytest.mark.parametrize("floatx", ["float64", "float16"])
def test_variables_of_another_precision_are_refused(floatx, set_floatx):
    clf = fitted()
    set_floatx(floatx)
    for method in (clf.fit, clf.partial_fit, LSTMTextClassifier(**SMALL).fit):
        with pytest.raises(ValueError, match=rf"floatx\(\) is '{floatx}', and networks"):
            method(TEXTS, LABELS)


def test_the_layout_of_images_changes_nothing(expected, channels_first):
    with skrnn.config_context(recycle=False):
        assert_array_equal(fitted().predict_proba(TEXTS), expected["texts"])


@pytest.mark.filterwarnings("ignore:.* texts have 1000 tokens or more")
@pytest.mark.parametrize(
    ("lengths", "maxlen"),
    [
        ([5, 5, 5, 5000], 400),
        ([5, 600, 600, 600], 600),
        ([5, 5, 600, 5000], 600),
        ([3000, 3000, 3000, 3000], 1000),
    ],
)
def test_default_reads_what_is_usual_to_the_end(lengths, maxlen):
    texts = ["wheat " * length for length in lengths]
    clf = LSTMTextClassifier(**SMALL).partial_fit(texts, [0, 0, 1, 1])
    assert clf.vectorizer is None
    assert clf.vectorizer_.maxlen_ == maxlen
    assert clf.vectorizer_.transform(["wheat " * 5000]).shape == (1, maxlen)
    clf.partial_fit(texts[-1:], [1])
    assert clf.vectorizer_.maxlen_ == maxlen


def test_vectorizer_is_cloned_and_used():
    given = SequenceVectorizer(max_features=2)
    clf = fitted(vectorizer=given)
    assert not hasattr(given, "vocabulary_")
    assert clf.vectorizer_.get_vocabulary() == ["", "[UNK]", "maize", "rates"]


def test_repr_names_what_differs_from_the_defaults():
    clf = LSTMTextClassifier(units=8, vectorizer=SequenceVectorizer(maxlen=5))
    assert repr(clf) == "LSTMTextClassifier(units=8, vectorizer=SequenceVectorizer(maxlen=5))"
    assert repr(LSTMTextClassifier()) == "LSTMTextClassifier()"


def test_html_repr():
    html = LSTMTextClassifier(units=8)._repr_html_()
    assert "LSTMTextClassifier" in html
    assert "Not fitted" in html
    assert (
        "SequenceVectorizer" in LSTMTextClassifier(vectorizer=SequenceVectorizer())._repr_html_()
    )
    assert "<span>Fitted</span>" in fitted()._repr_html_()


def test_clone_has_equal_parameters():
    clf = fitted(vectorizer=SequenceVectorizer(maxlen=5), units=[4], class_weight="balanced")
    copied = clone(clf)
    assert repr(copied) == repr(clf)
    assert vars(copied).keys() == LSTMTextClassifier().get_params(deep=False).keys()


@pytest.mark.parametrize(
    "params",
    [
        {"pooling": "last"},
        {"pooling": "max"},
        {"pooling": "mean"},
        {"pooling": "attention"},
        {"pooling": "max+mean"},
        {"bidirectional": False},
        {"recurrent_dropout": 0.2},
        {"optimizer": "sgd"},
        {"schedule": None},
        {"global_clipnorm": 0.01},
        {"embeddings": "random"},
        {"shuffle": False},
        {"word_dropout": 0.9},
        {"embedding_dropout": 0.0},
        {"dropout": 0.1},
        {"consistency": 0.0},
        {"consistency": 0.5},
        {"label_smoothing": 0.5},
        {"depth": 2},
    ],
    ids=str,
)
def test_parameter_changes_what_is_learnt(params):
    default, other = fitted(batch_size=8), fitted(**{"batch_size": 8, **params})
    assert other.predict_proba(TEXTS).shape == (18, 4)
    assert np.abs(default.predict_proba(TEXTS) - other.predict_proba(TEXTS)).max() > 1e-5


def test_epochs_auto():
    assert fitted(epochs="auto").n_iter_ == 30
    few_steps = fitted(X=TEXTS * 6, y=np.tile(LABELS, 6), epochs="auto", batch_size=1)
    assert few_steps.n_iter_ == 11


# X


@pytest.fixture(scope="module")
def expected():
    """Probabilities for each kind of X, from its plainest container."""
    return {
        "texts": fitted().predict_proba(TEXTS),
        "tokens": fitted().predict_proba(TEXTS),
        "ids": fitted(IDS).predict_proba(IDS),
        "numbers": fitted(NUMBERS, embedding_dim=None).predict_proba(NUMBERS),
    }


ACCEPTED = {
    "texts": {
        "list": list,
        "tuple": tuple,
        "str array": np.array,
        "object array": object_array,
        "column of an array": lambda X: np.array(X)[:, np.newaxis],
        "iterator": iter,
        "values of a dict": lambda X: dict(enumerate(X)).values(),
        "bytes": lambda X: [text.encode() for text in X],
        "numpy strings": lambda X: list(np.array(X)),
        "pandas objects": lambda X: pd.Series(X, dtype=object),
        "pandas strings": pd.Series,
        "pandas pyarrow": lambda X: pd.Series(X, dtype="string[pyarrow]"),
        "pandas with an index": lambda X: pd.Series(X, index=range(len(X), 0, -1)),
        "pandas frame": lambda X: pd.DataFrame({"text": X}),
        "polars Series": pl.Series,
        "polars frame": lambda X: pl.DataFrame({"text": X}),
        "Arrow table": lambda X: pa.table({"text": X}),
    },
    "tokens": {
        "lists": lambda X: [text.split() for text in X],
        "tuples": lambda X: tuple(tuple(text.split()) for text in X),
        "arrays": lambda X: [np.array(text.split(), dtype=str) for text in X],
        "object array": lambda X: object_array([text.split() for text in X]),
        "pandas Series": lambda X: pd.Series([text.split() for text in X]),
        "polars Series": lambda X: pl.Series([text.split() for text in X]),
    },
    "ids": {
        "int64": np.array,
        "int32": lambda X: X.astype(np.int32),
        "uint8": lambda X: X.astype(np.uint8),
        "Fortran order": np.asfortranarray,
        "more padding": lambda X: np.pad(X, [(0, 0), (0, 2)]),
        "padding on the left": lambda X: LEFT_PADDED,
        "padded lists": lambda X: X.tolist(),
        "lists": lambda X: RAGGED,
        "tuples": lambda X: [tuple(row) for row in RAGGED],
        "arrays": lambda X: [np.array(row, dtype=int) for row in RAGGED],
        "object array": lambda X: object_array(RAGGED),
        "pandas frame": pd.DataFrame,
        "pandas nullable frame": lambda X: pd.DataFrame(X).astype("Int64"),
        "uint64": lambda X: X.astype(np.uint64),
        "pandas Series": lambda X: pd.Series(RAGGED),
        "polars frame": lambda X: pl.DataFrame(X, schema=["a", "b", "c"]),
        "Arrow table": lambda X: pa.table(dict(zip("abc", X.T, strict=True))),
        "polars Series": lambda X: pl.Series(RAGGED),
    },
    "numbers": {
        "float64": np.array,
        "float32": lambda X: X.astype(np.float32),
        "one feature a step": lambda X: X[:, :, np.newaxis],
        "iterator": iter,
        "lists": lambda X: X.tolist(),
        "pandas frame": lambda X: pd.DataFrame(X, columns=list("abcd")),
        "polars frame": lambda X: pl.DataFrame(X, schema=["a", "b", "c", "d"]),
    },
}
PLAIN = {"texts": TEXTS, "tokens": TEXTS, "ids": IDS, "numbers": NUMBERS}


@pytest.mark.parametrize(
    ("kind", "container"), [(kind, container) for kind in ACCEPTED for container in ACCEPTED[kind]]
)
def test_accepted_input(kind, container, expected):
    convert, plain = ACCEPTED[kind][container], PLAIN[kind]
    clf = fitted(convert(plain), embedding_dim=None if kind == "numbers" else 8)
    assert_array_equal(clf.predict_proba(convert(plain)), expected[kind])
    assert_array_equal(
        clf.predict(convert(plain)), np.array(CLASSES)[expected[kind].argmax(axis=1)]
    )


def test_large_ids_are_told_apart():
    ids = IDS.astype(np.uint64) + np.uint64(2**60)
    clf = fitted(ids)
    assert_array_equal(clf.predict_proba(ids.astype(np.int64)), clf.predict_proba(ids))
    assert len(np.unique(clf.predict_proba(ids + np.uint64(20)), axis=0)) == 1


def test_dtype_of_input_may_differ_between_fit_and_predict(expected):
    clf = fitted(IDS)
    for dtype in (np.int8, np.uint16, np.int32, np.uint64, object):
        assert_array_equal(clf.predict_proba(IDS.astype(dtype)), expected["ids"])
    assert_array_equal(clf.predict_proba(RAGGED), expected["ids"])
    clf = fitted(NUMBERS, embedding_dim=None)
    assert_array_equal(clf.predict_proba(NUMBERS.astype(np.float32)), expected["numbers"])
    whole = np.round(NUMBERS * 3)
    assert_array_equal(clf.predict_proba(whole.astype(int)), clf.predict_proba(whole))
    assert_array_equal(
        fitted(TEXTS).predict_proba([text.split() for text in TEXTS]), expected["texts"]
    )


def test_steps_of_several_features():
    X = NUMBERS.reshape(18, 2, 2)
    clf = fitted(X, embedding_dim=None)
    assert clf.n_features_in_ == 2
    assert clf.model_.input_shape == (None, None, 2)
    assert np.abs(clf.predict_proba(X) - clf.predict_proba(X[:, ::-1])).max() > 1e-6


def test_width_of_ids_may_differ_between_fit_and_predict():
    clf = fitted(IDS)
    wide = np.pad(IDS, [(0, 0), (0, 4)])
    assert_array_equal(clf.predict_proba(wide), clf.predict_proba(IDS))
    assert clf.predict(IDS[:, :1]).shape == (18,)


def test_unseen_ids_are_one_unknown_token():
    clf = fitted(IDS)
    assert_array_equal(clf.predict_proba([[1000, 3]]), clf.predict_proba([[8, 3]]))
    assert np.abs(clf.predict_proba([[1000, 3]]) - clf.predict_proba([[9, 3]])).max() > 1e-6
    # Ids are names: a large one costs no memory.
    assert fitted(IDS * 10**9).model_.get_layer("embedding").input_dim <= 16


@pytest.mark.parametrize(
    ("empty", "X"), [("", TEXTS), ([], TOKENS), ([], RAGGED), ([0, 0, 0], IDS)], ids=str
)
def test_empty_document_is_one_unknown_token(empty, X):
    unknown = {str: "unheard", list: ["unheard"]}[type(X[0]) if X is not IDS else list]
    if X is IDS or X is RAGGED:
        unknown = [1000]
    clf = fitted(X)
    probabilities = clf.predict_proba([empty])
    assert probabilities.shape == (1, 4)
    assert_array_equal(probabilities, clf.predict_proba([unknown]))


def test_documents_may_all_be_empty():
    for X in (np.zeros((18, 3), dtype=int), [[]] * 18, np.zeros((18, 0), dtype=int)):
        probabilities = fitted(X).predict_proba(X)
        assert_array_equal(probabilities, np.repeat(probabilities[:1], 18, axis=0))


def test_names_of_columns():
    frame = pd.DataFrame({"text": TEXTS})
    clf = fitted(frame)
    assert list(clf.feature_names_in_) == ["text"]
    with pytest.raises(ValueError, match="feature names should match"):
        clf.predict(frame.rename(columns={"text": "body"}))
    assert not hasattr(fitted(TEXTS), "feature_names_in_")
    numbers = pd.DataFrame(NUMBERS, columns=list("abcd"))
    assert list(fitted(numbers, embedding_dim=None).feature_names_in_) == list("abcd")


def test_number_of_features_is_only_known_of_numbers():
    assert fitted(NUMBERS, embedding_dim=None).n_features_in_ == 4
    assert not hasattr(fitted(TEXTS), "n_features_in_")


# y

TWO = np.array([0, 1, 1, 0, 1, 0] * 3)
ACCEPTED_Y = {
    "str": (np.array(["no", "yes"])[TWO], ["no", "yes"]),
    "list of str": ([["no", "yes"][code] for code in TWO], ["no", "yes"]),
    "objects": (object_array([["no", "yes"][code] for code in TWO]), ["no", "yes"]),
    "bool": (TWO == 1, [False, True]),
    "values of a dict": (dict(enumerate(TWO.tolist())).values(), [0, 1]),
    "list of bool": ((TWO == 1).tolist(), [False, True]),
    "int64": (TWO, [0, 1]),
    "int8": (TWO.astype(np.int8), [0, 1]),
    "uint8": (TWO.astype(np.uint8) + 254, [254, 255]),
    "negative": (TWO - 5, [-5, -4]),
    "far apart": (TWO * 2**40, [0, 2**40]),
    "whole floats": (TWO.astype(float), [0.0, 1.0]),
    "pandas str": (pd.Series(np.array(["no", "yes"])[TWO]), ["no", "yes"]),
    "pandas string": (pd.Series(np.array(["no", "yes"])[TWO], dtype="string"), ["no", "yes"]),
    "pandas category": (
        pd.Series(np.array(["no", "yes"])[TWO], dtype="category"),
        ["no", "yes"],
    ),
    "pandas int": (pd.Series(TWO, index=range(40, 58)), [0, 1]),
    "pandas bool": (pd.Series(TWO == 1), [False, True]),
    "pandas nullable bool": (pd.Series(TWO == 1, dtype="boolean"), [False, True]),
    "pandas nullable int": (pd.Series(TWO, dtype="Int64"), [0, 1]),
    "polars str": (pl.Series(np.array(["no", "yes"])[TWO]), ["no", "yes"]),
    "polars int": (pl.Series(TWO), [0, 1]),
    "polars bool": (pl.Series(TWO == 1), [False, True]),
    "polars category": (
        pl.Series(np.array(["no", "yes"])[TWO]).cast(pl.Categorical),
        ["no", "yes"],
    ),
}


@pytest.mark.parametrize("kind", ACCEPTED_Y)
def test_accepted_y(kind):
    y, classes = ACCEPTED_Y[kind]
    reference = fitted(y=TWO)
    clf = fitted(y=y)
    assert clf.classes_.tolist() == classes
    assert [type(label) for label in clf.classes_.tolist()] == [type(label) for label in classes]
    assert clf.n_classes_ == 2
    predicted = clf.predict(TEXTS)
    assert predicted.tolist() == [classes[code] for code in reference.predict(TEXTS)]
    assert_array_equal(clf.predict_proba(TEXTS), reference.predict_proba(TEXTS))
    assert clf.score(TEXTS, y) == reference.score(TEXTS, TWO)


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="numpy < 2")
def test_strings_of_numpy_are_labels():
    clf = fitted(y=LABELS.astype(np.dtypes.StringDType()))
    assert clf.classes_.tolist() == CLASSES
    assert_array_equal(clf.predict(TEXTS), fitted().predict(TEXTS))
    assert clf.score(TEXTS, LABELS.astype(np.dtypes.StringDType())) == fitted().score(
        TEXTS, LABELS
    )


def test_column_y_warns():
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        clf = fitted(y=LABELS[:, np.newaxis])
    assert clf.predict(TEXTS).shape == (18,)


CODES = np.searchsorted(CLASSES, LABELS)
ONE_HOT = np.eye(5, dtype=int)[CODES]  # nothing belongs to the last class
MULTILABEL = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]] * 3)


@pytest.mark.parametrize(
    "convert",
    [np.array, np.ndarray.tolist, lambda y: y.astype(float), lambda y: y == 1, pd.DataFrame],
    ids=["int", "list", "float", "bool", "frame"],
)
def test_one_hot_y(convert):
    clf = fitted(y=convert(ONE_HOT), **{**LEARNS, "random_state": 0})
    assert_array_equal(clf.classes_, range(5))
    assert_array_equal(clf.predict(TEXTS), ONE_HOT)
    assert clf.predict_proba(TEXTS).shape == (18, 5)
    assert clf.score(TEXTS, ONE_HOT) == clf.score(TEXTS, CODES) == 1
    assert clf.score(TEXTS, np.roll(ONE_HOT, 1, axis=1)) == 0
    for use in (clf.score, clf.partial_fit):
        with pytest.raises(ValueError, match="y was a one-hot matrix in fit, and now not every"):
            use(TEXTS, 1 - ONE_HOT)


@pytest.mark.parametrize(
    "convert",
    [
        np.array,
        np.ndarray.tolist,
        lambda y: y.astype(float),
        lambda y: y == 1,
        sp.csr_matrix,
        lambda y: pd.DataFrame(y).astype("Int64"),
        lambda y: pd.DataFrame(y == 1).astype("boolean"),
    ],
    ids=["int", "list", "float", "bool", "sparse", "nullable frame", "nullable bool"],
)
def test_multilabel_y(convert):
    params = {**LEARNS, "epochs": 40, "embedding_dropout": 0.0, "dropout": 0.0}
    clf = fitted(y=convert(MULTILABEL), **params)
    assert_array_equal(clf.classes_, range(3))
    probabilities = clf.predict_proba(TEXTS)
    assert np.abs(probabilities.sum(axis=1) - 1).max() > 0.1
    assert_array_equal(clf.predict(TEXTS), probabilities > 0.5)
    assert_array_equal(clf.predict(TEXTS), MULTILABEL)
    assert clf.score(TEXTS, convert(MULTILABEL)) == 1
    assert clf.score(TEXTS, convert(1 - MULTILABEL)) == 0


@pytest.mark.parametrize("n_columns", [2, 3])
@pytest.mark.parametrize("scoring", ["accuracy", "f1_macro", "roc_auc", "neg_log_loss"])
def test_scorers_of_a_matrix_y(n_columns, scoring):
    codes = CODES % n_columns
    matrix = np.eye(n_columns, dtype=int)[codes]
    clf = fitted(y=matrix, **{**LEARNS, "random_state": 0})
    score = get_scorer(scoring)(clf, TEXTS, matrix)
    # The same network on labels.
    of_labels = fitted(y=codes, **{**LEARNS, "random_state": 0})
    of_columns = scoring if n_columns == 2 or scoring != "roc_auc" else "roc_auc_ovr"
    assert score == pytest.approx(get_scorer(of_columns)(of_labels, TEXTS, codes))
    assert not hasattr(of_labels, "decision_function")


def test_scores_of_certain_labels_are_finite():
    clf = fitted(y=MULTILABEL, epochs=1)
    clf._model.loan.network.set_weights({"output/bias": np.float32([1e3, -1e3, 0])})
    assert_array_equal(clf.predict_proba(TEXTS)[:, :2], np.tile([1.0, 0.0], (18, 1)))
    scores = clf.decision_function(TEXTS)
    assert np.isfinite(scores).all()
    assert_array_equal(np.sign(scores[:, :2]), np.tile([1, -1], (18, 1)))


def test_multilabel_settles_what_one_hot_rows_mean():
    probabilities = [
        fitted(y=ONE_HOT, multilabel=independent).predict_proba(TEXTS).sum(axis=1)
        for independent in (True, False)
    ]
    assert np.abs(probabilities[0] - 1).min() > 1e-3
    assert_allclose(probabilities[1], 1)
    with pytest.raises(ValueError, match="not every row sums to 1; one-hot rows are needed"):
        fitted(y=MULTILABEL, multilabel=False)
    with pytest.raises(ValueError, match=r"multilabel=True .* got a single column"):
        fitted(y=LABELS, multilabel=np.True_)  # as from a grid


def test_strings_of_an_enumeration_are_labels():
    y = [Topic(label) for label in LABELS]
    clf = fitted(y=y)
    assert clf.classes_.tolist() == CLASSES
    assert_array_equal(clf.predict(TEXTS), fitted().predict(TEXTS))
    assert clf.score(TEXTS, y) == fitted().score(TEXTS, LABELS)
    clf = LSTMTextClassifier(**SMALL)
    for _ in range(2):
        clf.partial_fit(TEXTS, y, classes=list(Topic))
    assert clf.classes_.tolist() == CLASSES


def test_single_class():
    with pytest.warns(UserWarning, match="y holds the single class 'only'"):
        clf = fitted(y=["only"] * 18)
    assert clf.classes_.tolist() == ["only"]
    assert_array_equal(clf.predict(TEXTS), ["only"] * 18)
    assert_allclose(clf.predict_proba(TEXTS), np.ones((18, 1)), rtol=1e-6)


# Bad input

BAD_TEXTS = {
    "bare string": ("wheat", ValueError, "raw text documents expected, string object received"),
    "bare bytes": (b"wheat", ValueError, "raw text documents expected, string object received"),
    "None": (None, TypeError, "Expected X to be texts, .*, got NoneType"),
    "number": (5, TypeError, "Expected X to be texts, .*, got int"),
    "dict": ({"a": 1}, TypeError, "Expected X to be texts, .*, got dict"),
    "set": ({"a"}, TypeError, "Expected X to be texts, .*, got set"),
    "arrays without an axis": (
        [np.array(3), np.array(4)],
        ValueError,
        r"Expected X to be texts, .*, got ndarray in row 0: array\(3\)",
    ),
    "single text in an array": (
        np.array("a"),
        TypeError,
        "Expected X to be texts, .* single value",
    ),
    "empty list": ([], ValueError, r"Found array with 0 sample\(s\) for X"),
    "empty array": (np.array([]), ValueError, r"Found array with 0 sample\(s\) for X"),
    "empty Series": (pd.Series([], dtype=object), ValueError, r"Found array with 0 sample\(s\)"),
    "empty iterator": (iter([]), ValueError, r"Found array with 0 sample\(s\) for X"),
    "None among texts": (["a", None], ValueError, "Document 1: expected a text .* got None"),
    "NaN among texts": (["a", np.nan], ValueError, "Document 1: expected a text .* got nan"),
    "NA among texts": (
        pd.Series(["a", pd.NA], dtype="string"),
        ValueError,
        "Document 1: expected a text .* got <NA>",
    ),
    "null among texts": (pl.Series(["a", None]), ValueError, "Document 1: expected a text"),
    "number among texts": (
        ["a", 3],
        ValueError,
        "Document 1: expected a text .* got 3 of type int",
    ),
    "number before texts": ([3, "a"], ValueError, "Document 0: expected a text .* got 3"),
    "tokens among texts": (
        ["a", ["b"]],
        ValueError,
        "Document 1: expected a text .* of type list",
    ),
    "text among tokens": ([["a"], "b"], ValueError, "Document 1: expected a tokenised text"),
    "number among tokens": ([["a", 1]], ValueError, "Expected X to be texts, .* hold int, str"),
    "objects": ([object()], ValueError, "Expected X to be texts, .* got object in row 0"),
    "paths": ([Path("a.txt")], ValueError, r"got \w+Path in row 0: .* Paths are given as str"),
    "memory": (memoryview(IDS.astype(float)), ValueError, "X holds values of dtype float64"),
    "two columns of texts": (
        pd.DataFrame({"title": ["a", "b"], "body": ["c", "d"]}),
        ValueError,
        "one column of texts",
    ),
    "sparse": (sp.csr_matrix(IDS), TypeError, "Sparse data was passed for X, but texts or"),
}
BAD_IDS = {
    "numbers": ([3, 4], ValueError, "Expected X to be texts, .* got int in row 0: 3"),
    "1-D ids": (np.array([3, 4]), ValueError, "Expected 2D array, got 1D array .* shape"),
    "huge in an array": (
        np.full((18, 1), 2**63, dtype=np.uint64),
        ValueError,
        "token id that does not fit into int64",
    ),
    "huge in a nullable frame": (
        pd.DataFrame([[2**63, 1]] * 18, dtype="UInt64"),
        ValueError,
        "token id that does not fit into int64: 9223372036854775808",
    ),
    "NA": (pd.DataFrame({"a": [3, pd.NA]}, dtype="Int64"), ValueError, "X contains NA"),
    "no column": (pd.DataFrame(index=range(18)), ValueError, "one column of texts, got 0"),
    "lazy": (pl.DataFrame({"a": TEXTS}).lazy(), TypeError, "X to be texts, .* got LazyFrame"),
    "negative": ([[3, -2]], ValueError, "X holds the negative token id -2"),
    "negative in array": (-IDS, ValueError, "X holds the negative token id -9"),
    "fractions": ([[3, 2.5]], ValueError, "Expected .* float, int. .*embedding_dim=None"),
    "float": (
        IDS.astype(float),
        ValueError,
        "X holds values of dtype float64, but .*embedding_dim=None\\) reads values as they are",
    ),
    "bool": (IDS > 0, ValueError, "X holds values of dtype bool, but token ids are integers"),
    "huge": ([[2**63]], ValueError, "token id that does not fit into int64"),
    "3-D": (IDS[:, :, np.newaxis], ValueError, "Found array with dim 3. Expected X to be texts"),
    "nested": ([[[1], [2]]], ValueError, "Expected X to be texts, .* documents that hold list"),
    "complex": (IDS + 1j, ValueError, "X holds values of dtype complex128"),
    "no row": (IDS[:0], ValueError, r"Found array with 0 sample\(s\) for X"),
    "sparse": (sp.csr_matrix(IDS), TypeError, "Sparse data was passed for X, but texts or"),
    "masked": (np.ma.masked_equal(IDS, 9), ValueError, "X is a masked array"),
}
BAD_NUMBERS = {
    "NaN": (MISSING, ValueError, "Input X contains NaN in row 7"),
    "NaN in 3-D": (MISSING[:, :, np.newaxis], ValueError, "Input X contains NaN in row 7"),
    "masked": (np.ma.masked_greater(NUMBERS, 1), ValueError, "X is a masked array"),
    "infinity": (INFINITE, ValueError, "Input X contains infinity .* in row 3"),
    "sparse": (sp.csr_matrix(NUMBERS), TypeError, "Sparse data was passed for X, but dense data"),
    "texts": (TEXTS, ValueError, "X holds text in row 0: 'wheat and maize'"),
    "bare string": ("wheat", ValueError, "X holds text in row 0: 'wheat'"),
    "complex": (NUMBERS + 1j, ValueError, "Complex data not supported"),
    "no row": (NUMBERS[:0], ValueError, r"Found array with 0 sample\(s\)"),
    "no step": (NUMBERS[:, :0], ValueError, r"0 feature\(s\)"),
    "no step of features": (np.zeros((18, 0, 2)), ValueError, r"0 step\(s\)|X has 0 features"),
    "no feature": (np.zeros((18, 4, 0)), ValueError, r"0 feature\(s\) a step"),
    "1-D": (NUMBERS[:, 0], ValueError, "Expected 2D array, got 1D array instead"),
    "4-D": (
        NUMBERS[:, :, np.newaxis, np.newaxis],
        ValueError,
        "Found array with dim 4. X must be of shape",
    ),
    "a sequence of no step": ([[1.0, 2.0], []], ValueError, "row 1 has 0 steps"),
    "other features": ([np.ones((3, 1)), np.ones((3, 2))], ValueError, "2 features a .* row 1"),
}
BAD_X = {"texts": BAD_TEXTS, "ids": BAD_IDS, "numbers": BAD_NUMBERS}


@pytest.fixture(scope="module")
def references():
    """One fitted classifier for each kind of X, with its probabilities."""
    made = {
        kind: fitted(PLAIN[kind], embedding_dim=None if kind == "numbers" else 8) for kind in BAD_X
    }
    return {kind: (clf, clf.predict_proba(PLAIN[kind])) for kind, clf in made.items()}


@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "predict_proba", "score"])
@pytest.mark.filterwarnings("ignore:y holds the single class")
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in BAD_X for name in BAD_X[kind]]
)
def test_bad_input_is_refused(kind, name, method, references):
    bad, error, message = BAD_X[kind][name]
    clf, before = references[kind]
    # Lengths are compared before texts are read, so the labels are as many as the documents.
    is_column = isinstance(bad, (list, pd.Series, pl.Series))
    n_documents = len(bad) if is_column else len(LABELS)
    args = (bad,) if method.startswith("predict") else (bad, LABELS[:n_documents])
    with pytest.raises(error, match=message):
        getattr(clf, method)(*args)
    assert_array_equal(clf.predict_proba(PLAIN[kind]), before)


BAD_Y = {
    "lists of names": ([["a", "b"], ["a"]] * 9, ValueError, "lists of labels: .*MultiLabelBinar"),
    "None": (None, ValueError, "requires y to be passed, but the target y is None"),
    "shorter": (LABELS[:5], ValueError, r"inconsistent numbers of samples: \[18, 5\]"),
    "empty": ([], ValueError, r"inconsistent numbers of samples: \[18, 0\]"),
    "continuous": (np.linspace(0, 1, 18), ValueError, "Unknown label type: continuous"),
    "NaN": ([0, np.nan] * 9, ValueError, "Input y contains NaN"),
    "infinity": ([0, np.inf] * 9, ValueError, "Input y contains infinity"),
    "nullable with NA": (pd.Series([1, pd.NA] * 9, dtype="Int64"), ValueError, "y contains NaN"),
    "string with NA": (pd.Series(["a", pd.NA] * 9, dtype="string"), ValueError, "y contains NaN"),
    "None among str": (["a", None] * 9, (ValueError, TypeError), "y .*(NoneType|None)"),
    "int among str": (object_array(["a", 1] * 9), (ValueError, TypeError), "y .*int"),
    "bare string": ("abc", ValueError, "y should be a 1d array, got an array of shape"),
    "number": (3, ValueError, "y should be a 1d array, got an array of shape"),
    "other matrix": (2 * ONE_HOT, ValueError, "must hold zeros and ones, .* got the values"),
    "matrix of str": (
        np.array([["a", "b"]] * 18),
        ValueError,
        "must hold zeros and ones, .* got the values",
    ),
    "3-D": (np.zeros((18, 2, 2), dtype=int), ValueError, "dim 3|Unknown label type"),
    "masked": (np.ma.masked_equal([0, 1, 2] * 6, 2), ValueError, "y is a masked array"),
    "bytes": ([b"a", b"b"] * 9, TypeError, "labels represented as bytes is not supported"),
}


@pytest.mark.parametrize("name", BAD_Y)
def test_bad_y_is_refused(name, references):
    bad, error, message = BAD_Y[name]
    clf, before = references["texts"]
    with pytest.raises(error, match=message):
        clf.fit(TEXTS, bad)
    assert_array_equal(clf.predict_proba(TEXTS), before)


BAD_WEIGHTS = {
    "shorter": (np.ones(5), r"sample_weight.shape == \(5,\), expected \(18,\)"),
    "negative": (-np.ones(18), "Negative values in data passed to `sample_weight`"),
    "all zero": (np.zeros(18), "(?i)sample.weight"),
    "NaN": (np.full(18, np.nan), "Input sample_weight contains NaN"),
    "masked": (np.ma.masked_equal([1, 2] * 9, 2), "sample_weight is a masked array"),
    "matrix": (np.ones((18, 1)), "Sample weights must be 1D array or scalar"),
    "texts": (TEXTS, "sample_weight must hold a number for every sample, of which"),
}


@pytest.mark.parametrize("name", BAD_WEIGHTS)
def test_bad_sample_weight_is_refused(name, references):
    bad, message = BAD_WEIGHTS[name]
    clf, before = references["texts"]
    with pytest.raises(ValueError, match=message):
        clf.fit(TEXTS, LABELS, sample_weight=bad)
    assert_array_equal(clf.predict_proba(TEXTS), before)


def test_another_kind_of_input_is_refused_at_predict(references):
    with pytest.raises(ValueError, match=r"X holds token ids, but this .* was fitted on texts"):
        references["texts"][0].predict(IDS)
    with pytest.raises(ValueError, match=r"X holds texts, but this .* was fitted on token ids"):
        references["ids"][0].predict(TEXTS)


def test_another_number_of_features_is_refused_at_predict(references):
    with pytest.raises(ValueError, match=r"X has 3 features, but .* is expecting 4 features"):
        references["numbers"][0].predict(NUMBERS[:, :3])
    with pytest.raises(ValueError, match=r"X has 2 features a step, but .* is expecting 1"):
        references["numbers"][0].predict(NUMBERS[:, :, np.newaxis].repeat(2, axis=2))


def test_not_fitted():
    clf = LSTMTextClassifier()
    for method, args in {
        "predict": (TEXTS,),
        "predict_proba": (TEXTS,),
        "score": (TEXTS, LABELS),
    }.items():
        with pytest.raises(NotFittedError, match="instance is not fitted yet"):
            getattr(clf, method)(*args)
    with pytest.raises(AttributeError, match="not fitted yet"):
        _ = clf.model_
    assert not hasattr(clf, "classes_")


# Training


def test_history_and_n_iter():
    clf = fitted(epochs=3)
    assert clf.n_iter_ == 3
    assert list(clf.history_) == ["loss", "accuracy"]
    assert [type(value) for value in clf.history_["loss"]] == [float] * 3
    assert all(0 <= value <= 1 for value in clf.history_["accuracy"])


def test_easy_problem_is_learnt():
    clf = fitted(
        **{**LEARNS, "units": 16, "embedding_dim": 16, "learning_rate": 0.02, "epochs": 20}
    )
    assert clf.score(TEXTS, LABELS) == 1
    assert clf.history_["loss"][-1] < 0.5 * clf.history_["loss"][0]


def test_unseeded_fits_differ():
    first, second = fitted(random_state=None), fitted(random_state=None)
    assert np.abs(first.predict_proba(TEXTS) - second.predict_proba(TEXTS)).max() > 1e-5


def test_callbacks_that_are_none_are_refused():
    with pytest.raises((ValueError, TypeError), match="callbacks"):
        fitted(callbacks=[3])


def test_class_weight_multiplies_sample_weight():
    sample_weight = np.arange(1.0, 19.0)
    class_weight = {"grain": 2.0, "none": 0.5, "metal": 1.0, "money": 3.0}
    product = sample_weight * [class_weight[label] for label in LABELS]
    given = sample_weight.copy()
    both = LSTMTextClassifier(**SMALL, class_weight=class_weight).fit(
        TEXTS, LABELS, sample_weight=given
    )
    assert_array_equal(given, sample_weight)
    alone = LSTMTextClassifier(**SMALL).fit(TEXTS, LABELS, sample_weight=product)
    assert_array_equal(both.predict_proba(TEXTS), alone.predict_proba(TEXTS))
    assert np.abs(both.predict_proba(TEXTS) - fitted().predict_proba(TEXTS)).max() > 1e-6


@pytest.mark.parametrize(
    ("params", "waits"),
    [
        ({}, True),
        ({"schedule": None}, False),
        ({"early_stopping": True, "patience": 9, "validation_split": 0.3}, False),
    ],
    ids=["default", "without a schedule", "early stopping"],
)
def test_balancing_waits_for_the_end_of_a_cycle(params, waits):
    counts = {label: np.sum(label == LABELS) for label in CLASSES}
    by_hand = {label: 18 / (4 * count) for label, count in counts.items()}
    plain, weighted, balanced = (
        fitted(**params, epochs=5, class_weight=class_weight).history_["loss"]
        for class_weight in (None, by_hand, "balanced")
    )
    assert balanced[:4] == (plain if waits else weighted)[:4]
    assert (balanced[4] == weighted[4]) != waits
    assert balanced[4] != plain[4]


def test_the_only_epoch_is_balanced():
    counts = {label: np.sum(label == LABELS) for label in CLASSES}
    by_hand = {label: 18 / (4 * count) for label, count in counts.items()}
    assert_array_equal(
        fitted(class_weight="balanced", epochs=1).predict_proba(TEXTS),
        fitted(class_weight=by_hand, epochs=1).predict_proba(TEXTS),
    )


def test_balancing_follows_the_cycles_of_partial_fit():
    params = {**SMALL, "epochs": 5, "consistency": 0.0, "class_weight": "balanced"}
    whole = LSTMTextClassifier(**params).fit(TEXTS, LABELS)
    parts = LSTMTextClassifier(**params)
    for _ in range(5):
        parts.partial_fit(TEXTS, LABELS)
    assert_array_equal(whole.predict_proba(TEXTS), parts.predict_proba(TEXTS))


def test_class_weight_for_unknown_classes_is_refused():
    with pytest.raises(ValueError, match=r"The classes, .*, are not in class_weight"):
        fitted(class_weight={"grian": 2})


@pytest.mark.parametrize(
    "sample_weight",
    [[1] * 18, np.ones(18, dtype=int), np.ones(18, dtype=np.float32), 1, pd.Series([1] * 18)],
    ids=["list", "int", "float32", "scalar", "Series"],
)
def test_sample_weight_of_ones_changes_nothing(sample_weight, expected):
    clf = LSTMTextClassifier(**SMALL).fit(TEXTS, LABELS, sample_weight=sample_weight)
    assert_array_equal(clf.predict_proba(TEXTS), expected["texts"])


def test_sample_weight_counts_in_training():
    weights = np.where(LABELS == "metal", 1.0, 1e-6)
    clf = LSTMTextClassifier(**{**LEARNS, "batch_size": 18}).fit(TEXTS, LABELS, weights)
    assert set(clf.predict(TEXTS)) == {"metal"}
    assert clf.score(TEXTS, LABELS, sample_weight=weights) > 0.99


@pytest.mark.parametrize(
    ("params", "n_trained"),
    [({"validation_split": 0.25}, 30), ({"early_stopping": True}, 36)],
    ids=["its share", "early stopping: a tenth"],
)
def test_validation_split_holds_out(params, n_trained):
    steps = []

    class Counting(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            steps.append(self.params["steps"])

    X = [f"only{number}" for number in range(40)]
    clf = fitted(X, [0, 1] * 20, **params, batch_size=1, callbacks=Counting())
    assert steps == [n_trained]
    assert list(clf.history_) == ["loss", "accuracy", "val_loss", "val_accuracy"]


@pytest.mark.parametrize("random_state", range(5))
def test_validation_split_is_stratified(random_state):
    """Equal texts get one label, and so the share of its class as accuracy."""
    y = ["rare"] * 8 + ["common"] * 32
    params = {**LEARNS, "random_state": random_state}
    clf = fitted(["same"] * 40, y, validation_split=0.25, **params)
    assert clf.predict(["same"]) == ["common"]
    assert clf.history_["val_accuracy"][-1] == pytest.approx(8 / 10)
    assert clf.history_["accuracy"][-1] == pytest.approx(24 / 30)


def test_early_stopping_that_leaves_nothing_is_named():
    with pytest.raises(ValueError, match=r"early_stopping=True: holding out 0\.1 of 4 samples"):
        fitted(TEXTS[:4], LABELS[:4], early_stopping=True)


def test_partial_fit_is_one_epoch_of_fit():
    whole = fitted(batch_size=8, consistency=0.0)
    parts = LSTMTextClassifier(**SMALL, consistency=0.0, batch_size=8)
    assert parts.partial_fit(TEXTS, LABELS) is parts
    assert parts.n_iter_ == 1
    parts.partial_fit(TEXTS, LABELS)
    assert parts.history_ == whole.history_
    assert_array_equal(parts.predict_proba(TEXTS), whole.predict_proba(TEXTS))


def test_partial_fit_goes_on_from_fit_and_takes_weights():
    weights = np.arange(1.0, 19.0)
    clf = LSTMTextClassifier(**SMALL, consistency=1.0).fit(TEXTS, LABELS, weights)
    clf.partial_fit(TEXTS, LABELS, sample_weight=weights)
    parts = LSTMTextClassifier(**SMALL, consistency=1.0)
    for _ in range(3):
        parts.partial_fit(TEXTS, LABELS, sample_weight=weights)
    assert clf.n_iter_ == parts.n_iter_ == 3
    assert_array_equal(clf.predict_proba(TEXTS), parts.predict_proba(TEXTS))


def test_partial_fit_knows_all_classes_from_the_first_call():
    clf = LSTMTextClassifier(**SMALL).partial_fit(TEXTS[:2], LABELS[:2], classes=CLASSES[::-1])
    assert clf.classes_.tolist() == CLASSES
    assert clf.partial_fit(TEXTS, LABELS).predict_proba(TEXTS).shape == (18, 4)


def test_partial_fit_refuses_unknown_labels():
    clf = fitted()
    before = clf.predict_proba(TEXTS)
    with pytest.raises(ValueError, match=r"labels that are not in classes: \['oil'\]; known are"):
        clf.partial_fit(["crude oil"], ["oil"])
    assert_array_equal(clf.predict_proba(TEXTS), before)
    with pytest.raises(ValueError, match="labels that are not in classes"):
        LSTMTextClassifier(**SMALL).partial_fit(TEXTS, LABELS, classes=["grain", "metal"])
    with pytest.raises(ValueError, match=r"classes must be the columns of y, \[0, 1, 2\], got"):
        LSTMTextClassifier(**SMALL).partial_fit(TEXTS[:3], np.eye(3), classes=[0, 1])


@pytest.mark.parametrize("classes", [{"grain"}, "grain", 4], ids=str)
def test_partial_fit_refuses_classes_without_an_order(classes):
    message = rf"classes must be array-like of shape \(n_classes,\), got {classes!r}"
    with pytest.raises(ValueError, match=message):
        LSTMTextClassifier(**SMALL).partial_fit(TEXTS, LABELS, classes=classes)


def test_warm_start_goes_on():
    clf = LSTMTextClassifier(**SMALL, consistency=0.0, warm_start=True).fit(TEXTS, LABELS)
    first = clf.predict_proba(TEXTS)
    clf.fit(TEXTS, LABELS)
    assert clf.n_iter_ == 4
    assert {name: len(values) for name, values in clf.history_.items()} == {
        "loss": 4,
        "accuracy": 4,
    }
    assert np.abs(clf.predict_proba(TEXTS) - first).max() > 1e-6
    parts = LSTMTextClassifier(**SMALL, consistency=0.0)
    for _ in range(4):
        parts.partial_fit(TEXTS, LABELS)
    assert_array_equal(clf.predict_proba(TEXTS), parts.predict_proba(TEXTS))
    with pytest.raises(ValueError, match="labels that are not in classes"):
        clf.fit(TEXTS, TWO)


def test_second_fit_starts_anew():
    clf = fitted()
    clf.fit(IDS, TWO)
    assert clf.classes_.tolist() == [0, 1]
    assert not hasattr(clf, "vectorizer_")
    assert clf.n_iter_ == 2
    assert_array_equal(clf.predict_proba(IDS), fitted(IDS, TWO).predict_proba(IDS))


def test_models_of_two_classifiers_are_independent():
    first = fitted()
    before, model = first.predict_proba(TEXTS), first.model_
    second = fitted(random_state=1)
    assert_array_equal(first.predict_proba(TEXTS), before)
    assert second.model_ is not model
    clone(first).fit(TEXTS, LABELS[::-1])
    first_again = first.fit(TEXTS, LABELS)
    assert_array_equal(first_again.predict_proba(TEXTS), before)


@pytest.mark.parametrize("verbose", [0, 1, 2])
def test_verbose(verbose, capsys):
    fitted(verbose=verbose, validation_split=0.2)
    printed = capsys.readouterr().out
    assert printed.count("Epoch ") == (2 if verbose else 0)
    assert ("━" in printed) == (verbose == 1)
    assert bool(re.search(r"val_accuracy: \d", printed)) == (verbose > 0)


# Prediction


def test_probabilities():
    probabilities = fitted().predict_proba(TEXTS)
    assert probabilities.dtype == np.float64
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-15)
    assert json.loads(json.dumps(list(probabilities[0]))) == probabilities[0].tolist()


def test_temperatures_are_calibrated_without_a_warning():
    pytest.importorskip("sklearn", minversion="1.8")  # the first with temperatures
    clf = LSTMTextClassifier(**SMALL)
    calibrated = CalibratedClassifierCV(clf, method="temperature", cv=2).fit(TEXTS, LABELS)
    assert_allclose(calibrated.predict_proba(TEXTS).sum(axis=1), 1)


def test_logarithms_of_probabilities():
    pipeline = make_pipeline(LSTMTextClassifier(**SMALL)).fit(TEXTS, LABELS)
    logarithms = pipeline.predict_log_proba(TEXTS)
    assert_allclose(np.exp(logarithms), pipeline.predict_proba(TEXTS), rtol=1e-12)
    of_folds = [
        cross_val_predict(pipeline, TEXTS, LABELS, cv=2, method=method)
        for method in ("predict_log_proba", "predict_proba")
    ]
    assert_allclose(np.exp(of_folds[0]), of_folds[1], rtol=1e-12)


def test_predictions_do_not_depend_on_other_documents():
    clf = fitted()
    long = " ".join(["wheat gold rates"] * 50)
    alone = clf.predict_proba(TEXTS)
    together = clf.predict_proba([*TEXTS, long])
    assert_allclose(alone, together[:-1], atol=1e-6)
    assert_allclose(clf.predict_proba([long]), together[-1:], atol=1e-6)


def test_many_documents_are_predicted_in_their_order():
    clf = fitted(**LEARNS)
    texts = TEXTS * 200
    assert_allclose(
        clf.predict_proba(texts), np.tile(clf.predict_proba(TEXTS), (200, 1)), atol=1e-6
    )


def test_predictions_do_not_change_the_training_that_follows():
    # One direction and no consistency, because dropout in the recurrence takes long to compile.
    quick = {"bidirectional": False, "consistency": 0.0, "learning_rate": 0.05}
    clf, unasked = (fitted(recurrent_dropout=0.2, **quick) for _ in range(2))
    clf.predict(TEXTS)
    for one in (clf, unasked):
        one.partial_fit(TEXTS, LABELS)
    assert_array_equal(clf.predict_proba(TEXTS), unasked.predict_proba(TEXTS))


def test_parameters_set_after_fit_do_not_change_predictions():
    clf = fitted()
    before = clf.predict_proba(TEXTS)
    clf.set_params(embedding_dim=None, units=7, vectorizer=SequenceVectorizer(maxlen=1))
    assert_array_equal(clf.predict_proba(TEXTS), before)


def test_numbers_beyond_float32_are_refused_without_a_warning():
    X = np.array([[1e205, 1.0], [-np.inf, 2.0]] * 3)
    clf = LSTMTextClassifier(embedding_dim=None, units=2, epochs=1)
    with pytest.raises(ValueError, match="Input X contains infinity or a value too large"):
        clf.fit(X, [0, 1] * 3)
