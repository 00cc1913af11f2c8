"""Checks of text classifiers, for what scikit-learn's own checks cannot reach.

`sklearn.utils.estimator_checks` feeds arrays of numbers, and leaves an estimator that
reads texts alone. These checks feed texts, lists of tokens and token ids. They use
scikit-learn's public interface only, so that they suit every classifier that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, get_args

from sklearn.base import BaseEstimator
from sklearn.utils import get_tags

from ._conventions import (
    check_binary,
    check_clone,
    check_containers,
    check_decision_function,
    check_documents_are_independent,
    check_empty_documents,
    check_fit_changes_no_input,
    check_fit_changes_no_parameters,
    check_fit_draws_from_random_state,
    check_fit_is_idempotent,
    check_fit_returns_self,
    check_fit_sets_fitted_attributes,
    check_is_a_classifier,
    check_labels_round_trip,
    check_model_selection,
    check_not_fitted,
    check_padding,
    check_parameters,
    check_pickle,
    check_probabilities,
    check_refit_forgets,
    check_single_document,
    check_training_accuracy,
    check_unknown_tokens,
)
from ._problems import Kind
from ._refusals import (
    check_bare_string,
    check_continuous_y,
    check_lengths_differ,
    check_no_documents,
    check_not_a_text,
    check_not_an_id,
)

__all__ = ["check_text_classifier", "parametrize_with_text_checks", "text_checks_generator"]

_KINDS = get_args(Kind)


def check_text_classifier(estimator: BaseEstimator, kinds: Iterable[Kind] = ("texts",)) -> None:
    """Check that a classifier of texts keeps scikit-learn's conventions.

    Parameters
    ----------
    estimator : estimator
        An unfitted classifier of documents. It is cloned for every check.
    kinds : iterable of {"texts", "tokens", "ids"}, default=("texts",)
        What a document may be: a str, a list of str, or token ids, in lists or in an
        array that is padded with zeros.

    Raises
    ------
    AssertionError
        A convention is broken; the message says what is expected.

    See Also
    --------
    parametrize_with_text_checks : One pytest test for every check.
    sklearn.utils.estimator_checks.check_estimator : The checks for numbers.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skrnn.utils.estimator_checks import check_text_classifier
    >>> check_text_classifier(make_pipeline(TfidfVectorizer(), LogisticRegression()))
    """
    for classifier, check in text_checks_generator(estimator, kinds):
        check(classifier)


def text_checks_generator(
    estimator: BaseEstimator, kinds: Iterable[Kind] = ("texts",)
) -> Iterator[tuple[BaseEstimator, partial]]:
    """Yield all checks of a classifier of texts.

    Parameters
    ----------
    estimator : estimator
        An unfitted classifier of documents.
    kinds : iterable of {"texts", "tokens", "ids"}, default=("texts",)
        What a document may be, see `check_text_classifier`.

    Yields
    ------
    estimator : estimator
        The one given.
    check : functools.partial
        To be called with the estimator.

    Raises
    ------
    ValueError, TypeError
        ``kinds`` is not as described, or the estimator is a class.
    """
    kinds = tuple(kinds)
    if not kinds or not set(kinds) <= set(_KINDS):
        raise ValueError(f"kinds must be some of {_KINDS}, got {kinds!r}.")
    if isinstance(estimator, type):
        raise TypeError(f"An instance is expected, got the class {estimator.__name__}.")
    name = type(estimator).__name__
    for kind in kinds:
        for check in _checks(estimator, kind):
            yield estimator, partial(check, name, kind=kind)


def parametrize_with_text_checks(
    estimators: Iterable[BaseEstimator], kinds: Iterable[Kind] = ("texts",)
) -> Any:
    """Decorate a pytest test that runs every check of every estimator.

    Parameters
    ----------
    estimators : iterable of estimators
        Unfitted classifiers of documents.
    kinds : iterable of {"texts", "tokens", "ids"}, default=("texts",)
        What a document may be, see `check_text_classifier`.

    Returns
    -------
    decorator : pytest.mark.parametrize
        For a test with the arguments ``estimator`` and ``check``.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> from sklearn.pipeline import make_pipeline
    >>> from skrnn.utils.estimator_checks import parametrize_with_text_checks
    >>> @parametrize_with_text_checks([make_pipeline(TfidfVectorizer(), MultinomialNB())])
    ... def test_text_classifier(estimator, check):
    ...     check(estimator)
    """
    import pytest

    kinds = tuple(kinds)
    pairs = [pair for estimator in estimators for pair in text_checks_generator(estimator, kinds)]
    ids = [
        f"{type(estimator).__name__}-{check.func.__name__}-{check.keywords['kind']}"
        for estimator, check in pairs
    ]
    return pytest.mark.parametrize(("estimator", "check"), pairs, ids=ids)


def _checks(estimator: BaseEstimator, kind: Kind) -> Iterator[Callable[..., None]]:
    tags = get_tags(estimator)
    yield check_is_a_classifier
    yield check_parameters
    yield check_not_fitted
    yield check_fit_returns_self
    yield check_fit_sets_fitted_attributes
    yield check_fit_changes_no_parameters
    yield check_fit_changes_no_input
    if not tags.non_deterministic:
        yield check_fit_draws_from_random_state
        yield check_fit_is_idempotent
        yield check_refit_forgets
        yield check_containers
        yield check_labels_round_trip
        yield check_model_selection
    if not (tags.classifier_tags and tags.classifier_tags.poor_score):
        yield check_training_accuracy
    yield check_binary
    if hasattr(estimator, "predict_proba"):
        yield check_probabilities
    if hasattr(estimator, "decision_function"):
        yield check_decision_function
    yield check_single_document
    yield check_empty_documents
    yield check_unknown_tokens
    yield check_documents_are_independent
    yield check_clone
    yield check_pickle
    yield check_lengths_differ
    yield check_no_documents
    yield check_continuous_y
    if kind == "texts":
        yield check_bare_string
        yield check_not_a_text
    if kind == "ids":
        yield check_padding
        yield check_not_an_id
