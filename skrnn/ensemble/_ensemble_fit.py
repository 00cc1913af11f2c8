"""The fit of an ensemble."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from .._classifier import LSTMTextClassifier
from .._data.inputs import Documents
from .._data.samples import Labels, weigh
from .._data.seeds import Seeds
from .._data.targets import Targets, one_hot
from .._data.vectorizer import SequenceVectorizer
from .._training.check import FitData
from ._ensemble import Ensemble, column, log_probabilities
from ._factors import fit_factors, rows_to_judge_by
from ._ngram_classifier import NgramTextClassifier
from ._ngram_fit import HeldOut

# Mean and standard deviation of the prior of the exponents of the network and of the linear model,
# chosen by the cross-entropy in folds of the training texts of eleven corpora.
_EXPONENTS, _SPREAD = (0.3, 0.6), 0.1

# Of fewer labelled samples none is held out: the network needs them more.
_FEW = 1000

# The exponents where none is held out and the network learns from documents without labels, too:
# it then knows more than the linear model.
_EXPONENTS_WITH_UNLABELED = (0.5, 0.6)


def fit_ensemble(
    deep: LSTMTextClassifier, wide: Any, data: FitData, class_weight: Any, seeds: Seeds
) -> Ensemble:
    """Fit a network and a linear model, and choose their exponents.

    Parameters
    ----------
    deep : LSTMTextClassifier
        The network, which is fitted in place.
    wide : classifier
        The linear model, which is fitted in place.
    data : FitData
        Training data.
    class_weight : dict, list of dict, "balanced" or None
        Weights of the classes when the exponents are chosen.
    seeds : Seeds
        Where the choice of texts to judge by comes from.

    Returns
    -------
    ensemble : Ensemble
        The fitted ensemble.
    """
    for_deep = {
        "X_val": data.X_val,
        "y_val": data.y_val,
        "sample_weight_val": data.sample_weight_val,
        "X_unlabeled": data.X_unlabeled,
    }
    documents = _check(deep, wide, data, for_deep)
    targets = Targets.learn(data.y, deep.multilabel)

    def weighed(y: Any, sample_weight: Any, of: str = "") -> Labels:
        encoded, name = targets.encode(y, f"y{of}"), f"sample_weight{of}"
        return weigh(targets, encoded, sample_weight, class_weight, balance_late=False, name=name)

    labels = weighed(data.y, data.sample_weight)
    n_samples = len(labels.targets)
    are_few = np.count_nonzero(labels.counts) < _FEW
    sample_weight = data.sample_weight
    if sample_weight is not None:
        sample_weight = np.full(n_samples, sample_weight, dtype=np.float64)
    # The linear model first: another classifier than ours refuses only as it fits.
    held_out = _fit_wide(
        wide,
        column(data.X),
        targets,
        labels,
        sample_weight,
        documents,
        None if are_few or data.X_val is not None else seeds,
    )
    if held_out is not None:
        # With a weight of 0 they add to the vocabulary and to nothing else.
        sample_weight = np.ones(n_samples) if sample_weight is None else sample_weight
        sample_weight[held_out.kept_back] = 0
    deep.fit(data.X, data.y, sample_weight, **for_deep)

    if data.X_val is not None:
        judged = weighed(data.y_val, data.sample_weight_val, of="_val")
        said = [
            log_probabilities(deep, data.X_val, targets),
            log_probabilities(wide, column(data.X_val), targets),
        ]
    elif held_out is not None:
        judged = labels.take(held_out.rows)
        X_held_out = _safe_indexing(column(data.X), held_out.rows)
        said = [log_probabilities(deep, X_held_out, targets), held_out.logits]
    else:
        fixed = _EXPONENTS_WITH_UNLABELED if deep._model.n_unlabeled else _EXPONENTS
        return Ensemble(targets, deep, wide, list(fixed), 0.0)
    exponents, intercept = fit_factors(said, judged.targets, judged.weights, _EXPONENTS, _SPREAD)
    return Ensemble(targets, deep, wide, exponents, intercept)


def _check(
    deep: LSTMTextClassifier, wide: Any, data: FitData, for_deep: dict[str, Any]
) -> Documents | None:
    """Refuse what would fail later; return X where it is known how it is read."""
    vectorizer = deep._parameters().vectorizer
    if isinstance(wide, NgramTextClassifier):
        if vectorizer.input != "content":
            raise ValueError(
                f"The vectorizer of deep has input={vectorizer.input!r}, and wide would"
                " take the names of files for texts: read the files first."
            )
        if deep.embedding_dim is None:
            raise ValueError(
                "deep has embedding_dim=None and reads numbers, of which there are no"
                " n-grams: give a wide that reads them too, or take LSTMTextClassifier alone."
            )
    documents = None
    if type(deep).fit is LSTMTextClassifier.fit:  # a subclass may read another X
        documents = deep._check_fit(data.X, data.y, data.sample_weight, **for_deep)
        if isinstance(wide, NgramTextClassifier):
            _check_decoding(documents, vectorizer)
    if data.sample_weight is not None and not _takes_weights(wide):
        raise TypeError(
            f"sample_weight is given, but wide={type(wide).__name__} takes none in fit. A pipeline"
            " does with metadata routing enabled, where its classifier requests it"
            " (set_fit_request)."
        )
    return documents


def _check_decoding(documents: Documents, vectorizer: SequenceVectorizer) -> None:
    """Refuse bytes that only the network's vectorizer decodes as the user wants it."""
    encoding, decode_error = vectorizer.encoding, vectorizer.decode_error
    if (encoding, decode_error) == ("utf-8", "strict") or not documents.are_raw_texts:
        return
    if any(isinstance(text, bytes) for text in documents.content):
        raise ValueError(
            f"The vectorizer of deep has encoding={encoding!r} and decode_error={decode_error!r},"
            " which wide does not know: decode the texts first."
        )


def _fit_wide(
    wide: Any,
    X: Any,
    targets: Targets,
    labels: Labels,
    sample_weight: Any,
    documents: Documents | None,
    seeds: Seeds | None,
) -> HeldOut | None:
    """Fit the linear model, and return what was said of some texts before they were learnt.

    The rows to judge by are drawn with ``seeds``; these are None where none are needed, so that
    another classifier than ours is fitted only once.
    """
    y = labels.targets.astype(np.int64) if targets.multilabel else targets.classes[labels.targets]
    if isinstance(wide, NgramTextClassifier):
        wide.set_params(multilabel=targets.multilabel)
        if targets.is_matrix and not targets.multilabel:
            y = one_hot(labels.targets, len(targets.classes))
        if type(wide).fit is NgramTextClassifier.fit:  # a subclass may read another X
            held_out = wide._fit(X, y, sample_weight)
            return None if seeds is None else held_out
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    try:
        # A classifier may change the weights that it is given.
        wide.fit(X, y, **{name: values.copy() for name, values in weights.items()})
    except (TypeError, ValueError) as error:
        if targets.multilabel:
            error.add_note("y has independent labels: put wide into a OneVsRestClassifier.")
        raise
    if seeds is None:
        return None
    copies = np.arange(len(y)) if documents is None else documents.copies()
    chosen = rows_to_judge_by(labels, copies, seeds)
    if chosen is None:
        return None
    rows, kept_back = chosen
    seen = np.flatnonzero(~kept_back)
    if not targets.multilabel and len(np.unique(y[seen])) < len(targets.classes):
        return None  # a classifier may refuse a single class
    weights = {name: values[seen] for name, values in weights.items()}
    before = clone(wide).fit(_safe_indexing(X, seen), y[seen], **weights)
    return HeldOut(rows, log_probabilities(before, _safe_indexing(X, rows), targets), kept_back)


def _takes_weights(estimator: Any) -> bool:
    parameters = signature(estimator.fit).parameters.values()
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    # Without routing a pipeline takes keywords of its steps only, other meta-estimators weights.
    if takes_any and not get_config()["enable_metadata_routing"]:
        return not isinstance(estimator, Pipeline)
    if has_fit_parameter(estimator, "sample_weight"):
        return True
    return bool(get_routing_for_object(estimator).consumes("fit", ["sample_weight"]))
