"""The ensemble: a network that reads order and a linear model that remembers."""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context, clone
from sklearn.utils import Tags
from sklearn.utils._param_validation import HasMethods, StrOptions

from .._classifier import LSTMTextClassifier
from .._data.inputs import collected
from .._data.seeds import Seeds
from .._default_parts import check_instances, with_default_part
from .._model_mixin import ModelMixin
from .._training.check import FitData
from ..inspection._explained import Contributions
from ._ensemble import column
from ._ensemble_files import save_ensemble
from ._ensemble_fit import fit_ensemble
from ._ngram_classifier import NgramTextClassifier

_DEFAULTS = {"deep": LSTMTextClassifier, "wide": NgramTextClassifier}


class WideAndDeepTextClassifier(ModelMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """A recurrent network and a linear model of n-grams, whose probabilities are multiplied.

    The network (deep) reads words in their order; the linear model (wide) remembers
    single rare words, pairs of words and parts of words [1]_. Both learn from the same
    texts, apart from each other. The answer is the product of theirs, each with an
    exponent, made to sum to 1: a logarithmic opinion pool [2]_. The exponents are chosen
    with ``X_val`` where `fit` is given it, otherwise with a tenth of the distinct texts,
    from which the network does not learn. With fewer than 1,000 labelled samples, or fewer
    than 100 distinct ones, none is held out, and the exponents are 0.3 and 0.6, or with
    ``X_unlabeled`` 0.5 and 0.6.

    Parameters
    ----------
    deep : LSTMTextClassifier or None, default=None
        The network; it is cloned. None means ``LSTMTextClassifier()``.
    wide : classifier or None, default=None
        What remembers; it is cloned. None means ``NgramTextClassifier()``. Any classifier
        of scikit-learn for the same X that has ``predict_proba`` before it is fitted will
        do, such as a `Pipeline` that starts with a `TfidfVectorizer`, or a
        `StackingClassifier` with a ``final_estimator``.
    class_weight : dict, list of dict, "balanced" or None, default=None
        Weights of the classes, see `LSTMTextClassifier`, for both parts; None leaves each
        with its own.
    random_state : int, RandomState, Generator or None, default=None
        Seeds the parts whose own ``random_state`` is None.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels in the order of the probabilities; column indices where y was a matrix.
    deep_ : LSTMTextClassifier
        The fitted network: as if it had been fitted alone. Where a tenth of the texts was held
        out, these texts and copies of them had a weight of 0.
    wide_ : classifier
        The fitted linear model: as if it had been fitted alone, with all texts.
    deep_weight_ : float
        The exponent of the network's probabilities.
    wide_weight_ : float
        The exponent of the linear model's.
    intercept_ : float
        What is added to the log-odds of every independent label, chosen as the exponents
        are; 0 for classes, and where the exponents are fixed.
    n_features_in_ : int
        As of ``deep_``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        As of ``deep_``.

    See Also
    --------
    LSTMTextClassifier : The network alone.
    NgramTextClassifier : The linear model alone.
    sklearn.ensemble.StackingClassifier : Another classifier is trained on the predictions,
        with as many fits of each part as there are folds.

    Notes
    -----
    What is exported are the parts: ``deep_.to_keras()`` and
    ``skrnn.export.to_onnx(clf.deep_)`` write the network.

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
        "wide": [HasMethods(["fit", "predict_proba"]), None],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        deep: LSTMTextClassifier | None = None,
        wide: BaseEstimator | None = None,
        *,
        class_weight: dict | list[dict] | Literal["balanced"] | None = None,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
    ) -> None:
        self.deep = deep
        self.wide = wide
        self.class_weight = class_weight
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        X_unlabeled: Any = None,
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
            Weights of the samples; None: all are 1. For the network only their ratios
            count; for the linear model, as in scikit-learn, a weight multiplies ``C``, so
            that they should have a mean of about 1.
        X_val, y_val, sample_weight_val : see X, y and sample_weight, default=None
            Data that neither part learns from: ``deep`` is judged with it after every
            epoch, and the exponents are chosen with it in place of a tenth of X.
        X_unlabeled : see X, default=None
            Documents that nobody has labelled, from which ``deep`` learns, see
            `LSTMTextClassifier.fit`.

        Returns
        -------
        self : WideAndDeepTextClassifier
            The fitted classifier.

        Raises
        ------
        ValueError, TypeError
            A parameter or an argument is not as described; ``sample_weight`` is given and
            ``wide`` takes none; ``class_weight`` is given and ``wide`` has no such parameter;
            or ``deep`` reads numbers or files, and ``wide`` is an `NgramTextClassifier`.
        FileNotFoundError, RuntimeError
            As `LSTMTextClassifier.fit`.

        Warns
        -----
        UserWarning, ConvergenceWarning
            As `LSTMTextClassifier.fit`.
        """
        X, X_val, X_unlabeled = collected(X), collected(X_val), collected(X_unlabeled)
        deep, wide, seeds = self._parts()
        if not get_config()["skip_parameter_validation"]:
            # Before either takes its time. Other classifiers validate themselves.
            deep._validate_params()
            if isinstance(wide, NgramTextClassifier):
                wide._validate_params()
        data = FitData(
            X,
            y,
            sample_weight,
            X_val=X_val,
            y_val=y_val,
            sample_weight_val=sample_weight_val,
            X_unlabeled=X_unlabeled,
        )
        self._model = fit_ensemble(deep, wide, data, self.class_weight, seeds)
        return self

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

        Raises
        ------
        ValueError
            There is no such parameter.
        """
        for name, default in _DEFAULTS.items():
            params = with_default_part(params, name, getattr(self, name), default)
        return super().set_params(**params)

    def save(self, path: str | os.PathLike) -> None:
        """Write the fitted classifier into a file that `skrnn.load` reads.

        Unlike a pickle the file runs nothing when it is loaded, so it may come from
        anybody.

        Parameters
        ----------
        path : str or path-like
            The file. One that is there is replaced, in one piece.

        Raises
        ------
        ValueError
            ``wide`` is, or was in the last fit, another classifier than
            `NgramTextClassifier`, or there is what only pickle can save, see
            `LSTMTextClassifier.save`.
        NotFittedError, OSError
            As `LSTMTextClassifier.save`.

        Notes
        -----
        ``deep`` and ``wide`` come back with the parameters of their last fit.
        """
        self._check_can_be_saved(WideAndDeepTextClassifier)
        save_ensemble(path, self.get_params(deep=False), self._model)

    @property
    def deep_(self) -> LSTMTextClassifier:
        """The fitted network."""
        return self._fitted("deep_").deep

    @property
    def wide_(self) -> Any:
        """The fitted linear model."""
        return self._fitted("wide_").wide

    @property
    def deep_weight_(self) -> float:
        """The exponent of the network's probabilities."""
        return self._fitted("deep_weight_").exponents[0]

    @property
    def wide_weight_(self) -> float:
        """The exponent of the linear model's probabilities."""
        return self._fitted("wide_weight_").exponents[1]

    @property
    def intercept_(self) -> float:
        """What is added to the log-odds of every independent label."""
        return self._fitted("intercept_").intercept

    def _validate_params(self) -> None:
        """Validate the parameters; classes in place of instances are told what to give."""
        check_instances({name: getattr(self, name) for name in _DEFAULTS})
        super()._validate_params()

    def _contributions(self, X: Any, targets: np.ndarray) -> list[Contributions]:
        """Return what the linear model adds to the logit of a class of every document."""
        if not isinstance(self.wide_, NgramTextClassifier):
            raise ValueError(
                f"wide is a {type(self.wide_).__name__}: only a NgramTextClassifier tells what"
                " every token contributes."
            )
        return self.wide_._contributions(column(X), targets)

    def _parts(self) -> tuple[Any, Any, Seeds]:
        """Return unfitted clones of the parts, or their defaults, and seeds for the rest."""
        has_checkpoint = self.deep is not None and self.deep.checkpoint is not None
        if has_checkpoint and self.random_state is None:
            raise ValueError(
                "deep has a checkpoint, and random_state=None draws other random numbers in the"
                " call that is to go on from it: give random_state an int."
            )
        parts = []
        seeds = Seeds.from_random_state(self.random_state)
        for index, (name, default) in enumerate(_DEFAULTS.items()):
            given = getattr(self, name)
            part = default() if given is None else clone(given)
            params = part.get_params()
            if self.class_weight is not None:
                if "class_weight" not in params:
                    raise ValueError(
                        f"class_weight is given, but {name}={type(part).__name__} has no such"
                        " parameter: leave it None here, and set it where each part takes it."
                    )
                part.set_params(class_weight=self.class_weight)
            part.set_params(
                **{
                    key: seeds.integer("weights", index)
                    for key in sorted(params)
                    if key.split("__")[-1] == "random_state" and params[key] is None
                }
            )
            parts.append(part)
        return parts[0], parts[1], seeds

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        deep = _DEFAULTS["deep"]() if self.deep is None else self.deep
        tags.input_tags = deep.__sklearn_tags__().input_tags
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        return tags
