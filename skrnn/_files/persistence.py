"""A fitted model and the parameters of its classifier in a file without pickle."""

from __future__ import annotations

import os
from dataclasses import asdict
from numbers import Integral, Real
from typing import Any

import keras
import numpy as np
import sklearn
import tensorflow as tf
from sklearn.utils._param_validation import Interval, StrOptions, validate_parameter_constraints

from .._data.brief import brief
from .._data.columns import Columns
from .._data.readers import READERS, NumberReader, Reader, TextReader
from .._data.seeds import Seeds
from .._data.targets import Targets
from .._model import Model
from .._network.architecture import POOLINGS, Architecture
from .._network.build import optimizer_config, optimizer_of
from .._network.pool import Loan, borrow
from .._network.stages import weight_shapes
from .._version import __version__
from .archive import ArchiveReader, write_archive
from .plain import decode, encode

_SCHEMA = 1
_CLASS = "LSTMTextClassifier"
DOCUMENT = "estimator.json"
_EMBEDDINGS = "embeddings.npy"
_FLOAT32 = np.dtype(np.float32)

_COUNT = Interval(Integral, 0, None, closed="left")
SIZE = Interval(Integral, 1, None, closed="left")
_RATE = Interval(Real, 0, 1, closed="left")

_FIELDS: dict[str, list] = {
    "schema": [SIZE],
    "class": [StrOptions({_CLASS})],
    "versions": [dict],
    "parameters": [dict],
    "embeddings": [list, None],
    "embedding_coverage": [Interval(Real, 0, 1, closed="both"), None],
    "classes": [dict],
    "is_matrix": ["boolean"],
    "reader": [dict, None],
    "n_features_in": [SIZE, None],
    "feature_names_in": [list, None],
    "history": [dict],
    "n_iter": [_COUNT],
    "entropy": [_COUNT],
    "architecture": [dict],
    "with_optimizer": ["boolean"],
}

_ARCHITECTURE: dict[str, list] = {
    "n_outputs": [SIZE],
    "multilabel": ["boolean"],
    "units": [list],
    "bidirectional": ["boolean"],
    "pooling": [StrOptions(set(POOLINGS))],
    "vocabulary_size": [SIZE, None],
    "embedding_dim": [SIZE, None],
    "trainable_embeddings": ["boolean"],
    "n_features": [SIZE, None],
    "normalized": ["boolean"],
    "frame_length": [SIZE],
    "word_dropout": [_RATE],
    "embedding_dropout": [_RATE],
    "recurrent_dropout": [_RATE],
    "dropout": [_RATE],
    "optimizer": [dict],
    "dtype_policy": [str],
    "n_parts": [_COUNT],
    "n_part_entries": [_COUNT],
}

# Fields that the first files of this schema lack, with the values that hold for them.
_ADDED = {
    "embedding_coverage": None,
    "trainable_embeddings": True,
    "n_parts": 0,
    "n_part_entries": 0,
    "normalized": False,
    "frame_length": 1,
    "intercept": 0.0,
}

# Labels of other kinds never pass a fit.
_LABEL_DTYPES = {"object": np.dtype(object), "str": np.dtype(str)} | {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
}


def save(
    path: str | os.PathLike, parameters: dict[str, Any], model: Model, *, with_optimizer: bool
) -> None:
    """Write a fitted classifier into a file.

    Parameters
    ----------
    path : str or path-like
        The file.
    parameters, model, with_optimizer : see `describe`
        The classifier.
    """
    document, arrays = describe(parameters, model, with_optimizer=with_optimizer)
    write_archive(path, {DOCUMENT: document}, arrays)


def describe(
    parameters: dict[str, Any], model: Model, *, with_optimizer: bool
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return a fitted classifier as a document and arrays.

    Parameters
    ----------
    parameters : dict of str to object
        The parameters of the classifier.
    model : Model
        What its fit made.
    with_optimizer : bool
        Whether to keep what only training needs.

    Returns
    -------
    document : dict
        What becomes JSON.
    arrays : dict of str to ndarray
        The arrays, by the names of their members.
    """
    network = model.loan.network
    arrays = {_weight_name(name): value for name, value in network.get_weights().items()}
    parameters = dict(parameters)
    embeddings = parameters["embeddings"]
    if isinstance(embeddings, np.ndarray):
        parameters["embeddings"] = "random"
        arrays[_EMBEDDINGS] = embeddings.astype(np.float32)  # as the network takes them
    elif isinstance(embeddings, os.PathLike):
        parameters["embeddings"] = os.fsdecode(embeddings)
    elif not isinstance(embeddings, str):
        raise ValueError(
            f"embeddings={brief(embeddings)} cannot be saved without pickle. Pickle the"
            " classifier instead, or set embeddings='random' before: only a new fit would miss"
            " them."
        )
    if with_optimizer:
        for index, variable in enumerate(network.training_variables()):
            arrays[_state_name(index)] = variable.numpy()
    architecture = model.loan.architecture
    document = {
        "schema": _SCHEMA,
        "class": _CLASS,
        "versions": {
            "skrnn": __version__,
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        "parameters": {name: encode(name, value) for name, value in parameters.items()},
        "embeddings": list(arrays[_EMBEDDINGS].shape) if _EMBEDDINGS in arrays else None,
        "embedding_coverage": model.embedding_coverage,
        "classes": encode_labels(model.targets.classes),
        "is_matrix": model.targets.is_matrix,
        "reader": _encode_reader(model.reader),
        **encode_columns(model.reader.columns),
        "history": {name: list(map(float, values)) for name, values in model.history.items()},
        "n_iter": model.n_epochs,
        "entropy": model.seeds.entropy,
        "architecture": {
            **asdict(architecture),
            "optimizer": _encode_optimizer(architecture.optimizer),
        },
        "with_optimizer": with_optimizer,
    }
    return document, arrays


def restore(archive: ArchiveReader, document: Any) -> tuple[dict[str, Any], Model]:
    """Return what `describe` described, or anybody made up.

    Parameters
    ----------
    archive : ArchiveReader
        Where the arrays are.
    document : object
        The document.

    Returns
    -------
    parameters : dict of str to object
        The parameters of the classifier, which are not validated.
    model : Model
        What its fit made.

    Raises
    ------
    Exception
        The file is damaged, made by a later version, or not of this kind at all.
    """
    if isinstance(document, dict) and document.get("schema") != _SCHEMA:
        raise ValueError(
            f"it has schema {document.get('schema')!r}, and skrnn {__version__} reads {_SCHEMA}"
        )
    content = checked(document, _FIELDS, DOCUMENT)
    architecture = _decode_architecture(content["architecture"])
    classes = decode_labels(content["classes"])
    columns = decode_columns(_CLASS, content)
    reader = _decode_reader(content["reader"], columns, architecture)
    if (
        len(classes) != architecture.n_outputs
        or reader.vocabulary_size != architecture.vocabulary_size
        or (architecture.embedding_dim is None) != (reader.vocabulary_size is None)
        or reader.n_features != architecture.n_features
        or (reader.n_features is None and architecture.frame_length > 1)
        or reader.n_parts != architecture.n_parts
        or reader.n_part_entries != architecture.n_part_entries
    ):
        raise ValueError("classes, vocabulary and architecture do not belong together")

    parameters = {name: decode(value) for name, value in content["parameters"].items()}
    if content["embeddings"] is not None:
        shape = tuple(content["embeddings"])
        parameters["embeddings"] = archive.array(_EMBEDDINGS, shape, _FLOAT32).copy()
    seeds = Seeds(content["entropy"])
    loan = _read_network(archive, architecture, seeds, content["with_optimizer"])
    if isinstance(reader, TextReader) and reader.parts is not None:
        loan.network.set_parts(reader.parts.of_ids)
    history = {
        name: [float(value) for value in values] for name, values in content["history"].items()
    }
    targets = Targets(classes, content["is_matrix"], architecture.multilabel)
    return parameters, Model(reader, targets, loan, seeds, history, content["embedding_coverage"])


def _read_network(
    archive: ArchiveReader, architecture: Architecture, seeds: Seeds, with_optimizer: bool
) -> Loan:
    hidden_dtype = np.dtype(keras.config.dtype_policy().variable_dtype)
    # Read before a network is made: its size is then the file's, whatever the
    # architecture claims.
    weights = {}
    for path, shape in weight_shapes(architecture).items():
        dtype = _FLOAT32 if path.startswith("output/") else hidden_dtype
        weights[path] = archive.array(_weight_name(path), shape, dtype)
    loan = borrow(architecture)
    network = loan.network
    network.reset(seeds)  # which makes the room inert
    network.set_weights(weights)
    network.start_optimizer()
    if with_optimizer:
        for index, variable in enumerate(network.training_variables()):
            shape, dtype = tuple(variable.shape), np.dtype(variable.dtype)
            variable.assign(archive.array(_state_name(index), shape, dtype))
    return loan


def _weight_name(path: str) -> str:
    return f"weights/{path}.npy"


def _state_name(index: int) -> str:
    return f"state/{index}.npy"


def _encode_optimizer(config: str) -> Any:
    return encode("optimizer", optimizer_of(config))


def _decode_architecture(content: Any) -> Architecture:
    content = checked(content, _ARCHITECTURE, "architecture")
    if not content["units"]:
        raise ValueError("the architecture has no layers")
    for units in content["units"]:
        checked({"units": units}, {"units": [SIZE]}, "architecture")
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
        raise ValueError(f"classes_ of dtype {labels.dtype} cannot be saved without pickle.")
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


def _encode_reader(reader: Reader) -> dict[str, Any] | None:
    if isinstance(reader, NumberReader):
        return None  # the architecture has the number of features
    description = reader.describe()
    if isinstance(reader, TextReader):
        description["vectorizer"] = encode("vectorizer", description["vectorizer"])
    return {"kind": reader.kind, **description}


def _decode_reader(
    content: dict[str, Any] | None, columns: Columns, architecture: Architecture
) -> Reader:
    if content is None:
        if architecture.n_features is None:
            raise ValueError("there is no reader")
        return NumberReader(columns, architecture.n_features)
    kind = content["kind"]
    if kind not in READERS or kind == NumberReader.kind:
        raise ValueError(f"a reader of the unknown kind {kind!r}")
    if kind == TextReader.kind:
        vectorizer = decode(content["vectorizer"])
        # Files that say nothing of parts are older than parts.
        content = {"subwords": False, **content, "vectorizer": vectorizer}
    return READERS[kind].restore(columns, content)


def checked(content: Any, constraints: dict[str, list], name: str) -> dict[str, Any]:
    """Return a document's dictionary whose fields are those of ``constraints``."""
    if isinstance(content, dict):
        content = {name: _ADDED[name] for name in constraints if name in _ADDED} | content
    if not isinstance(content, dict) or content.keys() != constraints.keys():
        raise ValueError(f"{name} does not have the fields {', '.join(constraints)}")
    validate_parameter_constraints(constraints, content, name)
    return content


def _are_strings(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def check_strings(values: Any, name: str) -> None:
    if not _are_strings(values):
        raise ValueError(f"{name} is not a list of strings")
