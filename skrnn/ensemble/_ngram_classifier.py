"""NgramTextClassifier: the wide part, a linear model of n-grams."""

from __future__ import annotations

import os
from numbers import Real
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._data.brief import brief_errors
from .._model_mixin import ModelMixin
from ..inspection._explained import Contributions
from ._ngram_files import save_ngrams
from ._ngram_fit import HeldOut, fit_ngram_model
from ._ngram_model import by_class


class NgramTextClassifier(ModelMixin, ClassifierMixin, BaseEstimator):
    """Linear classifier of texts by the n-grams of their words and of their characters.

    A text is normalised and cut into words in any script. Its n-grams of words, and its
    n-grams of characters within what is between blanks, are weighted by TF-IDF with
    sublinear counts, and by how well they tell a class from the others [1]_ [2]_; a linear
    support vector machine for each class decides. With 100 distinct texts and more, a
    second set of machines is fitted without a tenth of them, on which the decisions are
    calibrated to probabilities.

    Parameters
    ----------
    word_ngrams : tuple (min_n, max_n), default=(1, 2)
        Sizes of the n-grams of words.
    char_ngrams : tuple (min_n, max_n) or None, default=(1, 5)
        Sizes of the n-grams of characters; None: there are none. Token ids have none.
    C : float, default=1.0
        Inverse of the strength of the penalty, as in `sklearn.svm.LinearSVC`.
    multilabel : bool or "auto", default="auto"
        Whether a matrix y holds independent labels. "auto": it does unless every row
        sums to 1, which is a one-hot matrix.
    class_weight : dict, list of dict, "balanced" or None, default=None
        Weights of the classes, see `LSTMTextClassifier`; all count from the start.
    random_state : int, RandomState, Generator or None, default=None
        Determines the order in which the solver takes the texts, and the tenth of them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels in the order of the probabilities; column indices where y was a matrix.
    coef_ : ndarray of shape (n_decisions, n_ngrams), dtype=float32
        Weight of every n-gram, a row for every class, or a single one for two classes.
        N-grams that weigh nothing for any class are left out. The columns are those of
        ``ngrams_`` and not those of X, so that scikit-learn's selectors of columns, such as
        `RFE`, cannot use them.
    ngrams_ : ndarray of shape (n_ngrams,), dtype=object
        The n-grams in the order of the columns of ``coef_``: "words__rates rose" is one of
        words, "characters__ rat" one of characters, with a blank where the run begins.
    intercept_ : ndarray of shape (n_decisions,)
        What is added to the decisions.
    scale_ : float
        The probabilities are the softmax of the decisions times this [3]_; of independent
        labels, the sigmoid. It is chosen with a tenth of the distinct texts, and is 3 where
        there are fewer than 100.
    n_features_in_ : int
        Number of columns, where X was a frame.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, where X was a frame.

    See Also
    --------
    WideAndDeepTextClassifier : This and a recurrent network together.

    References
    ----------
    .. [1] S. Wang and C. D. Manning, "Baselines and Bigrams: Simple, Good Sentiment and
       Topic Classification", ACL 2012.
    .. [2] F. Debole and F. Sebastiani, "Supervised Term Weighting for Automated Text
       Categorization", SAC 2003.
    .. [3] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern Neural
       Networks", ICML 2017.

    Examples
    --------
    >>> from skrnn.ensemble import NgramTextClassifier
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"]
    >>> labels = ["grain", "grain", "money", "money"]
    >>> NgramTextClassifier(random_state=0).fit(texts, labels).predict(["Banks"]).tolist()
    ['money']

    What weighs most for the second class:

    >>> clf = NgramTextClassifier(char_ngrams=None, random_state=0).fit(texts, labels)
    >>> clf.ngrams_[clf.coef_[0].argsort()[-1]]
    'words__rates'
    """

    _parameter_constraints: dict = {
        "word_ngrams": [tuple, list],
        "char_ngrams": [tuple, list, None],
        "C": [Interval(Real, 0, None, closed="neither")],
        "multilabel": ["boolean", StrOptions({"auto"})],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        *,
        word_ngrams: tuple[int, int] = (1, 2),
        char_ngrams: tuple[int, int] | None = (1, 5),
        C: float = 1.0,
        multilabel: bool | Literal["auto"] = "auto",
        class_weight: dict | list[dict] | Literal["balanced"] | None = None,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
    ) -> None:
        self.word_ngrams = word_ngrams
        self.char_ngrams = char_ngrams
        self.C = C
        self.multilabel = multilabel
        self.class_weight = class_weight
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> NgramTextClassifier:
        """Learn the n-grams and their weights.

        Parameters
        ----------
        X : list, array, Series or one-column frame of n_samples documents
            Texts (str), lists of tokens, lists of token ids, or an array of token ids of
            shape (n_samples, n_steps) with 0 as padding.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels of any kind, a one-hot matrix, or a label indicator matrix.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; None: all are 1. As in `sklearn.svm.LinearSVC` a weight
            multiplies ``C``: weights of a mean far below 1 are a strong penalty.

        Returns
        -------
        self : NgramTextClassifier
            The fitted classifier.

        Raises
        ------
        ValueError, TypeError
            A parameter or an argument is not as described, or no document has an n-gram.

        Warns
        -----
        UserWarning
            y holds a single class.
        """
        self._fit(X, y, sample_weight)
        self._model.targets.warn_of_single_class()
        return self

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> HeldOut | None:
        """Fit, and return what was said of texts before they were learnt."""
        params = SimpleNamespace(**self.get_params(deep=False))
        with brief_errors():
            self._model, held_out = fit_ngram_model(
                params, X, y, sample_weight, owner=type(self).__name__
            )
        return held_out

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the signed distances to the hyperplanes, in units of the margin.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        decisions : ndarray of shape (n_samples,) or (n_samples, n_classes)
            One column per class; for two classes a single number, positive for the second,
            unless y was a matrix.

        Raises
        ------
        NotFittedError, ValueError, TypeError
            As `predict`.
        """
        check_is_fitted(self)
        with brief_errors():
            decisions, targets = self._model.decisions(X), self._model.targets
        if targets.is_matrix:
            return by_class(decisions, targets)
        return decisions[:, 0] if decisions.shape[1] == 1 else decisions

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
            ``random_state`` is a generator or labels are dates, which only pickle can save.
        NotFittedError, OSError
            As `LSTMTextClassifier.save`.
        """
        self._check_can_be_saved(NgramTextClassifier)
        save_ngrams(path, self.get_params(deep=False), self._model)

    @property
    def coef_(self) -> np.ndarray:
        """Weights of the n-grams."""
        return self._fitted("coef_").coef

    @property
    def intercept_(self) -> np.ndarray:
        """What is added to the decisions."""
        return self._fitted("intercept_").intercept

    @property
    def scale_(self) -> float:
        """Factor of the decisions in the probabilities."""
        return self._fitted("scale_").scale

    @property
    def ngrams_(self) -> np.ndarray:
        """The n-grams."""
        return np.array(self._fitted("ngrams_").ngrams.names, dtype=object)

    def _contributions(self, X: Any, targets: np.ndarray) -> list[Contributions]:
        """Return what adds up to the logit of a class of every document."""
        return self._model.contributions(X, targets)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags
