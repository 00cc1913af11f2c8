"""The documents and labels that the checks feed, and the containers that they come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import chain
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

Kind: TypeAlias = Literal["texts", "tokens", "ids"]


class Problem(NamedTuple):
    X: Any
    y: np.ndarray


_TOPICS = {
    "metal": "gold silver copper ore mine ounce",
    "grain": "wheat maize barley harvest crop bushel",
    "money": "bank loan credit deposit currency bond",
}


def problem(kind: Kind, n_classes: int = 3) -> Problem:
    """Return ten documents of 2 to 6 tokens for each class, in mixed order."""
    rng = np.random.RandomState(0)
    documents, labels = [], []
    for index in range(10 * n_classes):
        label = list(_TOPICS)[index % n_classes]
        tokens = list(rng.choice(_TOPICS[label].split(), rng.randint(1, 5)))
        documents.append([str(token) for token in [*tokens, rng.choice(["the", "rose"])]])
        labels.append(label)
    y = np.array(labels)
    if kind == "tokens":
        return Problem(documents, y)
    if kind == "texts":
        return Problem([" ".join(tokens) for tokens in documents], y)
    ids = {token: 1 + number for number, token in enumerate(sorted(set(chain(*documents))))}
    X = np.zeros((len(documents), max(map(len, documents))), dtype=np.int64)
    for row, tokens in zip(X, documents, strict=True):
        row[: len(tokens)] = [ids[token] for token in tokens]
    return Problem(X, y)


def containers_of(kind: Kind) -> dict[str, Callable[[Any], Any]]:
    """Return functions that put documents into containers, by the container's name."""
    if kind == "ids":
        return {
            "2-D array of int32": lambda X: X.astype(np.int32),
            "2-D array of uint16": lambda X: X.astype(np.uint16),
            "list of lists without padding": lambda X: [row[row > 0].tolist() for row in X],
            "list of arrays without padding": lambda X: [row[row > 0] for row in X],
        }
    containers: dict[str, Callable[[Any], Any]] = {"tuple": tuple, "object array": _object_array}
    if kind == "tokens":
        containers["list of tuples"] = lambda X: [tuple(tokens) for tokens in X]
    else:
        containers["str array"] = np.array
    pandas, polars = _optional("pandas"), _optional("polars")
    if pandas is not None:
        containers["pandas Series of objects"] = lambda X: pandas.Series(X, dtype=object)
        # An index of its own shows who looks rows up by their label.
        containers["pandas Series with another index"] = lambda X: pandas.Series(
            X, dtype=object, index=range(len(X), 0, -1)
        )
        if kind == "texts":
            containers["pandas Series of strings"] = lambda X: pandas.Series(X, dtype="string")
    if polars is not None:
        containers["polars Series"] = polars.Series
    return containers


def _object_array(X: list) -> np.ndarray:
    array = np.empty(len(X), dtype=object)
    array[:] = X
    return array


def _optional(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        return None


def take(X: Any, rows: Iterable[int]) -> Any:
    rows = list(rows)
    return X[np.array(rows, dtype=int)] if isinstance(X, np.ndarray) else [X[row] for row in rows]
