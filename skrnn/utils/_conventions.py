"""The checks of what a classifier of texts owes to scikit-learn."""

from __future__ import annotations

import operator
import pickle
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from ._assertions import (
    TOLERANCE,
    assert_finite,
    assert_same,
    methods_of,
    outputs_of,
    refusal,
    seeded,
    success,
)
from ._problems import Kind, containers_of, problem, take


def check_is_a_classifier(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that scikit-learn sees a classifier, and so stratifies its folds."""
    assert is_classifier(estimator_orig), (
        f"is_classifier({name}) should be True: inherit from sklearn.base.ClassifierMixin, to"
        " the left of BaseEstimator."
    )


def check_parameters(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check get_params and set_params."""
    estimator = clone(estimator_orig)
    params = estimator.get_params(deep=False)
    assert params.keys() <= estimator.get_params(deep=True).keys(), (
        f"get_params(deep=True) of {name} should hold all that get_params(deep=False) holds."
    )
    assert estimator.set_params(**params) is estimator, f"{name}.set_params should return self."
    after = estimator.get_params(deep=False)
    assert all(after[key] is value for key, value in params.items()), (
        f"{name}.set_params(**get_params()) should change no parameter."
    )
    with refusal(name, "the unknown parameter no_such_parameter in set_params", ValueError):
        estimator.set_params(no_such_parameter=1)


def check_not_fitted(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that an unfitted estimator raises NotFittedError."""
    estimator = clone(estimator_orig)
    X = problem(kind).X
    for method in methods_of(estimator):
        with refusal(name, f"{method} before fit", NotFittedError):
            getattr(estimator, method)(X)
    with refusal(name, "check_is_fitted before fit", NotFittedError):
        check_is_fitted(estimator)


def check_fit_returns_self(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check what fit returns, and that its result counts as fitted."""
    estimator = seeded(estimator_orig)
    X, y = problem(kind)
    assert estimator.fit(X, y) is estimator, f"{name}.fit should return self."
    try:
        check_is_fitted(estimator)
    except NotFittedError as error:
        raise AssertionError(f"A fitted {name} should count as fitted.") from error
    assert hasattr(estimator, "classes_"), f"A fitted {name} should have classes_."


def check_fit_changes_no_parameters(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that fit leaves the parameters as they were."""
    estimator = seeded(estimator_orig)
    params = estimator.get_params(deep=False)
    params.pop("steps", None)  # a pipeline fits them in place
    before = {key: joblib.hash(value) for key, value in params.items()}
    estimator.fit(*problem(kind))
    after = estimator.get_params(deep=False)
    changed = [key for key, value in params.items() if after[key] is not value]
    changed += [key for key, value in before.items() if joblib.hash(after[key]) != value]
    assert not changed, (
        f"{name}.fit should not change the parameter {changed[0]}: what is learnt belongs into"
        " attributes that end with an underscore."
    )


def check_fit_sets_fitted_attributes(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that the names of what fit sets say so."""
    estimator = seeded(estimator_orig)
    before = set(vars(estimator))
    estimator.fit(*problem(kind))
    for attribute in sorted(set(vars(estimator)) - before):
        assert attribute.startswith("_") or attribute.endswith("_"), (
            f"{name}.fit should set attributes that end with an underscore, or private ones that"
            f" start with one, got {attribute}."
        )


def check_fit_draws_from_random_state(
    name: str, estimator_orig: BaseEstimator, kind: Kind
) -> None:
    """Check that an int as random_state leaves the global generators alone."""
    estimator = seeded(estimator_orig)
    X, y = problem(kind)
    with _own_global_states() as states:
        before = states()
        outputs_of(estimator.fit(X, y), X)
        after = states()
    for module, state in after.items():
        assert state == before[module], (
            f"{name} with an int as random_state should neither seed the global generator of"
            f" {module} nor draw from it."
        )


@contextmanager
def _own_global_states() -> Iterator[Callable[[], dict[str, Any]]]:
    """Put the global generators where no seed in use puts them, and afterwards back."""
    of_python, of_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    random.seed("skrnn")
    np.random.seed(list(b"skrnn"))  # noqa: NPY002
    try:
        yield lambda: {
            "random": joblib.hash(random.getstate()),
            "numpy.random": joblib.hash(np.random.get_state()),  # noqa: NPY002
        }
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)  # noqa: NPY002


def check_fit_changes_no_input(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that neither fit nor predict changes what it is given."""
    estimator = seeded(estimator_orig)
    X, y = problem(kind)
    given: dict[str, Any] = {"X": X, "y": y}
    if has_fit_parameter(estimator, "sample_weight"):
        given["sample_weight"] = np.arange(1.0, 1.0 + len(y))
    before = deepcopy(given)
    estimator.fit(**given)
    outputs_of(estimator, X)
    for key, value in given.items():
        is_same = np.array_equal if isinstance(value, np.ndarray) else operator.eq
        assert is_same(value, before[key]), f"{name} should not change {key}."


def check_fit_is_idempotent(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that a second fit with the same random_state gives the same classifier."""
    estimator = seeded(estimator_orig)
    X, y = problem(kind)
    first = outputs_of(estimator.fit(X, y), X)
    assert_same(
        first,
        outputs_of(estimator.fit(X, y), X),
        f"Two fits of {name} with the same data and an int as random_state should agree",
    )


def check_refit_forgets(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that a second fit, on other documents and classes, forgets the first."""
    X, y = problem(kind)
    rows = np.flatnonzero(y != y[0])
    other_X, other_y = take(X, rows), np.char.add("new ", y[rows])
    refitted = seeded(estimator_orig).fit(X, y).fit(other_X, other_y)
    expected = np.unique(other_y)
    assert np.array_equal(refitted.classes_, expected), (
        f"After a second fit classes_ of {name} should be {expected}, got {refitted.classes_}."
    )
    assert_same(
        outputs_of(seeded(estimator_orig).fit(other_X, other_y), X),
        outputs_of(refitted, X),
        f"A second fit of {name} should give what the fit of a new one gives",
    )


def check_containers(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that documents may come in every usual container, with equal results."""
    X, y = problem(kind)
    expected = outputs_of(seeded(estimator_orig).fit(X, y), X)
    for container, convert in containers_of(kind).items():
        with success(f"{name} should accept {kind} in a {container}"):
            result = outputs_of(seeded(estimator_orig).fit(convert(X), y), convert(X))
        assert_same(expected, result, f"{name} should learn the same from {kind} in a {container}")


def check_labels_round_trip(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that predictions are labels as fit saw them, whatever their type."""
    X, y = problem(kind)
    codes = np.unique(y, return_inverse=True)[1]
    reference = seeded(estimator_orig).fit(X, codes)
    expected = np.searchsorted(reference.classes_, reference.predict(X))
    for classes in (
        np.array(["a", "much longer", "z"]),
        np.array(["a", "much longer", "z"], dtype=object),
        np.array([-7, 3, 2**40]),
        np.array([1, 2, 250], dtype=np.uint8),
    ):
        _check_labels(name, estimator_orig, X, classes[codes], classes[expected])
    classes = np.array(["a", "much longer", "z"])
    _check_labels(name, estimator_orig, X, classes[codes].tolist(), classes[expected])

    rows = np.flatnonzero(codes < 2)
    X, codes = take(X, rows), codes[rows]
    reference = seeded(estimator_orig).fit(X, codes)
    expected = np.searchsorted(reference.classes_, reference.predict(X))
    _check_labels(name, estimator_orig, X, codes == 1, expected == 1)


def _check_labels(
    name: str, estimator_orig: BaseEstimator, X: Any, y: Any, expected: np.ndarray
) -> None:
    estimator = seeded(estimator_orig).fit(X, y)
    labels = np.asarray(y)
    what = f"y of dtype {labels.dtype} in a {type(y).__name__}"
    classes = np.unique(labels)
    assert np.array_equal(estimator.classes_, classes), (
        f"classes_ of {name} for {what} should be {classes}, got {estimator.classes_}."
    )
    predicted = estimator.predict(X)
    assert isinstance(predicted[0], type(labels[0])), (
        f"{name} should predict labels of the type of {what}, got {predicted.dtype}."
    )
    assert np.array_equal(predicted, expected), (
        f"{name} should predict the same for {what} as for 0, 1, ..., put into its labels."
    )


def check_model_selection(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check the estimator inside a pipeline, a cross-validation and a grid search."""
    X, y = problem(kind)
    expected = outputs_of(seeded(estimator_orig).fit(X, y), X)
    pipeline = Pipeline([("classifier", seeded(estimator_orig))]).fit(X, y)
    assert_same(
        expected, outputs_of(pipeline, X), f"{name} should predict the same within a Pipeline"
    )
    scores = cross_val_score(seeded(estimator_orig), X, y, cv=2, error_score="raise")
    assert np.isfinite(scores).all(), (
        f"cross_val_score of {name} should give two finite scores, got {scores}."
    )
    search = GridSearchCV(seeded(estimator_orig), {}, cv=2, error_score="raise").fit(X, y)
    assert_same(
        expected, outputs_of(search, X), f"{name} should predict the same within a GridSearchCV"
    )


def check_training_accuracy(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that an easy problem is learnt, and that score is its accuracy."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    accuracy = np.mean(estimator.predict(X) == y)
    assert accuracy > 0.8, (
        f"{name} should classify more than 0.8 of separable training {kind} correctly, got"
        f" {accuracy:.2f}. Set the tag classifier_tags.poor_score where that cannot be."
    )
    assert np.isclose(estimator.score(X, y), accuracy), f"{name}.score should be the accuracy."


def check_binary(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check two classes."""
    X, y = problem(kind, n_classes=2)
    estimator = seeded(estimator_orig).fit(X, y)
    shapes = {method: np.shape(output) for method, output in outputs_of(estimator, X).items()}
    expected = {
        "predict": (len(y),),
        "predict_proba": (len(y), 2),
        "decision_function": (len(y),),
    }
    for method, shape in shapes.items():
        assert shape == expected[method], (
            f"{name}.{method} for two classes should have shape {expected[method]}, got {shape}."
        )


def check_probabilities(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check the shape, sum and order of probabilities."""
    for n_classes in (2, 3):
        X, y = problem(kind, n_classes=n_classes)
        estimator = seeded(estimator_orig).fit(X, y)
        expected = np.unique(y)
        assert np.array_equal(estimator.classes_, expected), (
            f"classes_ of {name} should be the sorted labels {expected}, got {estimator.classes_}."
        )
        probabilities = estimator.predict_proba(X)
        assert probabilities.shape == (len(y), n_classes), (
            f"{name}.predict_proba should have shape {(len(y), n_classes)} (n_samples,"
            f" n_classes), got {probabilities.shape}."
        )
        assert ((probabilities >= 0) & (probabilities <= 1)).all(), (
            f"{name}.predict_proba should lie between 0 and 1."
        )
        assert np.allclose(probabilities.sum(axis=1), 1, atol=TOLERANCE), (
            f"Rows of {name}.predict_proba should sum to 1, got {probabilities.sum(axis=1)}."
        )
        best = estimator.classes_[probabilities.argmax(axis=1)]
        assert np.array_equal(best, estimator.predict(X)), (
            f"{name}.predict should be the class with the highest probability, columns in the"
            " order of classes_."
        )
        if hasattr(estimator, "predict_log_proba"):
            assert np.allclose(
                np.exp(estimator.predict_log_proba(X)), probabilities, atol=TOLERANCE
            ), f"{name}.predict_log_proba should be the logarithm of predict_proba."


def check_decision_function(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that decisions are in the order of classes_."""
    for n_classes in (2, 3):
        X, y = problem(kind, n_classes=n_classes)
        estimator = seeded(estimator_orig).fit(X, y)
        decisions = estimator.decision_function(X)
        best = decisions.argmax(axis=1) if n_classes > 2 else (decisions > 0).astype(int)
        assert np.array_equal(estimator.classes_[best], estimator.predict(X)), (
            f"{name}.predict should be the class with the highest decision, columns in the order"
            " of classes_; of two classes the second one where the decision is positive."
        )


def check_single_document(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that one document keeps its dimension in the output."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    for method, output in outputs_of(estimator, take(X, [0])).items():
        expected = (1,) if method == "predict" else (1, 3)
        assert np.shape(output) == expected, (
            f"{name}.{method} of one document should have shape {expected}, got"
            f" {np.shape(output)}."
        )


def check_empty_documents(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that a document without a token is legal in fit and predict."""
    X, y = problem(kind)
    empty = {"texts": "", "tokens": [], "ids": 0}[kind]
    if kind == "ids":
        X[0] = empty
    else:
        X = [empty, *X[1:]]
    with success(f"{name} should accept an empty document among others"):
        outputs = outputs_of(seeded(estimator_orig).fit(X, y), take(X, [0, 1]))
    assert_finite(name, outputs, "an empty document")


def check_unknown_tokens(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that tokens which fit did not see are legal in predict."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    unknown: Any = ["xyzzy plugh", "plover"]
    if kind == "tokens":
        unknown = [text.split() for text in unknown]
    if kind == "ids":
        unknown = np.full((2, X.shape[1]), X.max() + 10)
    with success(f"{name} should predict documents of unknown tokens"):
        outputs = outputs_of(estimator, unknown)
    assert_finite(name, outputs, "unknown tokens")


def check_documents_are_independent(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that a prediction depends neither on the other documents nor on their order."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    expected = outputs_of(estimator, X)
    order = np.random.RandomState(0).permutation(len(y))
    shuffled = outputs_of(estimator, take(X, order))
    alone = [outputs_of(estimator, take(X, [row])) for row in range(len(y))]
    assert_same(
        expected,
        {method: np.concatenate([part[method] for part in alone]) for method in expected},
        f"Predictions of {name} should not depend on the other documents",
    )
    assert_same(
        {method: output[order] for method, output in expected.items()},
        shuffled,
        f"Predictions of {name} should not depend on the order of the documents",
    )


def check_clone(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that the clone of a fitted estimator has its parameters and is not fitted."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    before = outputs_of(estimator, X)
    copy = clone(estimator)
    assert repr(copy) == repr(estimator), (
        f"The clone of a fitted {name} should have its parameters, got {copy!r}."
    )
    with refusal(name, "predict of a clone", NotFittedError):
        copy.predict(X)
    copy.fit(X, y[::-1])
    assert_same(
        before, outputs_of(estimator, X), f"A {name} should not learn from what its clone fits"
    )


def check_pickle(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that pickle keeps a fitted estimator."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    with success(f"{name} should predict once pickled and loaded"):
        outputs = outputs_of(pickle.loads(pickle.dumps(estimator)), X)
    assert_same(
        outputs_of(estimator, X),
        outputs,
        f"{name} should predict the same once pickled and loaded",
    )


def check_padding(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that zeros in an array of ids say nothing, however many and on either side."""
    X, y = problem(kind)
    expected = outputs_of(seeded(estimator_orig).fit(X, y), X)
    more = np.pad(X, [(0, 0), (0, 3)])
    left = np.array([np.roll(row, np.count_nonzero(row == 0)) for row in X])
    for padding, array in {"more zeros": more, "zeros on the left": left}.items():
        result = outputs_of(seeded(estimator_orig).fit(array, y), array)
        assert_same(expected, result, f"{name} should learn the same from ids with {padding}")
