"""Corpora for examples, tests and benchmarks."""

from ._docstrings import load_docstrings
from ._generated import make_word_order_corpus
from ._reuters import load_reuters

__all__ = ["load_docstrings", "load_reuters", "make_word_order_corpus"]
