"""Ensembles: a recurrent network and a linear model of n-grams together."""

from .._backend import check_backend

check_backend()

from ._ngram_classifier import NgramTextClassifier
from ._wide_and_deep import WideAndDeepTextClassifier

__all__ = ["NgramTextClassifier", "WideAndDeepTextClassifier"]
