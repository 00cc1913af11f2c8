"""How much every token of a text contributes to a prediction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils._param_validation import StrOptions, validate_params
from sklearn.utils.validation import column_or_1d

from .._data.parts import without_parts
from .._data.readers import Reader, TextReader
from .._data.segmentation import normalised
from .._data.sequences import PADDING, UNKNOWN, Sequences
from .._data.vectorizer import UNKNOWN_TERM, SequenceVectorizer
from .._model import model_of
from ._integrated_gradients import integrated_gradients
from ._logits import Logits
from ._spans import in_original, kept_tokens, tokens_and_spans


@dataclass(frozen=True, eq=False)
class TokenAttributions:
    """How much every token of one document contributes to the output for a class.

    Parameters
    ----------
    tokens : list of str
        The tokens that the classifier read, in their order. What the vectorizer leaves out
        or cuts off has no part in the answer and is not among them.
    scores : ndarray of shape (n_tokens,)
        Positive where a token raises the output for the target, negative where it lowers it.
    target : object
        The label that the scores are about.
    probability : float
        The classifier's probability of the target.
    logit, baseline_logit : float
        The target's output before softmax or sigmoid, for the document and for as many
        unknown tokens.
    remainder : float
        How much change of the logit integrated gradients met in jumps, where there is no
        gradient to follow; see the notes of `token_attributions`. 0 for occlusion.
    text : str or None
        The document, where it was a text and its tokens can be found in it.
    offsets : ndarray of shape (n_tokens, 2) or None
        ``text[start:end]`` is the token as the user wrote it; None like ``text``.
    """

    tokens: list[str]
    scores: np.ndarray
    target: Any
    probability: float
    logit: float
    baseline_logit: float
    remainder: float = 0.0
    text: str | None = None
    offsets: np.ndarray | None = None


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
        The classifier reads numbers, ``texts`` is not as described, or a target is not
        a label of the classifier.

    See Also
    --------
    TokenAttributionDisplay : The same in colour.

    Notes
    -----
    A token that is unknown to the classifier, and holds no part that it knows, equals the
    baseline and scores 0.

    In a `NgramTextClassifier` the scores are exact with either method: what an n-gram adds
    to the logit is divided among the characters that it holds, and the baseline is an empty
    document. In a `WideAndDeepTextClassifier` the logit is the sum of what its parts say,
    and so are the scores.
    Characters that the network does not read, but the linear model does, become tokens of
    their own, after the others.

    On the way from the baseline to a document a recurrent network can jump: a text that
    changes gradually reaches a point where a gate falls over. There is no gradient to
    integrate in a jump. The points at which gradients are taken draw near to it, and
    what change is left between two of them, the remainder, is divided among the tokens
    in proportion to the absolute values of their gradients there. A ``remainder`` that
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
        texts = list(texts) if isinstance(texts, Iterator) else texts
        probabilities = clf.predict_proba(texts)
        targets = _chosen(probabilities, clf.classes_, target)
        of_ngrams = clf._contributions(texts, targets)
        if not hasattr(clf, "deep_"):
            return _of_ngrams(of_ngrams, probabilities, targets, clf.classes_)
        of_network = token_attributions(clf.deep_, texts, clf.classes_[targets], method)
        exponents = clf.deep_weight_, clf.wide_weight_
        return _of_both(of_network, of_ngrams, probabilities, targets, *exponents)
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

    logits_of = Logits(model.loan.network)
    logits = logits_of.of_all(sequences)
    classes = targets_of_fit.classes
    targets = _chosen(logits, classes, target)
    rows, labels = np.arange(len(sequences)), classes.tolist()
    explain = integrated_gradients if method == "integrated_gradients" else _occlusion
    scores, baselines, remainders = explain(logits_of, sequences, targets)
    probabilities = expit(logits) if targets_of_fit.multilabel else softmax(logits, axis=1)
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


def _of_ngrams(
    of_ngrams: list[Any], probabilities: np.ndarray, targets: np.ndarray, classes: np.ndarray
) -> list[TokenAttributions]:
    """Return what a linear model of n-grams says, whose scores are exact."""
    unscored, labels, vectorizer = [], classes.tolist(), SequenceVectorizer()
    for linear, index in zip(of_ngrams, targets, strict=True):
        tokens, text, spans = linear.words, None, None
        if linear.document is not None:
            text = linear.document
            tokens, spans = tokens_and_spans(vectorizer, text)
        unscored.append(
            TokenAttributions(
                tokens=tokens,
                scores=np.zeros(len(tokens)),
                target=labels[index],
                probability=0.0,
                logit=0.0,
                baseline_logit=0.0,
                text=text,
                offsets=spans,
            )
        )
    return _of_both(unscored, of_ngrams, probabilities, targets, 0.0, 1.0)


def _of_both(
    of_network: list[TokenAttributions],
    of_ngrams: list[Any],
    probabilities: np.ndarray,
    targets: np.ndarray,
    deep: float,
    wide: float,
) -> list[TokenAttributions]:
    """Return what a network and a linear model say, each in proportion to its exponent."""
    combined = []
    offsets: np.ndarray | None
    for row, (explained, linear) in enumerate(zip(of_network, of_ngrams, strict=True)):
        in_text = None
        if linear.normalised is not None and explained.offsets is not None:
            in_text = in_original(
                linear.in_text, str(explained.text), normalised, linear.normalised
            )
        if in_text is not None:
            tokens, scores, offsets = _add_to_spans(explained, wide * in_text, deep)
        else:
            tokens, scores = _add_to_tokens(explained, linear, deep, wide)
            offsets = explained.offsets
            if offsets is not None and len(tokens) > len(offsets):
                offsets = None
        total = linear.scores.sum() if linear.in_text is None else linear.in_text.sum()
        combined.append(
            replace(
                explained,
                tokens=tokens,
                scores=scores,
                probability=float(probabilities[row, targets[row]]),
                logit=float(deep * explained.logit + wide * (linear.baseline + total)),
                baseline_logit=float(deep * explained.baseline_logit + wide * linear.baseline),
                remainder=deep * explained.remainder,
                text=None if offsets is None else explained.text,
                offsets=offsets,
            )
        )
    return combined


def _add_to_spans(
    explained: TokenAttributions, in_text: np.ndarray, deep: float
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Add scores of characters to those of the tokens that hold them.

    What the network does not read, as the end of a long text, becomes tokens of its own.
    """
    text, offsets = str(explained.text), np.asarray(explained.offsets)
    n_tokens_at = np.zeros(len(text), dtype=int)
    for start, end in offsets:
        n_tokens_at[start:end] += 1
    parts = in_text / np.maximum(n_tokens_at, 1)
    scores = deep * explained.scores + [parts[start:end].sum() for start, end in offsets]
    is_left = (n_tokens_at == 0) & (in_text != 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_left, [False]]).astype(int)))
    others = edges.reshape(-1, 2)
    tokens = [*explained.tokens, *(text[start:end] for start, end in others)]
    scores = np.append(scores, [in_text[start:end].sum() for start, end in others])
    return tokens, scores, np.concatenate([offsets, others]).astype(np.intp)


def _add_to_tokens(
    explained: TokenAttributions, linear: Any, deep: float, wide: float
) -> tuple[list[str], np.ndarray]:
    """Add scores of words to those of the same tokens; other words become tokens of their own."""
    words, scores = linear.words, wide * linear.scores
    if linear.in_text is not None:  # a text, in which the tokens of the network are not found
        words, scores = [linear.normalised], wide * linear.in_text.sum(keepdims=True)
    own = deep * explained.scores
    if explained.tokens != words[: len(own)]:
        return [*explained.tokens, *words], np.append(own, scores)
    scores = scores.copy()
    scores[: len(own)] += own
    return list(words), scores


def _occlusion(
    logits_of: Logits, sequences: Sequences, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same as `integrated_gradients`; there are no remainders."""
    rows = np.arange(len(sequences))
    logits = logits_of.of_all(sequences)[rows, targets]
    words = without_parts(sequences)
    baseline = Sequences(np.full_like(words.values, UNKNOWN), words.offsets)
    baselines = logits_of.of_all(baseline)[rows, targets]
    scores = np.zeros(len(sequences.values))
    # One document at a time: of a long one there are many copies.
    for row, (start, end) in enumerate(pairwise(sequences.offsets)):
        entries = sequences.values[start:end]
        first = np.flatnonzero(entries >= PADDING)
        after = np.append(first[1:], len(entries))
        is_more = (entries[first] != UNKNOWN) | (after - first > 1)
        first, after = first[is_more], after[is_more]
        if len(first):
            copies = [
                np.concatenate([entries[:left], [UNKNOWN], entries[right:]]).astype(np.int32)
                for left, right in zip(first, after, strict=True)
            ]
            lengths = np.array(list(map(len, copies)))
            without = logits_of.of_all(Sequences.from_lengths(np.concatenate(copies), lengths))
            scores[start + first] = logits[row] - without[:, targets[row]]
    return scores, baselines, np.zeros(len(sequences))


def _chosen(outputs: np.ndarray, classes: np.ndarray, target: Any) -> np.ndarray:
    """Return the indices of the classes to explain, one for every document."""
    return outputs.argmax(axis=1) if target is None else _indices(classes, target, len(outputs))


def _indices(classes: np.ndarray, target: Any, n_documents: int) -> np.ndarray:
    """Return the indices of target labels, one for every document."""
    labels = np.asarray(target)
    labels = np.repeat(labels[np.newaxis], n_documents) if labels.ndim == 0 else labels
    labels = column_or_1d(labels)
    if len(labels) != n_documents:
        raise ValueError(f"target has {len(labels)} labels for {n_documents} documents.")
    unknown = np.setdiff1d(labels, classes)
    if len(unknown):
        raise ValueError(
            f"target must be of classes_, {classes.tolist()}, got {unknown.tolist()}."
        )
    return np.searchsorted(classes, labels)


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
