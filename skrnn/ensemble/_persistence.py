"""The ensemble in a file without pickle: the network, and the n-grams with their weights."""

from __future__ import annotations

import os
from numbers import Real
from typing import Any

from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions

from .._classifier import LSTMTextClassifier
from .._data.columns import Columns
from .._files.archive import ArchiveReader, write_archive
from .._files.persistence import DOCUMENT, SIZE, checked, describe, restore
from .._files.plain import decode, encode
from ._ensemble import Ensemble
from ._ngram_classifier import NgramTextClassifier
from ._ngram_files import (
    FACTOR,
    SCHEMA,
    check_schema,
    describe_ngrams,
    restore_ngrams,
)

# What a fit sets on the parts where they leave it open.
_SET_BY_FIT = {
    "deep": ("class_weight", "random_state"),
    "wide": ("class_weight", "random_state", "multilabel"),
}

_PARAMETERS = ("class_weight", "random_state")

_FIELDS: dict[str, list] = {
    "schema": [SIZE],
    "class": [StrOptions({"WideAndDeepTextClassifier"})],
    "parameters": [dict],
    "deep": [dict],
    "deep_parameter": [dict, None],
    "wide": [dict],
    "wide_parameter": [dict, None],
    "deep_weight": [FACTOR],
    "wide_weight": [FACTOR],
    "intercept": [Interval(Real, None, None, closed="neither")],
}


def save_ensemble(clf: Any, path: str | os.PathLike) -> None:
    """Write a fitted `WideAndDeepTextClassifier` into a file."""
    deep, wide = clf.deep_, clf.wide_
    for part, kind in ((deep, LSTMTextClassifier), (wide, NgramTextClassifier)):
        if type(part) is not kind:
            raise ValueError(
                f"A part of the kind {type(part).__name__} cannot be saved without pickle, only"
                f" {kind.__name__}. Pickle the classifier instead."
            )
    network, arrays = describe(deep.get_params(deep=False), deep._model, with_optimizer=False)
    ngrams, more = describe_ngrams(wide.get_params(deep=False), wide._model)
    document = {
        "schema": SCHEMA,
        "class": type(clf).__name__,
        "parameters": {name: encode(name, getattr(clf, name)) for name in _PARAMETERS},
        "deep": network,
        "deep_parameter": _left_open("deep", clf.deep),
        "wide": ngrams,
        "wide_parameter": _left_open("wide", clf.wide),
        "deep_weight": clf.deep_weight_,
        "wide_weight": clf.wide_weight_,
        "intercept": clf.intercept_,
    }
    write_archive(path, {DOCUMENT: document}, arrays | more)


def restore_ensemble(archive: ArchiveReader, document: Any) -> tuple[dict[str, Any], Ensemble]:
    """Read what `save_ensemble` wrote, or raise an error where anybody made it up.

    Returns
    -------
    parameters : dict of str to object
        The parameters of the classifier, which are not validated.
    ensemble : Ensemble
        What its fit made.
    """
    check_schema(document)
    content = checked(document, _FIELDS, DOCUMENT)
    deep = LSTMTextClassifier._of(*restore(archive, content["deep"]))
    targets = deep._model.targets
    columns = Columns(NgramTextClassifier.__name__)
    wide = NgramTextClassifier._of(*restore_ngrams(archive, content["wide"], targets, columns))
    if wide._model.kind != deep._model.reader.kind:
        raise ValueError("the network and the n-grams are not of the same kind of documents")
    parameters = {name: decode(value) for name, value in content["parameters"].items()}
    for name, part in (("deep", deep), ("wide", wide)):
        settings = content[f"{name}_parameter"]
        if settings is not None:
            if settings.keys() != set(_SET_BY_FIT[name]):
                raise ValueError(f"{name}_parameter has other fields than it should have")
            given = {key: decode(value) for key, value in settings.items()}
            parameters[name] = clone(part).set_params(**given)
            parameters[name]._validate_params()
    exponents = [content["deep_weight"], content["wide_weight"]]
    return parameters, Ensemble(targets, deep, wide, exponents, content["intercept"])


def _left_open(name: str, part: Any) -> dict[str, Any] | None:
    """Return the parameters in which a part differs from its fitted clone."""
    if part is None:
        return None
    return {key: encode(f"{name}__{key}", getattr(part, key)) for key in _SET_BY_FIT[name]}
