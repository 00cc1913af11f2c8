"""What the documents of all files have in common: their fields, labels and columns."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, validate_parameter_constraints

from .._data.columns import Columns
from .._version import __version__
from .plain import encode

DOCUMENT = "estimator.json"
SIZE = Interval(Integral, 1, None, closed="left")

# Labels of other kinds never pass a fit.
_LABEL_DTYPES = {"object": np.dtype(object), "str": np.dtype(str)} | {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
}


def checked_document(
    document: Any,
    schema: int,
    constraints: dict[str, list],
    added: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return a document of a schema whose fields are those of ``constraints``; see `checked`."""
    if isinstance(document, dict) and document.get("schema") != schema:
        raise ValueError(
            f"it has schema {document.get('schema')!r}, and skrnn {__version__} reads {schema} of"
            " this class"
        )
    return checked(document, constraints, DOCUMENT, added)


def checked(
    content: Any,
    constraints: dict[str, list],
    name: str,
    added: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return a document's dictionary whose fields are those of ``constraints``.

    Parameters
    ----------
    content : object
        The dictionary, or what anybody made up in its place.
    constraints : dict of str to list
        What every field has to be, as for parameters of scikit-learn.
    name : str
        Name of the dictionary, for messages.
    added : dict of str to object, default={}
        Fields that the first files of the schema lack, with the values that hold for them.
    """
    if isinstance(content, dict):
        content = {**added, **content}
    if not isinstance(content, dict) or content.keys() != constraints.keys():
        raise ValueError(f"{name} does not have the fields {', '.join(constraints)}")
    validate_parameter_constraints(constraints, content, name)
    return content


def check_strings(values: Any, name: str) -> None:
    """Raise ValueError for anything but a list of strings."""
    if not _are_strings(values):
        raise ValueError(f"{name} is not a list of strings")


def encode_columns(columns: Columns) -> dict[str, Any]:
    """Return the fields of a document that hold the columns of X."""
    return {
        "n_features_in": columns.n_features_in,
        "feature_names_in": encode("feature_names_in_", columns.feature_names_in),
    }


def decode_columns(owner: str, content: dict[str, Any]) -> Columns:
    """Return the columns that the fields of a document hold."""
    names = content["feature_names_in"]
    if names is not None:
        check_strings(names, "feature_names_in")
        names = np.array(names, dtype=object)
    return Columns(owner, content["n_features_in"], names)


def encode_labels(labels: np.ndarray) -> dict[str, Any]:
    """Return labels as JSON."""
    name = "str" if labels.dtype.kind == "U" else labels.dtype.name
    values = labels.tolist()
    if name not in _LABEL_DTYPES or (name == "object" and not _are_strings(values)):
        raise ValueError(
            f"classes_ of dtype {labels.dtype} cannot be saved without pickle. Pickle the"
            " classifier, or fit it on labels that are strings."
        )
    return {"dtype": name, "labels": values}


def decode_labels(content: dict[str, Any]) -> np.ndarray:
    """Return the labels that `encode_labels` described."""
    labels, dtype = content["labels"], _LABEL_DTYPES[content["dtype"]]
    if dtype.kind in "OU":
        check_strings(labels, "classes")
    classes = np.array(labels, dtype=dtype)
    if classes.ndim != 1 or classes.tolist() != labels or (classes[1:] <= classes[:-1]).any():
        raise ValueError("classes are not a sorted list of distinct labels of their dtype")
    return classes


def _are_strings(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
