"""How much every number of a sequence contributes to a prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from .._data.readers import NumberReader
from .._data.targets import as_list
from .._model import model_of
from ._explained import chosen_classes
from ._integrated_gradients import integrated_gradients
from ._logits import NumberLogits


@dataclass(frozen=True, eq=False)
class StepAttributions:
    """How much every number of one sequence contributes to the score of a class.

    Parameters
    ----------
    scores : ndarray of shape (n_steps, n_features)
        Positive where a number raises the score of the target, negative where it lowers it.
    target : object
        The label that the scores are about.
    probability : float
        The classifier's probability of the target.
    logit, baseline_logit : float
        The target's output before softmax or sigmoid, for the sequence and for the
        baseline of the same length.
    remainder : float
        How much change of the logit was met in jumps, where there is no gradient to
        follow; see the notes of `token_attributions`.
    """

    scores: np.ndarray
    target: Any
    probability: float
    logit: float
    baseline_logit: float
    remainder: float = 0.0


def step_attributions(clf: ClassifierMixin, X: Any, target: Any = None) -> list[StepAttributions]:
    """Score every number of every step by how much it contributes to a prediction.

    The counterpart of `token_attributions` for a classifier that reads numbers: gradients
    of the target's logit, integrated on the way from a baseline to the sequence [1]_. The
    scores sum to the difference of the two logits.

    Parameters
    ----------
    clf : LSTMTextClassifier
        A classifier that was fitted with ``embedding_dim=None``.
    X : see `LSTMTextClassifier.fit`
        Sequences of numbers.
    target : label, array-like of shape (n_samples,) of labels, or None, default=None
        The label to explain, one of ``clf.classes_``, or one for every sequence. None:
        the most probable label of each sequence.

    Returns
    -------
    attributions : list of StepAttributions of length n_samples
        One for every sequence.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The classifier is not fitted.
    TypeError
        It is another estimator.
    ValueError
        The classifier reads tokens, ``X`` is not as described, or a target is not a label
        of the classifier.

    See Also
    --------
    token_attributions : The same for texts, tokens and token ids.

    Notes
    -----
    The baseline has the mean of the training steps at every step, or zeros where the
    classifier has ``normalization=None``.

    References
    ----------
    .. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic Attribution for Deep
       Networks", ICML 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.inspection import step_attributions
    >>> X = [np.zeros(3), np.ones(5)] * 8
    >>> clf = LSTMTextClassifier(embedding_dim=None, units=4, epochs=2, random_state=0)
    >>> explained, = step_attributions(clf.fit(X, [0, 1] * 8), X[:1])
    >>> explained.scores.shape
    (3, 1)
    """
    model = model_of(clf, "step_attributions")
    if not isinstance(model.reader, NumberReader):
        raise ValueError(
            f"step_attributions needs numbers, but this classifier reads {model.reader.kind}:"
            " use token_attributions."
        )
    sequences = model.read(X)
    classes = model.targets.classes
    logits_of = model.loan.network.derived(NumberLogits)
    logits = logits_of.of_all(sequences)
    targets = chosen_classes(logits, classes, target)
    scores, baselines, remainders = integrated_gradients(logits_of, sequences, targets)
    probabilities = model.targets.from_logits(logits)
    labels = as_list(classes)
    return [
        StepAttributions(
            scores=own_scores,
            target=labels[index],
            probability=float(probabilities[row, index]),
            logit=float(logits[row, index]),
            baseline_logit=float(baselines[row]),
            remainder=float(remainders[row]),
        )
        for row, (index, own_scores) in enumerate(
            zip(targets, np.split(scores, sequences.offsets[1:-1]), strict=True)
        )
    ]
