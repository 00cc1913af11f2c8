"""How much every token of a text contributes to a prediction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils._param_validation import StrOptions, validate_params

from .._data.inputs import collected
from .._data.parts import without_parts
from .._data.readers import Reader, TextReader
from .._data.sequences import PADDING, Sequences
from .._data.targets import as_list
from .._data.vectorizer import UNKNOWN_TERM
from .._model import model_of
from ._explained import TokenAttributions, chosen_classes
from ._integrated_gradients import integrated_gradients
from ._logits import Logits
from ._occlusion import occlusion
from ._spans import kept_tokens, tokens_and_spans
from ._with_ngrams import explained_by_both, explained_by_ngrams


@validate_params(
    {"method": [StrOptions({"integrated_gradients", "occlusion"})]},
    prefer_skip_nested_validation=True,
)
def token_attributions(
    clf: ClassifierMixin,
    texts: Any,
    target: Any = None,
    method: Literal["integrated_gradients", "occlusion"] = "integrated_gradients",
) -> list[TokenAttributions]:
    """Score every token by how much it contributes to a prediction.

    Parameters
    ----------
    clf : LSTMTextClassifier, WideAndDeepTextClassifier or NgramTextClassifier
        A fitted classifier of texts, tokens or token ids.
    texts : list, array, Series or one-column frame of n_samples documents
        Documents of the kind that the classifier was fitted on.
    target : label, array-like of shape (n_samples,) of labels, or None, default=None
        The label to explain, one of ``clf.classes_``, or one for every document. None:
        the most probable label of each document.
    method : {"integrated_gradients", "occlusion"}, default="integrated_gradients"
        "integrated_gradients" follows the gradient of the target's logit from a document
        of unknown tokens to this one [1]_: the scores sum to the difference of the two
        logits. "occlusion" is the difference that it makes to put the unknown token in a
        token's place; its time grows with the square of the length.

    Returns
    -------
    attributions : list of TokenAttributions of length n_samples
        One for every document.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The classifier is not fitted.
    TypeError
        It is another estimator.
    ValueError
        The classifier reads numbers, ``texts`` is not as described, a target is not a label
        of the classifier, or ``wide`` of an ensemble is no `NgramTextClassifier`.

    See Also
    --------
    TokenAttributionDisplay : The same in colour.

    Notes
    -----
    The first call for a network compiles what later ones use again.

    A token that is unknown to the classifier, and holds no part that it knows, equals the
    baseline and scores 0.

    In a `NgramTextClassifier` the scores are exact with either method: what an n-gram adds
    to the logit is divided among the characters that it holds, and the baseline is an empty
    document. In a `WideAndDeepTextClassifier` the logit is the sum of what its parts say,
    and so are the scores.
    Characters that the network does not read, but the linear model does, become tokens of
    their own, after the others.

    On the way from the baseline to a document a small change of the input can open or close
    a gate, and the logit then changes abruptly. Gradients on either side do not show that
    change. The points at which gradients are taken draw near to it, and what change is left
    between two of them, the remainder, is divided among the tokens in proportion to the
    absolute values of their gradients there. A ``remainder`` that
    is large beside the difference of the logits says that the scores of this document
    are rough; "occlusion" follows no path.

    References
    ----------
    .. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic Attribution for Deep
       Networks", ICML 2017.

    Examples
    --------
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.inspection import token_attributions
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, random_state=0).fit(texts, labels)
    >>> explained, = token_attributions(clf, ["Exports of Wheat"])
    >>> explained.target
    'grain'
    >>> [explained.text[start:end] for start, end in explained.offsets]
    ['Exports', 'of', 'Wheat']
    >>> explained.scores.shape
    (3,)
    """
    if hasattr(clf, "_contributions"):
        texts = collected(texts)
        probabilities = clf.predict_proba(texts)
        targets = chosen_classes(probabilities, clf.classes_, target)
        of_ngrams = clf._contributions(texts, targets)
        if not hasattr(clf, "deep_"):
            return explained_by_ngrams(of_ngrams, probabilities, targets, clf.classes_)
        of_network = token_attributions(clf.deep_, texts, clf.classes_[targets], method)
        factors = clf.deep_weight_, clf.wide_weight_, clf.intercept_
        return explained_by_both(of_network, of_ngrams, probabilities, targets, *factors)
    model = model_of(clf, "token_attributions")
    reader, targets_of_fit = model.reader, model.targets
    if reader.tokens is None:
        raise ValueError(
            "token_attributions needs tokens, but this classifier reads numbers: use"
            " step_attributions."
        )
    if isinstance(reader, TextReader) and reader.vectorizer.input != "content":
        raise ValueError(
            f"token_attributions needs the texts, but the vectorizer reads them itself:"
            f" input={reader.vectorizer.input!r}."
        )
    documents = reader.check(texts)
    sequences = Sequences.concatenate(reader.read(documents))
    words = without_parts(sequences)
    described = _describe(reader, documents.content)

    logits_of = model.loan.network.derived(Logits)
    logits_of.follow()
    logits = logits_of.of_all(sequences)
    classes = targets_of_fit.classes
    targets = chosen_classes(logits, classes, target)
    rows, labels = np.arange(len(sequences)), as_list(classes)
    explain = integrated_gradients if method == "integrated_gradients" else occlusion
    scores, baselines, remainders = explain(logits_of, sequences, targets)
    probabilities = targets_of_fit.from_logits(logits)
    return [
        TokenAttributions(
            tokens=tokens,
            scores=own_scores,
            target=labels[index],
            probability=float(probabilities[row, index]),
            logit=float(logits[row, index]),
            baseline_logit=float(baselines[row]),
            remainder=float(remainders[row]),
            text=text,
            offsets=spans,
        )
        for row, index, (tokens, text, spans), own_scores in zip(
            rows,
            targets,
            described,
            np.split(scores[sequences.values >= PADDING], words.offsets[1:-1]),
            strict=True,
        )
    ]


def _describe(
    reader: Reader, documents: np.ndarray | list
) -> list[tuple[list[str], str | None, np.ndarray | None]]:
    """Return the tokens that the network reads, the text, and their spans in it."""
    if not isinstance(reader, TextReader):
        return [(_ids_as_tokens(row), None, None) for row in documents]
    vectorizer = reader.vectorizer
    analyze = vectorizer.build_analyzer()
    all_tokens, texts, all_spans = [], [], []
    for document in documents:
        text = spans = None
        if isinstance(document, (str, bytes)):
            text = vectorizer.decode(document)
            tokens, spans = tokens_and_spans(vectorizer, text)
        elif callable(vectorizer.analyzer):
            tokens = list(analyze(document))
        else:
            tokens = vectorizer._word_ngrams(list(document), vectorizer.get_stop_words())
        all_tokens.append(tokens)
        texts.append(None if spans is None else text)
        all_spans.append(spans)
    described = []
    kept = kept_tokens(vectorizer, all_tokens)
    for tokens, text, spans, positions in zip(all_tokens, texts, all_spans, kept, strict=True):
        names = [tokens[i] if i >= 0 else UNKNOWN_TERM for i in positions]
        if spans is not None:
            # The token of an empty document has no place in the text.
            spans = np.append(spans, [[0, 0]], axis=0)[positions]
        described.append((names, text, spans))
    return described


def _ids_as_tokens(row: Iterable[int]) -> list[str]:
    return [str(token) for token in row if token] or [UNKNOWN_TERM]
