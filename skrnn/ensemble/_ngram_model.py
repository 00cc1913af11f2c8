"""The fitted linear model of n-grams as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import gen_batches

from .._data.columns import Columns
from .._data.inputs import Documents
from .._data.readers import check_later_documents
from .._data.segmentation import normalised, spans
from .._data.targets import Targets
from ..inspection._explained import Contributions
from ._ngrams import Ngrams, checked_words, words_and_runs

# Documents whose n-grams are in memory at a time in predictions.
_BLOCK = 2048


@dataclass(frozen=True, eq=False)
class NgramModel:
    """A fitted linear model of n-grams.

    Parameters
    ----------
    kind : {"texts", "token ids"}
        What the documents hold.
    columns : Columns
        The columns of the X of the fit.
    targets : Targets
        The labels.
    ngrams : Ngrams
        What turns documents into rows of weighted counts.
    coef : ndarray of shape (n_decisions, n_ngrams), dtype=float32
        The weights of the n-grams.
    intercept : ndarray of shape (n_decisions,)
        What is added to the decisions.
    scale : float
        The logits are the decisions times this.
    """

    kind: str
    columns: Columns
    targets: Targets
    ngrams: Ngrams
    coef: np.ndarray
    intercept: np.ndarray
    scale: float

    def check(self, X: Any) -> Documents:
        """Validate an X that has to be like that of the fit."""
        return checked_words(check_later_documents(X, self.kind, self.columns))

    def decisions(self, X: Any) -> np.ndarray:
        """Return the decisions on every document, of shape (n_samples, n_decisions)."""
        documents = self.check(X)
        decisions = np.empty((len(documents), len(self.intercept)))
        for rows in gen_batches(len(documents), _BLOCK):
            decisions[rows] = self.ngrams.transform(_some(documents, rows)) @ self.coef.T
        return decisions + self.intercept

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes)."""
        logits = self.scale * by_class(self.decisions(X), self.targets)
        return self.targets.from_logits(logits)

    def contributions(self, X: Any, targets: np.ndarray) -> list[Contributions]:
        """Return what the logit of a class, one for every document, is the sum of."""
        documents = self.check(X)
        coef = by_class(self.coef.T, self.targets).T
        (intercept,) = by_class(self.intercept[np.newaxis], self.targets)
        return [
            self._contributions_of(
                _some(documents, slice(row, row + 1)),
                coef[target],
                self.scale * float(intercept[target]),
            )
            for row, target in enumerate(targets)
        ]

    def _contributions_of(
        self, document: Documents, coef: np.ndarray, baseline: float
    ) -> Contributions:
        values = self.ngrams.transform(document)
        scores = self.scale * values.data * coef[values.indices]
        all_words, all_runs = words_and_runs(document)
        words, runs = all_words[0], all_runs[0] if all_runs else []
        of_words, of_characters = self.ngrams.shares(
            words, runs, dict(zip(values.indices.tolist(), scores.tolist(), strict=True))
        )
        content = document.content[0]
        if not isinstance(content, str):
            if runs:
                of_words += [own.sum() for own in of_characters]
            return Contributions(baseline, words, of_words, None, None, None)
        text = normalised(content)
        in_text = np.zeros(len(text))
        for (first, last), score in zip(spans(text), of_words, strict=True):
            in_text[first:last] += score / (last - first)
        for run, own in zip(re.finditer(r"\S+", text), of_characters, strict=True):
            in_text[run.start() : run.end()] += own
        return Contributions(baseline, words, of_words, content, text, in_text)


def by_class(decisions: np.ndarray, targets: Targets) -> np.ndarray:
    """Return decisions with a column for every class."""
    if n_decisions(targets) == len(targets.classes):
        return decisions
    return np.hstack([-decisions, decisions])  # it is on the second of two


def n_decisions(targets: Targets) -> int:
    """Return how many decisions there are: a single one for two classes."""
    n_classes = len(targets.classes)
    return n_classes if targets.multilabel or n_classes != 2 else 1


def _some(documents: Documents, rows: slice) -> Documents:
    return Documents(documents.kind, documents.content[rows], documents.columns)
