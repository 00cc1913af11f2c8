"""The ensemble: a network that reads order and a linear model that remembers."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context, clone
from sklearn.utils import Tags, check_consistent_length
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, has_fit_parameter

from .._classifier import LSTMTextClassifier
from .._data.seeds import Seeds
from .._data.targets import Targets
from ._ngrams import NgramTextClassifier
from ._pool import PRIOR, fit_weights, product

# The smallest probability that single precision holds in full.
_LEAST = float(np.finfo(np.float32).tiny)

_DEFAULTS = {"deep": LSTMTextClassifier, "wide": NgramTextClassifier}


class WideAndDeepTextClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """A recurrent network and a linear model of n-grams, whose probabilities are multiplied.

    The network (deep) reads words in their order; the linear model (wide) remembers
    single rare words, pairs of words and parts of words [1]_. Both learn from the same
    texts, apart from each other. The answer is the product of theirs, each with an
    exponent, made to sum to 1: a logarithmic opinion pool [2]_.

    Parameters
    ----------
    deep : LSTMTextClassifier or None, default=None
        The network; it is cloned. None means ``LSTMTextClassifier()``.
    wide : classifier or None, default=None
        What remembers; it is cloned. None means ``NgramTextClassifier()``. Any classifier
        of scikit-learn for the same X that has ``predict_proba`` or ``decision_function``
        will do, such as a `Pipeline` that starts with a `TfidfVectorizer`.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, by label, for both parts; None leaves each with its own.
    random_state : int, RandomState, Generator or None, default=None
        Determines what the parts draw at random whose own ``random_state`` is None.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels in the order of the probabilities; column indices where y was a matrix.
    deep_ : LSTMTextClassifier
        The fitted network: the same as if it had been fitted alone.
    wide_ : classifier
        The fitted linear model: the same as if it had been fitted alone.
    deep_weight_ : float
        The exponent of the network's probabilities.
    wide_weight_ : float
        The exponent of the linear model's; where that has no probabilities, the factor of
        its decisions.
    n_features_in_ : int
        As of ``deep_``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        As of ``deep_``.

    See Also
    --------
    LSTMTextClassifier : The network alone.
    NgramTextClassifier : The linear model alone.
    sklearn.ensemble.StackingClassifier : Parts whose answers another classifier reads,
        with as many fits of each part as there are folds.

    References
    ----------
    .. [1] H.-T. Cheng et al., "Wide & Deep Learning for Recommender Systems", DLRS 2016.
    .. [2] T. Heskes, "Selecting Weighting Factors in Logarithmic Opinion Pools",
       NIPS 1997.

    Examples
    --------
    >>> from skrnn import WideAndDeepTextClassifier
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = WideAndDeepTextClassifier(random_state=0).set_params(deep__units=8)
    >>> clf.fit(texts, labels).predict(["wheat and maize exports"]).tolist()
    ['grain']
    """

    _parameter_constraints: dict = {
        "deep": [LSTMTextClassifier, None],
        "wide": [HasMethods(["fit", "predict"]), None],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        deep: LSTMTextClassifier | None = None,
        wide: BaseEstimator | None = None,
        *,
        class_weight: dict | Literal["balanced"] | None = None,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
    ) -> None:
        self.deep = deep
        self.wide = wide
        self.class_weight = class_weight
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> WideAndDeepTextClassifier:
        """Fit the network and the linear model.

        An error or an interruption leaves the classifier as it was.

        Parameters
        ----------
        X : list, array, Series or one-column frame of n_samples documents
            What ``deep`` reads: texts (str), lists of tokens, lists of token ids, or an
            array of token ids of shape (n_samples, n_steps) with 0 as padding.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels of any kind, a one-hot matrix, or a label indicator matrix.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; None: all are 1.
        X_val, y_val, sample_weight_val : see X, y and sample_weight, default=None
            Data that neither part learns from: ``deep`` is judged with it after every
            epoch, and the exponents are chosen with it.

        Returns
        -------
        self : WideAndDeepTextClassifier
            The fitted classifier.
        """
        deep, wide = self._parts()
        X, X_val = (
            part if part is None or isinstance(part, Sized) else list(part) for part in (X, X_val)
        )
        targets = Targets(y, deep.multilabel)
        encoded = targets.encode(y)
        check_consistent_length(X, encoded)
        if sample_weight is not None and not _takes_weights(wide):
            raise TypeError(
                f"sample_weight is given, but wide={type(wide).__name__} takes none in fit."
            )
        # The linear model is much quicker, so that its errors are too.
        wide.fit(_column(X), _labels(targets, encoded), **_given(sample_weight=sample_weight))
        deep.fit(
            X,
            y,
            sample_weight,
            **_given(X_val=X_val, y_val=y_val, sample_weight_val=sample_weight_val),
        )
        weights = PRIOR
        if X_val is not None:
            judged = targets.encode(y_val, name="y_val")
            weights = fit_weights(
                *_evidence(deep, wide, targets, X_val),
                judged,
                self._judging_weights(targets, judged, sample_weight_val),
            )
        self.deep_, self.wide_ = deep, wide
        self.deep_weight_, self.wide_weight_ = weights
        self.classes_ = targets.classes
        self._targets = targets
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable labels.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels as `fit` saw them; indicators where the labels are independent.
        """
        probabilities = self.predict_proba(X)
        return self._targets.decode(probabilities)

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
            independent.
        """
        check_is_fitted(self)
        if not isinstance(X, Sized):
            X = list(X)
        return product(
            *_evidence(self.deep_, self.wide_, self._targets, X),
            (self.deep_weight_, self.wide_weight_),
            multilabel=self._targets.multilabel,
        )

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return logarithms of probabilities.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), dtype=float64
            One column per entry of ``classes_``.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy; for independent labels, of whole rows.

        Parameters
        ----------
        X, y, sample_weight : see `fit`
            Test data; y may be a one-hot matrix where it was one in `fit`.

        Returns
        -------
        accuracy : float
            In [0, 1].
        """
        check_is_fitted(self)
        return super().score(X, self._targets.flatten(y), sample_weight)

    def set_params(self, **params: Any) -> WideAndDeepTextClassifier:
        """Set parameters, also those of the parts (``deep__units``, ``wide__C``).

        Parameters
        ----------
        **params : dict
            Parameters by name.

        Returns
        -------
        self : WideAndDeepTextClassifier
            The classifier.
        """
        for name, default in _DEFAULTS.items():
            if params.get(name, getattr(self, name)) is None:
                # None stands for a default, whose parameters can be set too.
                prefix = f"{name}__"
                nested = {
                    key.removeprefix(prefix): params.pop(key)
                    for key in list(params)
                    if key.startswith(prefix)
                }
                if nested:
                    params[name] = default().set_params(**nested)
        return super().set_params(**params)

    @property
    def n_features_in_(self) -> int:
        """Number of steps that the network saw in `fit`, where it reads numbers."""
        return self._of_deep("n_features_in_")

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns that `fit` saw, where X was a frame."""
        return self._of_deep("feature_names_in_")

    def _of_deep(self, name: str) -> Any:
        if "deep_" not in vars(self):
            raise AttributeError(f"This {type(self).__name__} is not fitted yet: no {name}.")
        return getattr(self.deep_, name)

    def _parts(self) -> tuple[Any, Any]:
        """Return unfitted clones of the two parts, or their defaults, with weights and seeds."""
        parts = []
        seeds = Seeds.from_random_state(self.random_state)
        for index, (name, default) in enumerate(_DEFAULTS.items()):
            given = getattr(self, name)
            part = default() if given is None else clone(given)
            if self.class_weight is not None:
                part.set_params(class_weight=self.class_weight)
            params = part.get_params()
            part.set_params(
                **{
                    key: seeds.integer("weights", index)
                    for key in sorted(params)
                    if key.split("__")[-1] == "random_state" and params[key] is None
                }
            )
            parts.append(part)
        return parts[0], parts[1]

    def _judging_weights(
        self, targets: Targets, encoded: np.ndarray, sample_weight: Any
    ) -> np.ndarray:
        weights = _check_sample_weight(sample_weight, encoded, dtype=np.float64)
        if self.class_weight is not None:
            labels = encoded if targets.multilabel else targets.classes[encoded]
            weights = weights * compute_sample_weight(self.class_weight, labels)
        return weights

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        deep = _DEFAULTS["deep"]() if self.deep is None else self.deep
        tags.input_tags = deep.__sklearn_tags__().input_tags
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        return tags


def _evidence(deep: Any, wide: Any, targets: Targets, X: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return what each part says of the classes, as logarithms or logits."""
    probabilities = deep.predict_proba(X).astype(np.float64)
    return (
        _as_logits(probabilities, targets.multilabel),
        _linear_evidence(wide, targets, _column(X)),
    )


def _column(X: Any) -> Any:
    """Return a frame's only column as a list: vectorizers of scikit-learn walk its name."""
    return np.asarray(X)[:, 0].tolist() if hasattr(X, "columns") and X.shape[1] == 1 else X


def _as_logits(probabilities: np.ndarray, multilabel: bool) -> np.ndarray:
    if multilabel:
        return logit(np.clip(probabilities, 1e-7, 1 - 1e-7))
    return np.log(np.maximum(probabilities, _LEAST))


def _linear_evidence(wide: Any, targets: Targets, X: Any) -> np.ndarray:
    """Return logarithms of the probabilities of the linear model, or else its decisions."""
    if hasattr(wide, "predict_proba"):
        probabilities = wide.predict_proba(X)
        if isinstance(probabilities, list):  # one array for every label
            probabilities = np.column_stack([part[:, 1] for part in probabilities])
        return _as_logits(np.asarray(probabilities, dtype=np.float64), targets.multilabel)
    decisions = np.asarray(wide.decision_function(X), dtype=np.float64)
    return np.column_stack([-decisions, decisions]) if decisions.ndim == 1 else decisions


def _labels(targets: Targets, encoded: np.ndarray) -> np.ndarray:
    """Return y as any classifier of scikit-learn takes it."""
    return encoded.astype(np.int64) if targets.multilabel else targets.classes[encoded]


def _takes_weights(estimator: Any) -> bool:
    if has_fit_parameter(estimator, "sample_weight"):
        return True
    return bool(get_routing_for_object(estimator).consumes("fit", ["sample_weight"]))


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
