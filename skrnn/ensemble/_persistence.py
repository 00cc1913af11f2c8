"""The ensemble in a file without pickle: the network, and the n-grams with their weights."""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions

from .._classifier import LSTMTextClassifier
from .._data.columns import Columns
from .._data.targets import Targets
from .._files.archive import ArchiveReader, write_archive
from .._files.persistence import DOCUMENT, check_strings, checked, describe, restore
from .._files.plain import decode, encode
from .._version import __version__
from ._ngram_classifier import NgramTextClassifier
from ._ngrams import Ngrams, Vocabulary, character_counter, word_counter

_SCHEMA = 2
_COEF, _IDF = "wide/coef.npy", "wide/idf.npy"
_FLOAT32 = np.dtype(np.float32)

# What a fit sets on the parts where they leave it open.
_SET_BY_FIT = {
    "deep": ("class_weight", "random_state"),
    "wide": ("class_weight", "random_state", "multilabel"),
}

_PARAMETERS = ("class_weight", "random_state")

_FACTOR = Interval(Real, 0, None, closed="left")
_FIELDS: dict[str, list] = {
    "schema": [Interval(Integral, 1, None, closed="left")],
    "class": [StrOptions({"WideAndDeepTextClassifier"})],
    "parameters": [dict],
    "deep": [dict],
    "deep_parameter": [dict, None],
    "wide": [dict],
    "wide_parameter": [dict, None],
    "deep_weight": [_FACTOR],
    "wide_weight": [_FACTOR],
}
_WIDE: dict[str, list] = {
    "parameters": [dict],
    "kind": [StrOptions({"texts", "token ids"})],
    "words": [list],
    "characters": [list, None],
    "intercept": [list],
    "scale": [_FACTOR],
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
    ngrams = wide._ngrams
    kinds = [ngrams.words] if ngrams.characters is None else [ngrams.words, ngrams.characters]
    arrays[_COEF] = wide.coef_
    arrays[_IDF] = np.concatenate([kind.idf for kind in kinds])
    document = {
        "schema": _SCHEMA,
        "class": type(clf).__name__,
        "parameters": {name: encode(name, getattr(clf, name)) for name in _PARAMETERS},
        "deep": network,
        "deep_parameter": _left_open("deep", clf.deep),
        "wide": {
            "parameters": {
                name: encode(name, value) for name, value in wide.get_params(deep=False).items()
            },
            "kind": wide._kind,
            "words": ngrams.words.terms,
            "characters": ngrams.characters and ngrams.characters.terms,
            "intercept": wide.intercept_.tolist(),
            "scale": wide.scale_,
        },
        "wide_parameter": _left_open("wide", clf.wide),
        "deep_weight": clf.deep_weight_,
        "wide_weight": clf.wide_weight_,
    }
    write_archive(path, {DOCUMENT: document}, arrays)


def restore_ensemble(
    archive: ArchiveReader, document: Any
) -> tuple[dict[str, Any], Targets, LSTMTextClassifier, NgramTextClassifier, list[float]]:
    """Read what `save_ensemble` wrote, or raise an error where anybody made it up.

    Returns
    -------
    parameters : dict of str to object
        The parameters of the classifier, which are not validated.
    targets, deep, wide, exponents : Targets, fitted classifiers, list of float
        What its fit made.
    """
    if document.get("schema") != _SCHEMA:
        raise ValueError(
            f"it has schema {document.get('schema')!r}, and skrnn {__version__} reads {_SCHEMA} of"
            " this class"
        )
    content = checked(document, _FIELDS, DOCUMENT)
    deep = LSTMTextClassifier._of(*restore(archive, content["deep"]))
    targets = deep._model.targets
    wide = _restore_wide(archive, content["wide"], targets)
    if wide._kind != deep._model.reader.kind:
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
    return parameters, targets, deep, wide, [content["deep_weight"], content["wide_weight"]]


def _left_open(name: str, part: Any) -> dict[str, Any] | None:
    """Return the parameters in which a part differs from its fitted clone."""
    if part is None:
        return None
    return {key: encode(f"{name}__{key}", getattr(part, key)) for key in _SET_BY_FIT[name]}


def _restore_wide(archive: ArchiveReader, content: Any, targets: Targets) -> NgramTextClassifier:
    content = checked(content, _WIDE, "wide")
    wide = NgramTextClassifier(
        **{name: decode(value) for name, value in content["parameters"].items()}
    )
    wide._validate_params()
    word_ngrams, char_ngrams = wide._check_sizes()
    n_words, n_all = (
        len(content["words"]),
        len(content["words"]) + len(content["characters"] or ()),
    )
    idf = archive.array(_IDF, (n_all,), _FLOAT32)
    words = _restore_terms(word_counter(word_ngrams), content["words"], idf[:n_words])
    characters = None
    if content["characters"] is not None:
        if char_ngrams is None or content["kind"] != "texts":
            raise ValueError("there are n-grams of characters, and there should be none")
        counter = character_counter(char_ngrams)
        characters = _restore_terms(counter, content["characters"], idf[n_words:])
    n_classes = len(targets.classes)
    n_decisions = n_classes if targets.multilabel or n_classes > 2 else 1
    intercept = content["intercept"]
    if len(intercept) != n_decisions or not all(type(value) is float for value in intercept):
        raise ValueError(f"intercept does not hold {n_decisions} numbers")
    coef = archive.array(_COEF, (n_decisions, n_all), _FLOAT32)
    wide._of(
        content["kind"],
        Columns(type(wide).__name__),
        Targets(targets.classes, targets.multilabel, targets.multilabel),
        Ngrams(words, characters),
        coef.astype(np.float32),
        np.array(intercept),
        float(content["scale"]),
    )
    return wide


def _restore_terms(counter: Any, terms: list, idf: np.ndarray) -> Vocabulary:
    check_strings(terms, "the n-grams")
    if len(set(terms)) != len(terms):
        raise ValueError("an n-gram is there twice")
    return Vocabulary.of_terms(counter, terms, idf.astype(np.float32))
