"""Model: a fitted classifier as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import keras
import numpy as np
from sklearn.utils.validation import check_is_fitted

from ._data.columns import Columns
from ._data.readers import Reader
from ._data.seeds import Seeds
from ._data.targets import Targets
from ._network.inference import predict_probabilities
from ._network.pool import Loan


@dataclass(frozen=True, eq=False)
class Model:
    """All that a fit makes: what reads X and y, and the network between them.

    Parameters
    ----------
    reader : TextReader, IdReader or NumberReader
        Turns X into sequences.
    targets : Targets
        Turns probabilities into labels.
    loan : Loan
        The trained network.
    seeds : Seeds
        Where further training takes its random numbers from.
    history : dict of str to list of float
        Loss and accuracy of every epoch.
    embedding_coverage : float or None, default=None
        Share of the tokens that have a vector in the user's ``embeddings``.
    callbacks : tuple of keras.callbacks.Callback, default=()
        The copies of the user's callbacks that were called. They stay behind when the
        model is pickled or copied, because they may hold what cannot be.
    """

    reader: Reader
    targets: Targets
    loan: Loan
    seeds: Seeds
    history: dict[str, list[float]]
    embedding_coverage: float | None = None
    callbacks: tuple[keras.callbacks.Callback, ...] = ()

    @property
    def n_epochs(self) -> int:
        """Number of epochs behind the model."""
        return len(self.history.get("loss", ()))

    @cached_property
    def keras_model(self) -> keras.Model:
        """The network as a compiled Keras model that belongs to the user."""
        return self.loan.network.copy_model()

    @property
    def columns(self) -> Columns:
        """The columns of the X of the fit."""
        return self.reader.columns

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes), dtype float64."""
        documents = self.reader.check(X)
        blocks = self.reader.read(documents)
        outputs = predict_probabilities(self.loan.network, len(documents), blocks)
        return self.targets.probabilities(outputs)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the Keras model, which is made again on demand, and the callbacks.
        return Model, tuple(getattr(self, field.name) for field in fields(self)[:-1])


class ModelMixin:
    """What classifiers have that hold all that a fit made as one value, ``_model``.

    The model has ``targets`` and ``columns``.
    """

    _model: Any

    @property
    def classes_(self) -> np.ndarray:
        """Labels in the order of the probabilities."""
        return self._fitted("classes_").targets.classes

    @property
    def n_features_in_(self) -> int:
        """Number of columns of X."""
        return self._existing("n_features_in_", lambda model: model.columns.n_features_in)

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns of X."""
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

    @classmethod
    def _of(cls: Any, parameters: dict[str, Any], model: Any) -> Any:
        """Return a classifier with these parameters that is fitted with a model."""
        clf = cls(**parameters)
        clf._validate_params()
        clf._model = model
        return clf

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in vars(self)


def model_of(clf: Any, needed_by: str) -> Model:
    """Return the model of a fitted `LSTMTextClassifier`.

    Parameters
    ----------
    clf : object
        What the user passed.
    needed_by : str
        Name of the function, for a message.

    Raises
    ------
    NotFittedError
        The estimator is not fitted.
    TypeError
        It is another one.
    """
    check_is_fitted(clf)
    model = getattr(clf, "_model", None)
    if isinstance(model, Model):
        return model
    hint = ""
    if hasattr(clf, "deep_"):
        hint = " Its network is deep_."
    elif hasattr(clf, "steps"):
        hint = " Give the last step of a Pipeline, and X as the other steps transform it."
    raise TypeError(
        f"{needed_by} needs a fitted LSTMTextClassifier, got {type(clf).__name__}.{hint}"
    )
