"""The linear model of n-grams in a file without pickle."""

from __future__ import annotations

import os
from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from .._data.columns import Columns
from .._data.targets import Targets
from .._files.archive import ArchiveReader, write_archive
from .._files.fields import (
    DOCUMENT,
    SIZE,
    check_strings,
    checked,
    checked_document,
    decode_columns,
    decode_labels,
    encode_columns,
    encode_labels,
)
from .._files.plain import decode, encode
from ._ngram_model import NgramModel, n_decisions
from ._ngrams import Ngrams, Vocabulary, character_counter, checked_sizes, word_counter

# Of all files of this folder.
SCHEMA = 2
FACTOR = Interval(Real, 0, None, closed="left")

_COEF, _IDF = "wide/coef.npy", "wide/idf.npy"
_FLOAT32 = np.dtype(np.float32)
_CLASS = "NgramTextClassifier"

_FIELDS: dict[str, list] = {
    "schema": [SIZE],
    "class": [StrOptions({_CLASS})],
    "classes": [dict],
    "is_matrix": ["boolean"],
    "multilabel": ["boolean"],
    "n_features_in": [SIZE, None],
    "feature_names_in": [list, None],
    "wide": [dict],
}
_MODEL: dict[str, list] = {
    "parameters": [dict],
    "word_ngrams": [list, None],
    "char_ngrams": [list, None],
    "kind": [StrOptions({"texts", "token ids"})],
    "words": [list],
    "characters": [list, None],
    "intercept": [list],
    "scale": [FACTOR],
}


# What the first files of this schema lack: the sizes are then those of the parameters.
_ADDED = {"word_ngrams": None, "char_ngrams": None}


def save_ngrams(path: str | os.PathLike, parameters: dict[str, Any], model: NgramModel) -> None:
    """Write a fitted `NgramTextClassifier` into a file."""
    description, arrays = describe_ngrams(parameters, model)
    document = {
        "schema": SCHEMA,
        "class": _CLASS,
        "classes": encode_labels(model.targets.classes),
        "is_matrix": model.targets.is_matrix,
        "multilabel": model.targets.multilabel,
        **encode_columns(model.columns),
        "wide": description,
    }
    write_archive(path, {DOCUMENT: document}, arrays)


def load_ngrams(archive: ArchiveReader, document: Any) -> tuple[dict[str, Any], NgramModel]:
    """Read what `save_ngrams` wrote, or raise an error where anybody made it up.

    Returns
    -------
    parameters : dict of str to object
        The parameters of the classifier, which are not validated.
    model : NgramModel
        What its fit made.
    """
    content = checked_document(document, SCHEMA, _FIELDS)
    classes = decode_labels(content["classes"])
    if not len(classes):
        raise ValueError("there are no classes")
    targets = Targets(classes, content["is_matrix"], content["multilabel"])
    return restore_ngrams(archive, content["wide"], targets, decode_columns(_CLASS, content))


def describe_ngrams(
    parameters: dict[str, Any], model: NgramModel
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return parameters and a model without its targets and columns: a document and arrays."""
    ngrams = model.ngrams
    description = {
        "parameters": {name: encode(name, value) for name, value in parameters.items()},
        # The parameters may have been set to others since the fit.
        "word_ngrams": list(ngrams.words.counter.ngram_range),
        "char_ngrams": ngrams.characters and list(ngrams.characters.counter.ngram_range),
        "kind": model.kind,
        "words": ngrams.words.terms,
        "characters": ngrams.characters and ngrams.characters.terms,
        "intercept": model.intercept.tolist(),
        "scale": model.scale,
    }
    return description, {
        _COEF: model.coef,
        _IDF: np.concatenate([kind.idf for kind in ngrams.kinds]),
    }


def restore_ngrams(
    archive: ArchiveReader, content: Any, targets: Targets, columns: Columns
) -> tuple[dict[str, Any], NgramModel]:
    """Return what `describe_ngrams` described, or anybody made up; see `load_ngrams`."""
    content = checked(content, _MODEL, "wide", _ADDED)
    parameters = {name: decode(value) for name, value in content["parameters"].items()}
    of = content if content["word_ngrams"] is not None else parameters
    word_ngrams, char_ngrams = checked_sizes(of["word_ngrams"], of["char_ngrams"])
    n_words = len(content["words"])
    n_all = n_words + len(content["characters"] or ())
    idf = archive.array(_IDF, (n_all,), _FLOAT32)
    words = _restore_terms(word_counter(word_ngrams), content["words"], idf[:n_words])
    characters = None
    if content["characters"] is not None:
        if char_ngrams is None or content["kind"] != "texts":
            raise ValueError("there are n-grams of characters, and there should be none")
        counter = character_counter(char_ngrams)
        characters = _restore_terms(counter, content["characters"], idf[n_words:])
    intercept, n_rows = content["intercept"], n_decisions(targets)
    if len(intercept) != n_rows or not all(type(value) is float for value in intercept):
        raise ValueError(f"intercept does not hold {n_rows} numbers")
    coef = archive.array(_COEF, (n_rows, n_all), _FLOAT32)
    return parameters, NgramModel(
        content["kind"],
        columns,
        targets,
        Ngrams(words, characters),
        np.asfortranarray(coef, dtype=np.float32),
        np.array(intercept),
        float(content["scale"]),
    )


def _restore_terms(counter: Any, terms: list, idf: np.ndarray) -> Vocabulary:
    check_strings(terms, "the n-grams")
    if len(set(terms)) != len(terms):
        raise ValueError("an n-gram is there twice")
    return Vocabulary.of_terms(counter, terms, idf.astype(np.float32))
