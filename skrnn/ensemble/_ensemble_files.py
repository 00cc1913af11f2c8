"""The ensemble in a file without pickle: the network, and the n-grams with their weights."""

from __future__ import annotations

import os
from dataclasses import replace
from numbers import Real
from typing import Any

from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions

from .._classifier import LSTMTextClassifier
from .._data.columns import Columns
from .._files.archive import ArchiveReader, write_archive
from .._files.fields import DOCUMENT, SIZE, checked_document
from .._files.persistence import describe_model, load_model
from .._files.plain import decode, encode
from ._ensemble import Ensemble
from ._ngram_classifier import NgramTextClassifier
from ._ngram_files import FACTOR, SCHEMA, describe_ngrams, restore_ngrams

# What a fit sets on the parts where they leave it open.
_SET_BY_FIT = {
    "deep": ("class_weight", "random_state"),
    "wide": ("class_weight", "random_state", "multilabel"),
}

_PARAMETERS = ("class_weight", "random_state")

_CLASS = "WideAndDeepTextClassifier"

_FIELDS: dict[str, list] = {
    "schema": [SIZE],
    "class": [StrOptions({_CLASS})],
    "parameters": [dict],
    "deep": [dict],
    "deep_parameter": [dict, None],
    "wide": [dict],
    "wide_parameter": [dict, None],
    "deep_weight": [FACTOR],
    "wide_weight": [FACTOR],
    "intercept": [Interval(Real, None, None, closed="neither")],
}

# What the first files of this schema lack.
_ADDED_FIELDS = {"intercept": 0.0}


def save_ensemble(path: str | os.PathLike, parameters: dict[str, Any], ensemble: Ensemble) -> None:
    """Write a fitted `WideAndDeepTextClassifier` into a file."""
    deep, wide = ensemble.deep, ensemble.wide
    for part, kind in (
        (deep, LSTMTextClassifier),
        (wide, NgramTextClassifier),
        (parameters["deep"], LSTMTextClassifier),
        (parameters["wide"], NgramTextClassifier),
    ):
        if part is not None and type(part) is not kind:
            raise ValueError(
                f"A part of the kind {type(part).__name__} cannot be saved without pickle, only"
                f" {kind.__name__}. Pickle the classifier instead."
            )
    network, arrays = describe_model(
        deep.get_params(deep=False), deep._model, with_optimizer=False
    )
    ngrams, more = describe_ngrams(wide.get_params(deep=False), wide._model)
    document = {
        "schema": SCHEMA,
        "class": _CLASS,
        "parameters": {name: encode(name, parameters[name]) for name in _PARAMETERS},
        "deep": network,
        "deep_parameter": _left_open("deep", parameters["deep"]),
        "wide": ngrams,
        "wide_parameter": _left_open("wide", parameters["wide"]),
        "deep_weight": ensemble.exponents[0],
        "wide_weight": ensemble.exponents[1],
        "intercept": ensemble.intercept,
    }
    write_archive(path, {DOCUMENT: document}, arrays | more)


def load_ensemble(archive: ArchiveReader, document: Any) -> tuple[dict[str, Any], Ensemble]:
    """Read what `save_ensemble` wrote, or raise an error where anybody made it up.

    Returns
    -------
    parameters : dict of str to object
        The parameters of the classifier, which are not validated.
    ensemble : Ensemble
        What its fit made.
    """
    content = checked_document(document, SCHEMA, _FIELDS, _ADDED_FIELDS)
    deep = LSTMTextClassifier._of(*load_model(archive, content["deep"]))
    targets = deep._model.targets
    columns = Columns(NgramTextClassifier.__name__)
    if deep._model.reader.kind != "texts":  # texts reach the linear model as a list
        columns = replace(deep._model.columns, owner=columns.owner)
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
