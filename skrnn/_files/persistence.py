"""Fitted classifiers as files without pickle: what is in them, and whether it fits together."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from numbers import Integral, Real
from reprlib import repr as short_repr
from typing import Any

import keras
import numpy as np
import sklearn
import tensorflow as tf
from sklearn.utils._param_validation import Interval, StrOptions, validate_parameter_constraints

from .. import __version__
from .._classifier import LSTMTextClassifier
from .._data.readers import IdReader, TextReader
from .._data.seeds import Seeds
from .._data.targets import Targets
from .._network.architecture import ATTENTION_HEADS, Architecture, optimizer_config
from .._network.network import Network
from .._network.pool import Loan, borrow
from .archive import ArchiveReader, write_archive
from .plain import decode, encode

__all__ = ["load", "save"]

_SCHEMA = 1
_DOCUMENT = "estimator.json"
_EMBEDDINGS = "embeddings.npy"
_FLOAT32 = np.dtype(np.float32)

_COUNT = Interval(Integral, 0, None, closed="left")
_SIZE = Interval(Integral, 1, None, closed="left")
_RATE = Interval(Real, 0, 1, closed="left")

_FIELDS: dict[str, list] = {
    "schema": [_SIZE],
    "class": [StrOptions({LSTMTextClassifier.__name__})],
    "versions": [dict],
    "parameters": [dict],
    "embeddings": [list, None],
    "embedding_coverage": [Interval(Real, 0, 1, closed="both"), None],
    "classes": [dict],
    "is_matrix": ["boolean"],
    "reader": [dict, None],
    "n_features_in": [_SIZE, None],
    "feature_names_in": [list, None],
    "history": [dict],
    "n_iter": [_COUNT],
    "entropy": [_COUNT],
    "architecture": [dict],
    "with_optimizer": ["boolean"],
}

_ARCHITECTURE: dict[str, list] = {
    "n_outputs": [_SIZE],
    "multilabel": ["boolean"],
    "units": [list],
    "bidirectional": ["boolean"],
    "pooling": LSTMTextClassifier._parameter_constraints["pooling"],
    "vocabulary_size": [_SIZE, None],
    "embedding_dim": [_SIZE, None],
    "trainable_embeddings": ["boolean"],
    "n_features": [_SIZE, None],
    "word_dropout": [_RATE],
    "embedding_dropout": [_RATE],
    "recurrent_dropout": [_RATE],
    "dropout": [_RATE],
    "optimizer": [dict],
    "dtype_policy": [str],
}

# What the first files of this schema lack, with what was true then.
_ADDED = {"embedding_coverage": None, "trainable_embeddings": True}

# Labels of other kinds never pass a fit.
_LABEL_DTYPES = {"object": np.dtype(object), "str": np.dtype(str)} | {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
}


def save(clf: LSTMTextClassifier, path: str | os.PathLike, *, with_optimizer: bool) -> None:
    """Write a fitted classifier into a file.

    Parameters
    ----------
    clf : LSTMTextClassifier
        The classifier.
    path : str or path-like
        The file.
    with_optimizer : bool
        Whether to keep what only training needs.
    """
    if type(clf) is not LSTMTextClassifier:
        raise ValueError(
            f"{type(clf).__name__} cannot be saved without pickle: it is a subclass of"
            f" {LSTMTextClassifier.__name__}. Pickle it instead."
        )
    parameters = clf.get_params(deep=False)
    used = clf._loan.used
    shapes = _weight_shapes(used)
    weights = {variable.path: variable.numpy() for variable in clf._loan.network.model.variables}
    # Cut to what is used: the room of the network is not worth its bytes.
    arrays = {
        _weight_name(path): weights[path][tuple(map(slice, shape))]
        for path, shape in shapes.items()
    }
    if isinstance(clf.embeddings, np.ndarray):
        parameters["embeddings"] = "random"
        arrays[_EMBEDDINGS] = clf.embeddings.astype(np.float32)  # as the network takes them
    elif isinstance(clf.embeddings, os.PathLike):
        parameters["embeddings"] = os.fsdecode(clf.embeddings)
    elif not isinstance(clf.embeddings, str):
        raise ValueError(
            f"embeddings={short_repr(clf.embeddings)} cannot be saved without pickle. Pickle the"
            " classifier instead, or set embeddings='random' before: only a new fit would miss"
            " them."
        )
    if with_optimizer:
        for index, variable in enumerate(_training_state(clf._loan.network, shapes)):
            arrays[_state_name(index)] = variable.numpy()
    document = {
        "schema": _SCHEMA,
        "class": type(clf).__name__,
        "versions": {
            "skrnn": __version__,
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        "parameters": {name: encode(name, value) for name, value in parameters.items()},
        "embeddings": list(arrays[_EMBEDDINGS].shape) if _EMBEDDINGS in arrays else None,
        "embedding_coverage": vars(clf).get("embedding_coverage_"),
        "classes": _encode_labels(clf.classes_),
        "is_matrix": clf._targets.is_matrix,
        "reader": _encode_reader(vars(clf).get("_reader")),
        "n_features_in": vars(clf).get("n_features_in_"),
        "feature_names_in": encode("feature_names_in_", vars(clf).get("feature_names_in_")),
        "history": {name: list(map(float, values)) for name, values in clf.history_.items()},
        "n_iter": clf.n_iter_,
        "entropy": clf._seeds.entropy,
        "architecture": {**asdict(used), "optimizer": _encode_optimizer(used.optimizer)},
        "with_optimizer": with_optimizer,
    }
    write_archive(path, {_DOCUMENT: document}, arrays)


def load(path: str | os.PathLike) -> LSTMTextClassifier:
    """Read a classifier that `LSTMTextClassifier.save` wrote.

    The file may come from anybody: no part of it is ever executed or looked up outside
    of fixed tables, and the memory that loading takes is in proportion to its size.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    clf : LSTMTextClassifier
        A fitted classifier with the same predictions, in the last bit on the same
        machine and versions.

    Raises
    ------
    ValueError
        The file is damaged, made by a later version, or not of this kind at all.
    OSError
        There is no such file, or it cannot be read.

    See Also
    --------
    LSTMTextClassifier.save : Write the file.
    """
    with open(path, "rb") as file:
        try:
            return _read(ArchiveReader(file))
        # What can go wrong in a file that anybody made up is beyond listing: zipfile
        # alone raises eight kinds of errors.
        except Exception as error:
            reason = str(error) if isinstance(error, ValueError) else repr(error)
            raise ValueError(f"{os.fspath(path)!r} cannot be loaded: {reason}") from error


def _read(archive: ArchiveReader) -> LSTMTextClassifier:
    document = archive.document(_DOCUMENT)
    if isinstance(document, dict) and document.get("schema") != _SCHEMA:
        raise ValueError(
            f"it has schema {document.get('schema')!r}, and skrnn {__version__} reads {_SCHEMA}"
        )
    content = _checked(document, _FIELDS, _DOCUMENT)
    architecture = _decode_architecture(content["architecture"])
    classes = _decode_labels(content["classes"])
    reader = _decode_reader(content["reader"])
    if (
        len(classes) != architecture.n_outputs
        or (reader.vocabulary_size if reader else None) != architecture.vocabulary_size
        or (architecture.embedding_dim is None) != (reader is None)
        or (architecture.n_features is None) != (reader is not None)
    ):
        raise ValueError("classes, vocabulary and architecture do not belong together")

    clf = LSTMTextClassifier(**{name: decode(v) for name, v in content["parameters"].items()})
    clf._validate_params()
    if content["embeddings"] is not None:
        clf.embeddings = archive.array(_EMBEDDINGS, tuple(content["embeddings"]), _FLOAT32).copy()
    clf._seeds = Seeds(content["entropy"])
    clf._loan = _read_network(archive, architecture, clf._seeds, content["with_optimizer"])
    archive.check_all_read()

    clf.classes_ = classes
    clf.n_classes_ = len(classes)
    # Made of the facts, as by unpickling: there is no y to learn them from.
    clf._targets = object.__new__(Targets)
    clf._targets.classes = classes
    clf._targets.is_matrix = content["is_matrix"]
    clf._targets.multilabel = architecture.multilabel
    if reader is not None:
        clf._reader = reader
    if isinstance(reader, TextReader):
        clf.vectorizer_ = reader.vectorizer
    if content["embedding_coverage"] is not None:
        clf.embedding_coverage_ = content["embedding_coverage"]
    if content["n_features_in"] is not None:
        clf.n_features_in_ = content["n_features_in"]
    if content["feature_names_in"] is not None:
        _check_strings(content["feature_names_in"], "feature_names_in")
        clf.feature_names_in_ = np.array(content["feature_names_in"], dtype=object)
    clf.history_ = {
        name: [float(value) for value in values] for name, values in content["history"].items()
    }
    clf.n_iter_ = content["n_iter"]
    return clf


def _read_network(
    archive: ArchiveReader, used: Architecture, seeds: Seeds, with_optimizer: bool
) -> Loan:
    shapes = _weight_shapes(used)
    hidden_dtype = np.dtype(keras.config.dtype_policy().variable_dtype)
    # Read before a network is made: its size is then the file's, whatever the
    # architecture claims.
    weights = {}
    for path, shape in shapes.items():
        dtype = _FLOAT32 if path.startswith("output/") else hidden_dtype
        weights[path] = archive.array(_weight_name(path), shape, dtype)
    loan = borrow(used)
    network = loan.network
    network.reset(seeds, used)  # which makes the room inert
    for variable in network.model.variables:
        if variable.path in shapes:
            value = variable.numpy()
            value[tuple(map(slice, shapes[variable.path]))] = weights[variable.path]
            variable.assign(value)
    if with_optimizer:
        for index, variable in enumerate(_training_state(network, shapes)):
            shape, dtype = tuple(variable.shape), np.dtype(variable.dtype)
            variable.assign(archive.array(_state_name(index), shape, dtype))
    return loan


def _weight_shapes(a: Architecture) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all weights by path, without making any."""
    shapes: dict[str, tuple[int, ...]] = {}
    width = a.embedding_dim or a.n_features or 0
    if a.vocabulary_size:
        shapes["embedding/embeddings"] = (a.vocabulary_size, width)
    for index, units in enumerate(a.units):
        cells = [f"lstm_{index}/lstm_cell"]
        if a.bidirectional:
            layer = f"bidirectional_{index}"
            cells = [f"{layer}/{way}_lstm_{index}/lstm_cell" for way in ("forward", "backward")]
        for cell in cells:
            shapes[f"{cell}/kernel"] = (width, 4 * units)
            shapes[f"{cell}/recurrent_kernel"] = (units, 4 * units)
            shapes[f"{cell}/bias"] = (4 * units,)
        width = units * len(cells)
    kinds = a.pooling.split("+")
    if "attention" in kinds:
        shapes["attention/kernel"] = (width, ATTENTION_HEADS)
    width *= sum(ATTENTION_HEADS if kind == "attention" else 1 for kind in kinds)
    shapes["output/kernel"] = (width, a.n_outputs)
    shapes["output/bias"] = (a.n_outputs,)
    return shapes


def _training_state(network: Network, shapes: dict[str, tuple[int, ...]]) -> list[keras.Variable]:
    """Return what is no weight: random generators and the optimizer, with all room."""
    variables = [*network.model.variables, *network.model.optimizer.variables]
    return [variable for variable in variables if variable.path not in shapes]


def _weight_name(path: str) -> str:
    return f"weights/{path}.npy"


def _state_name(index: int) -> str:
    return f"state/{index}.npy"


def _encode_optimizer(config: str) -> Any:
    return encode("optimizer", keras.optimizers.deserialize(json.loads(config)))


def _decode_architecture(content: Any) -> Architecture:
    content = _checked(content, _ARCHITECTURE, "architecture")
    if not content["units"]:
        raise ValueError("the architecture has no layers")
    for units in content["units"]:
        _checked({"units": units}, {"units": [_SIZE]}, "architecture")
    policy = keras.config.dtype_policy().name
    if content["dtype_policy"] != policy:
        raise ValueError(
            f"it was trained under the dtype policy {content['dtype_policy']!r}, and now"
            f" keras.config.dtype_policy() is {policy!r}"
        )
    optimizer = decode(content["optimizer"])
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ValueError("the architecture has no optimizer")
    return Architecture(
        **{**content, "units": tuple(content["units"]), "optimizer": optimizer_config(optimizer)}
    )


def _encode_labels(labels: np.ndarray) -> dict[str, Any]:
    name = "str" if labels.dtype.kind == "U" else labels.dtype.name
    values = labels.tolist()
    if name not in _LABEL_DTYPES or (name == "object" and not _are_strings(values)):
        raise ValueError(f"classes_ of dtype {labels.dtype} cannot be saved without pickle.")
    return {"dtype": name, "labels": values}


def _decode_labels(content: dict[str, Any]) -> np.ndarray:
    labels, dtype = content["labels"], _LABEL_DTYPES[content["dtype"]]
    if dtype.kind in "OU":
        _check_strings(labels, "classes")
    classes = np.array(labels, dtype=dtype)
    if classes.ndim != 1 or classes.tolist() != labels or (classes[1:] <= classes[:-1]).any():
        raise ValueError("classes are not a sorted list of distinct labels of their dtype")
    return classes


def _encode_reader(reader: TextReader | IdReader | None) -> dict[str, Any] | None:
    if reader is None:
        return None
    if isinstance(reader, IdReader):
        return {"kind": reader.kind, "ids": reader.ids.tolist()}
    vectorizer = reader.vectorizer
    return {
        "kind": reader.kind,
        "vectorizer": encode("vectorizer", vectorizer),
        "vocabulary": reader.tokens,
    }


def _decode_reader(content: dict[str, Any] | None) -> TextReader | IdReader | None:
    if content is None:
        return None
    if content["kind"] == IdReader.kind:
        ids = np.array(content["ids"], dtype=np.int64)
        if ids.ndim != 1 or ids.tolist() != content["ids"] or (np.diff(ids, prepend=0) <= 0).any():
            raise ValueError("ids are not a sorted list of distinct positive integers")
        id_reader = IdReader()
        id_reader.ids = ids
        return id_reader
    if content["kind"] != TextReader.kind:
        raise ValueError(f"a reader of the unknown kind {content['kind']!r}")
    vectorizer = decode(content["vectorizer"])
    text_reader = TextReader(vectorizer)
    vectorizer = text_reader.vectorizer
    vectorizer._validate_params()
    # What the constraints of the parameters leave to fit.
    if not all(isinstance(size, int) for size in vectorizer.ngram_range):
        raise ValueError("ngram_range does not hold integers")
    vectorizer._validate_ngram_range()
    vectorizer.build_analyzer()
    terms = content["vocabulary"]
    _check_strings(terms, "vocabulary")
    vectorizer.vocabulary_ = {term: index for index, term in enumerate(terms)}
    if len(vectorizer.vocabulary_) != len(terms):
        raise ValueError("a word is twice in the vocabulary")
    vectorizer.fixed_vocabulary_ = vectorizer.vocabulary is not None
    return text_reader


def _checked(content: Any, constraints: dict[str, list], name: str) -> dict[str, Any]:
    """Return a document's dictionary whose fields are those of ``constraints``."""
    if isinstance(content, dict):
        content = {name: _ADDED[name] for name in constraints if name in _ADDED} | content
    if not isinstance(content, dict) or content.keys() != constraints.keys():
        raise ValueError(f"{name} does not have the fields {', '.join(constraints)}")
    validate_parameter_constraints(constraints, content, name)
    return content


def _are_strings(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _check_strings(values: Any, name: str) -> None:
    if not _are_strings(values):
        raise ValueError(f"{name} is not a list of strings")
