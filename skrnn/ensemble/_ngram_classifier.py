"""NgramTextClassifier: the wide part, a linear model of n-grams."""

from __future__ import annotations

import re
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.svm import LinearSVC
from sklearn.utils import Tags, check_consistent_length, gen_batches
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._data.columns import Columns
from .._data.inputs import Documents, check_documents
from .._data.readers import check_later_documents
from .._data.samples import Labels, weigh
from .._data.seeds import Seeds
from .._data.segmentation import spans
from .._data.targets import Targets
from ._factors import fit_factors, rows_to_judge_by
from ._ngrams import Ngrams, class_strengths, cut, normalised_text, times_columns
from ._predictions import PredictionsMixin

# Documents whose n-grams are in memory at a time in predictions.
_BLOCK = 2048

# Mean and standard deviation of its prior.
_SCALE, _SPREAD = 3.0, 2.0

# A tighter tolerance takes two to three times as long and changes no accuracy.
_TOLERANCE = 0.1


class HeldOut(NamedTuple):
    """Rows of texts, and the logits of their classes before the texts were learnt."""

    rows: np.ndarray
    logits: np.ndarray


class Contributions(NamedTuple):
    """What the logit of a class is the sum of, for one document.

    ``baseline`` is that of an empty document. Of lists of tokens and of ids ``scores`` are
    those of the words; of texts ``in_text`` are those of the characters of the normalised
    text.
    """

    baseline: float
    words: list[str]
    scores: np.ndarray
    text: str | None
    in_text: np.ndarray | None


class NgramTextClassifier(PredictionsMixin, ClassifierMixin, BaseEstimator):
    """Linear classifier of texts by the n-grams of their words and of their characters.

    A text is normalised and cut into words in any script. Its n-grams of words, and its
    n-grams of characters within what is between blanks, are weighted by TF-IDF with
    sublinear counts, and by how well they tell a class from the others [1]_ [2]_; a linear
    support vector machine for each class decides. A second set of machines is fitted
    without a tenth of the texts, on which the decisions are calibrated to probabilities.

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
        N-grams that weigh nothing for any class are left out.
    intercept_ : ndarray of shape (n_decisions,)
        What is added to the decisions.
    scale_ : float
        The probabilities are the softmax of the decisions times this.
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

    Examples
    --------
    >>> from skrnn.ensemble import NgramTextClassifier
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"]
    >>> labels = ["grain", "grain", "money", "money"]
    >>> NgramTextClassifier(random_state=0).fit(texts, labels).predict(["Banks"]).tolist()
    ['money']
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
            Weights of the samples; None: all are 1.

        Returns
        -------
        self : NgramTextClassifier
            The fitted classifier.
        """
        self._fit(X, y, sample_weight)
        return self

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> HeldOut | None:
        """Fit, and return what was said of texts before they were learnt."""
        word_ngrams, char_ngrams = self._check_sizes()
        documents = check_documents(X, Columns(type(self).__name__), learn=True)
        targets = Targets.learn(y, self.multilabel)
        labels = weigh(
            targets, targets.encode(y), sample_weight, self.class_weight, balance_late=False
        )
        check_consistent_length(documents.content, labels.targets)
        ngrams, rows = Ngrams.learn(documents, word_ngrams, char_ngrams)
        seeds = Seeds.from_random_state(self.random_state)
        coef, intercept = self._solve(rows, labels, len(targets.classes), seeds)
        held_out, scale = None, _SCALE
        judging = rows_to_judge_by(labels, seeds)
        if judging is not None:
            held_out = self._hold_out(rows, labels, targets, judging, seeds)
            judged = labels.take(judging)
            evidence = [held_out.logits]
            (scale,) = fit_factors(evidence, judged.targets, judged.weights, [_SCALE], _SPREAD)
            held_out.logits[:] *= scale
        weighs = np.asarray(coef.any(axis=0))
        if not weighs[: len(ngrams.words.idf)].any():
            # Of a single class none weighs anything, and a vocabulary cannot be empty.
            weighs[0] = True
        self._of(
            documents.kind,
            documents.columns,
            targets,
            ngrams.take(weighs),
            coef[:, weighs],
            intercept,
            scale,
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
            One column per class; for two classes a single number, positive for the second.
        """
        check_is_fitted(self)
        documents = check_later_documents(X, self._kind, self._columns)
        decisions = np.empty((len(documents), len(self.intercept_)))
        for rows in gen_batches(len(documents), _BLOCK):
            block = Documents(documents.kind, documents.content[rows], documents.columns)
            decisions[rows] = self._ngrams.transform(block) @ self.coef_.T
        decisions += self.intercept_
        is_one_column = decisions.shape[1] == 1 and not self._targets.multilabel
        return decisions[:, 0] if is_one_column else decisions

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
        logits = _by_class(self.decision_function(X), self.classes_) * self.scale_
        return expit(logits) if self._targets.multilabel else softmax(logits, axis=1)

    def _contributions(self, X: Any, targets: np.ndarray) -> list[Contributions]:
        """Return what the logit of a class, one for every document, is the sum of."""
        documents = check_later_documents(X, self._kind, self._columns)
        coef, intercept = self.coef_, self.intercept_
        if len(coef) == 1 and len(self.classes_) == 2:
            coef, intercept = np.stack([-coef[0], coef[0]]), np.append(-intercept, intercept)
        contributions = []
        for row, target in enumerate(targets):
            document = Documents(
                documents.kind, documents.content[row : row + 1], documents.columns
            )
            values = self._ngrams.transform(document)
            scores = self.scale_ * values.data * coef[target, values.indices]
            all_words, all_runs = cut(document)
            words, runs = all_words[0], all_runs[0] if all_runs else []
            of_words, of_characters = self._ngrams.shares(
                words, runs, dict(zip(values.indices.tolist(), scores.tolist(), strict=True))
            )
            text = in_text = None
            if isinstance(document.content[0], (str, bytes)):
                text = normalised_text(document.content[0])
                in_text = np.zeros(len(text))
                for (first, last), score in zip(spans(text), of_words, strict=True):
                    in_text[first:last] += score / (last - first)
                for run, own in zip(re.finditer(r"\S+", text), of_characters, strict=True):
                    in_text[run.start() : run.end()] += own
            elif runs:
                of_words += [own.sum() for own in of_characters]
            baseline = self.scale_ * float(intercept[target])
            contributions.append(Contributions(baseline, words, of_words, text, in_text))
        return contributions

    @property
    def n_features_in_(self) -> int:
        """Number of columns of X."""
        return self._column_attribute("n_features_in")

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns of X."""
        return self._column_attribute("feature_names_in")

    def _column_attribute(self, name: str) -> Any:
        value = getattr(vars(self).get("_columns"), name, None)
        if value is None:
            raise AttributeError(f"This {type(self).__name__} has no {name}_.")
        return value

    def _check_sizes(self) -> tuple[tuple[int, int], tuple[int, int] | None]:
        char_ngrams = self.char_ngrams
        if char_ngrams is not None:
            char_ngrams = _sizes("char_ngrams", char_ngrams)
        return _sizes("word_ngrams", self.word_ngrams), char_ngrams

    def _solve(
        self, rows: csr_matrix, labels: Labels, n_classes: int, seeds: Seeds
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights of the n-grams and the intercepts, a row for every decision."""
        machine = LinearSVC(C=self.C, tol=_TOLERANCE, random_state=seeds.integer("weights"))
        targets = labels.targets
        if targets.ndim == 1:
            # Of two classes the second one is told from the first; a single one is always true.
            targets = targets[:, np.newaxis] == ([1] if n_classes == 2 else range(n_classes))
        weights = np.broadcast_to(labels.weights.reshape(len(targets), -1), targets.shape)
        coef = np.zeros((targets.shape[1], rows.shape[1]), dtype=np.float32)
        intercept = np.ones(targets.shape[1])
        for index, (column, weight) in enumerate(zip(targets.T, weights.T, strict=True)):
            # The solver drops what has no weight. Of a single class that is left it chooses the
            # sign by itself.
            counted = column[weight > 0]
            if counted.any() and not counted.all():
                strengths = class_strengths(rows, column, weight)
                machine.fit(times_columns(rows, strengths), column, weight)
                coef[index] = machine.coef_[0] * strengths
                intercept[index] = machine.intercept_[0]
            elif not counted.any():
                intercept[index] = -1
        return coef, intercept

    def _hold_out(
        self,
        rows: csr_matrix,
        labels: Labels,
        targets: Targets,
        held_out: np.ndarray,
        seeds: Seeds,
    ) -> HeldOut:
        """Return the decisions on texts that a machine has not seen."""
        seen = np.delete(np.arange(rows.shape[0]), held_out)
        coef, intercept = self._solve(rows[seen], labels.take(seen), len(targets.classes), seeds)
        decisions = rows[held_out] @ coef.T + intercept
        if not targets.multilabel and decisions.shape[1] == 1:
            decisions = decisions[:, 0]
        return HeldOut(held_out, _by_class(decisions, targets.classes))

    def _of(
        self,
        kind: str,
        columns: Columns,
        targets: Targets,
        ngrams: Ngrams,
        coef: np.ndarray,
        intercept: np.ndarray,
        scale: float,
    ) -> None:
        """Take over all that a fit makes."""
        self._kind, self._columns, self._targets, self._ngrams = kind, columns, targets, ngrams
        self.classes_ = targets.classes
        # The weights of an n-gram lie side by side, as the product with sparse rows reads them.
        self.coef_ = np.asfortranarray(coef)
        self.intercept_, self.scale_ = intercept, scale

    def __sklearn_is_fitted__(self) -> bool:
        return "_ngrams" in vars(self)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _sizes(name: str, sizes: Any) -> tuple[int, int]:
    if (
        len(sizes) != 2
        or not all(isinstance(size, Integral) for size in sizes)
        or not 1 <= sizes[0] <= sizes[1]
    ):
        raise ValueError(f"{name} must be two integers, 1 <= min_n <= max_n, got {sizes!r}.")
    return int(sizes[0]), int(sizes[1])


def _by_class(decisions: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return decisions with a column for every class."""
    if decisions.ndim == 2:
        return decisions
    return np.column_stack([-decisions, decisions][-len(classes) :])
