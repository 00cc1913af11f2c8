"""What classifiers have in common whose fits make one value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ._data.brief import brief_errors

_WITHIN_0_AND_1 = float(np.finfo(np.float32).tiny), 1 - float(np.finfo(np.float64).eps)


def _has_matrix_y(clf: Any) -> bool:
    return clf.__sklearn_is_fitted__() and clf._model.targets.is_matrix


class ModelMixin:
    """What classifiers have in common whose fits make one value, ``_model``.

    The model has ``targets``, ``columns`` and ``predict_proba``.
    """

    _model: Any

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable labels.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels as `fit` saw them: one-hot rows where y was a one-hot matrix,
            indicators where the labels are independent.

        Raises
        ------
        NotFittedError
            The classifier is not fitted.
        ValueError, TypeError
            X is not of the kind that `fit` was given.
        """
        probabilities = self.predict_proba(X)
        return self._model.targets.decode(probabilities)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), dtype=float64
            One column per entry of ``classes_``. Rows sum to 1 unless the labels are
            independent. Networks compute in float32.

        Raises
        ------
        NotFittedError, ValueError, TypeError
            As `predict`.
        """
        check_is_fitted(self)
        with brief_errors():
            return self._model.predict_proba(X)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithms of the probabilities.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), dtype=float64
            As `predict_proba`; minus infinity where a probability is 0.

        Raises
        ------
        NotFittedError, ValueError, TypeError
            As `predict`.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @available_if(_has_matrix_y)
    def decision_function(self, X: Any) -> np.ndarray:
        """Return the log-odds of every column of a matrix y.

        It is there only where y was a matrix in `fit`. scikit-learn's rankings, such as
        ``scoring="roc_auc"``, need it where the matrix has two columns: from
        `predict_proba` they would take one.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_classes)
            One column per column of y; positive where it is more likely than not.

        Raises
        ------
        NotFittedError, ValueError, TypeError
            As `predict`.
        """
        # A probability can be 0 or 1 in the last bit, and scikit-learn refuses infinity.
        return logit(np.clip(self.predict_proba(X), *_WITHIN_0_AND_1))

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy; for independent labels, of whole rows.

        Parameters
        ----------
        X, y, sample_weight : see `fit`
            Test data. Where y was a one-hot matrix in `fit`, the indices of the columns
            will do, too.

        Returns
        -------
        accuracy : float
            In [0, 1].

        Raises
        ------
        NotFittedError, ValueError, TypeError
            As `predict`; or y is not of the kind that `fit` was given.
        """
        check_is_fitted(self)
        flatten = self._model.targets.flatten
        with brief_errors():
            y, predicted = flatten(y), flatten(self.predict(X))
            return accuracy_score(y, predicted, sample_weight=sample_weight)

    @property
    def classes_(self) -> np.ndarray:
        """Labels in the order of the probabilities."""
        return self._fitted("classes_").targets.classes

    @property
    def n_features_in_(self) -> int:
        """Number of columns of X, where it was a frame or an array of numbers."""
        return self._existing("n_features_in_", lambda model: model.columns.n_features_in)

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns of X, where it was a frame."""
        return self._existing("feature_names_in_", lambda model: model.columns.feature_names_in)

    def _fitted(self, attribute: str) -> Any:
        """Return the model, or raise AttributeError for an attribute that needs it."""
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"This {type(self).__name__} is not fitted yet: no {attribute}.")
        return self._model

    def _existing(self, attribute: str, value_of: Callable[[Any], Any]) -> Any:
        """Return an attribute that only some fits have."""
        value = value_of(self._fitted(attribute))
        if value is None:
            raise AttributeError(f"The last fit of this {type(self).__name__} has no {attribute}.")
        return value

    def _validate_params(self) -> None:
        with brief_errors():
            super()._validate_params()  # type: ignore[misc]

    def _check_can_be_saved(self, kind: type) -> None:
        """Raise ValueError for a subclass, which a file could not bring back."""
        check_is_fitted(self)
        if type(self) is not kind:
            raise ValueError(
                f"{type(self).__name__} cannot be saved without pickle: it is a subclass of"
                f" {kind.__name__}. Pickle it instead."
            )

    @classmethod
    def _of(cls: Any, parameters: dict[str, Any], model: Any) -> Any:
        """Return a classifier with these parameters that is fitted with a model."""
        clf = cls(**parameters)
        clf._validate_params()
        clf._model = model
        return clf

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in vars(self)
