"""The wide part: a linear model of the n-grams of words and of characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.svm import LinearSVC
from sklearn.utils import Tags, check_consistent_length, gen_batches
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from .._data.readers import as_documents
from .._data.segmentation import normalised, tokens
from .._data.targets import Targets

# An n-gram of characters that a single training text holds says nothing that the words of
# this text do not say as well.
_LEAST_TEXTS = 2

# Documents whose n-grams are in memory at a time in predictions.
_BLOCK = 2048


class NgramTextClassifier(ClassifierMixin, BaseEstimator):
    """Linear classifier of texts by the n-grams of their words and characters.

    A text is normalised and cut as by ``SequenceVectorizer(analyzer="unicode")``, in any
    script. Its n-grams of words and its n-grams of characters within words (what is
    between blanks) are weighted by TF-IDF with a sublinear term frequency, each kind on
    its own, and a linear support vector machine decides [1]_.

    Parameters
    ----------
    word_ngrams : tuple (min_n, max_n), default=(1, 2)
        Sizes of the n-grams of words.
    char_ngrams : tuple (min_n, max_n) or None, default=(1, 5)
        Sizes of the n-grams of characters; None: there are none. Token ids have none.
    C : float, default=1.0
        Inverse of the strength of the penalty, as in `sklearn.svm.LinearSVC`.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, by label; they multiply ``sample_weight``.
    random_state : int, RandomState or None, default=None
        Determines the order in which the solver goes through the texts.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels in the order of the decisions; column indices where y was a matrix.
    coef_ : ndarray of shape (n_decisions, n_features), dtype=float32
        Weight of every n-gram, one row a class, or a single one for two classes.
        N-grams that weigh nothing in all classes are left out.
    intercept_ : ndarray of shape (n_decisions,)
        What is added.

    See Also
    --------
    WideAndDeepTextClassifier : This and a recurrent network together.

    References
    ----------
    .. [1] S. Wang and C. D. Manning, "Baselines and Bigrams: Simple, Good Sentiment and
       Topic Classification", ACL 2012.

    Examples
    --------
    >>> from skrnn.ensemble import NgramTextClassifier
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"]
    >>> labels = ["grain", "grain", "money", "money"]
    >>> NgramTextClassifier().fit(texts, labels).predict(["the bank's rates"]).tolist()
    ['money']
    """

    _parameter_constraints: dict = {
        "word_ngrams": [tuple, list],
        "char_ngrams": [tuple, list, None],
        "C": [Interval(Real, 0, None, closed="neither")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        word_ngrams: tuple[int, int] = (1, 2),
        char_ngrams: tuple[int, int] | None = (1, 5),
        C: float = 1.0,
        class_weight: dict | Literal["balanced"] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.word_ngrams = word_ngrams
        self.char_ngrams = char_ngrams
        self.C = C
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
        for name in ("word_ngrams", "char_ngrams"):
            _check_sizes(name, getattr(self, name))
        documents = as_documents(self, X, reset=True)
        targets = Targets(y, "auto")
        encoded = targets.encode(y)
        check_consistent_length(documents, encoded)
        weights = _check_sample_weight(sample_weight, encoded, ensure_non_negative=True)
        if self.class_weight is not None:
            labels = encoded if targets.multilabel else targets.classes[encoded]
            weights = weights * compute_sample_weight(self.class_weight, labels)

        features = Ngrams(tuple(self.word_ngrams), self.char_ngrams and tuple(self.char_ngrams))
        A = features.fit_transform(documents)
        coef, intercept = self._solve(A, encoded, weights)
        weighs = coef.any(axis=0)
        features.keep(weighs)
        self.classes_ = targets.classes
        self.coef_ = np.ascontiguousarray(coef[:, weighs], dtype=np.float32)
        self.intercept_ = intercept
        self._features = features
        self._targets = targets
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the signed distances to the hyperplanes.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        decisions : ndarray of shape (n_samples,) or (n_samples, n_classes)
            One column per class; a single one for two classes, positive for the second.
        """
        check_is_fitted(self)
        documents = as_documents(self, X, reset=False)
        decisions = np.empty((len(documents), len(self.coef_)))
        for rows in gen_batches(len(documents), _BLOCK):
            decisions[rows] = self._features.transform(documents[rows]) @ self.coef_.T
        decisions += self.intercept_
        return decisions if self._targets.multilabel or len(self.coef_) > 1 else decisions[:, 0]

    def predict(self, X: Any) -> np.ndarray:
        """Return the labels with the largest decisions.

        Parameters
        ----------
        X : see `fit`
            Documents.

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels as `fit` saw them; indicators where the labels are independent.
        """
        decisions = self.decision_function(X)
        if self._targets.multilabel:
            return (decisions > 0).astype(np.int64)
        if decisions.ndim == 1:
            return self.classes_[(decisions > 0).astype(np.intp) if len(self.classes_) > 1 else 0]
        return self.classes_[decisions.argmax(axis=1)]

    def _solve(
        self, A: csr_matrix, encoded: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights of the n-grams and the intercepts, a row for every decision."""
        machine = LinearSVC(C=self.C, random_state=self.random_state)
        if encoded.ndim == 1:
            if encoded.min() == encoded.max():
                raise ValueError(
                    f"{type(self).__name__} needs samples of at least 2 classes in y, got 1."
                )
            machine.fit(A, encoded, weights)
            return machine.coef_, machine.intercept_
        coef = np.zeros((encoded.shape[1], A.shape[1]))
        intercept = np.zeros(len(coef))
        for label, column in enumerate(encoded.T):
            if column.min() == column.max():
                intercept[label] = 1 if column[0] else -1
            else:
                machine.fit(A, column, weights)
                coef[label], intercept[label] = machine.coef_[0], machine.intercept_[0]
        return coef, intercept

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


class Ngrams:
    """Documents as weighted counts of their n-grams.

    Parameters
    ----------
    of_words : tuple (min_n, max_n)
        Sizes of the n-grams of words.
    of_characters : tuple (min_n, max_n) or None
        Sizes of the n-grams of characters within runs; None: none.

    Attributes
    ----------
    counters : list of CountVectorizer
        With the vocabularies: of words, and of characters where there are any.
    idfs : list of ndarray
        Inverse document frequencies of the n-grams of each.
    """

    def __init__(
        self, of_words: tuple[int, int], of_characters: tuple[int, int] | None = None
    ) -> None:
        self.of_words = of_words
        self.of_characters = of_characters

    def fit_transform(self, documents: np.ndarray | list) -> csr_matrix:
        """Learn the n-grams of the documents and return the documents' rows."""
        words, runs = _cut(documents)
        self.counters = [_word_counter(self.of_words)]
        counts = [self.counters[0].fit_transform(words)]
        if self.of_characters is not None and runs is not None:
            counter = _character_counter(self.of_characters)
            occurrences, distinct = _count_runs(runs)
            of_characters = occurrences @ counter.fit_transform(distinct)
            frequent = np.bincount(of_characters.indices, minlength=of_characters.shape[1])
            if (frequent >= _LEAST_TEXTS).any():
                _restrict(counter, frequent >= _LEAST_TEXTS)
                counts.append(of_characters[:, frequent >= _LEAST_TEXTS])
                self.counters.append(counter)
        weigher = TfidfTransformer()
        self.idfs = [weigher.fit(part).idf_.astype(np.float32) for part in counts]
        return self._weighted(counts)

    def transform(self, documents: np.ndarray | list) -> csr_matrix:
        """Return a row of weighted counts for every document."""
        words, runs = _cut(documents)
        counts = [self.counters[0].transform(words)]
        if len(self.counters) > 1:
            occurrences, distinct = _count_runs(runs or [])
            counts.append(occurrences @ self.counters[1].transform(distinct))
        return self._weighted(counts)

    def keep(self, mask: np.ndarray) -> None:
        """Forget the n-grams for which the mask, over all of them, is False."""
        start = 0
        for index, (counter, idf) in enumerate(zip(self.counters, self.idfs, strict=True)):
            part = mask[start : start + len(idf)]
            start += len(idf)
            _restrict(counter, part)
            self.idfs[index] = idf[part]

    def _weighted(self, counts: list[csr_matrix]) -> csr_matrix:
        """Return TF-IDF with sublinear counts; every kind of n-grams has the norm 1."""
        parts = []
        for part, idf in zip(counts, self.idfs, strict=True):
            data = (1 + np.log(part.data)) * idf[part.indices]
            weighted = csr_matrix((data, part.indices, part.indptr), part.shape)
            squares = np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel()
            norms = np.sqrt(np.where(squares, squares, 1))
            weighted.data /= np.repeat(norms, np.diff(weighted.indptr))
            parts.append(weighted)
        return parts[0] if len(parts) == 1 else hstack(parts, format="csr")


def _check_sizes(name: str, sizes: Any) -> None:
    if sizes is None:
        return
    if (
        len(sizes) != 2
        or not all(isinstance(size, Integral) for size in sizes)
        or not 1 <= sizes[0] <= sizes[1]
    ):
        raise ValueError(f"{name} must be two integers, 1 <= min_n <= max_n, got {sizes!r}.")


def _cut(documents: np.ndarray | list) -> tuple[list[list[str]], list[list[str]] | None]:
    """Return the words of every document, and its runs; token ids have no runs."""
    if isinstance(documents, np.ndarray):
        return [list(map(str, row[row != 0].tolist())) for row in documents], None
    words: list[list[str]] = []
    runs: list[list[str]] = []
    holds_ids = False
    for position, document in enumerate(documents):
        if isinstance(document, (str, bytes)):
            text = document.decode("utf-8") if isinstance(document, bytes) else document
            text = normalised(text)
            words.append(tokens(text))
            runs.append(text.split())
        elif isinstance(document, (list, tuple, np.ndarray)):
            items = list(document)
            if items and isinstance(items[0], Integral):
                holds_ids = True
                words.append([str(item) for item in items if item])
            else:
                words.append(items)
                runs.append(items)
        else:
            raise ValueError(
                f"Document {position}: expected a text, a list of tokens or a list of token ids,"
                f" got {document!r} of type {type(document).__name__}."
            )
    return words, None if holds_ids else runs


def _as_it_is(tokens: list[str]) -> list[str]:
    return tokens


def _word_counter(sizes: tuple[int, int]) -> CountVectorizer:
    """Return what counts n-grams of words in lists of words."""
    return CountVectorizer(
        preprocessor=_as_it_is, tokenizer=_as_it_is, token_pattern=None, ngram_range=sizes
    )


def _character_counter(sizes: tuple[int, int]) -> CountVectorizer:
    """Return what counts n-grams of characters in runs."""
    return CountVectorizer(analyzer="char_wb", lowercase=False, ngram_range=sizes)


def _count_runs(documents: Iterable[list[str]]) -> tuple[csr_matrix, list[str]]:
    """Return how often each distinct run occurs in each document, and these runs.

    The n-grams of a run are then counted once, and not for every time that it occurs.
    """
    first_seen: defaultdict[str, int] = defaultdict()
    first_seen.default_factory = first_seen.__len__
    documents = list(documents)
    indices = np.fromiter(
        map(first_seen.__getitem__, chain.from_iterable(documents)), dtype=np.int32
    )
    offsets = np.concatenate([[0], np.cumsum([len(document) for document in documents])])
    ones = np.ones(len(indices), dtype=np.int64)
    shape = (len(documents), len(first_seen))
    return csr_matrix((ones, indices, offsets), shape), list(first_seen)


def _restrict(counter: CountVectorizer, mask: np.ndarray) -> None:
    """Leave only those n-grams in the vocabulary for which the mask is True."""
    terms = counter.get_feature_names_out()[mask].tolist()
    counter.vocabulary_ = {term: index for index, term in enumerate(terms)}
