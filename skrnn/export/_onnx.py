"""From a fitted classifier to an ONNX graph."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._data.readers import IdReader
from .._data.sequences import FIRST_TOKEN, PADDING, UNKNOWN
from .._optional import import_optional
from ..layers._pooling import SHARPNESS

if TYPE_CHECKING:
    import keras
    import onnx

    from .._classifier import LSTMTextClassifier

# Of the year 2020: every runtime in use reads it.
_OPSET, _ML_OPSET, _IR_VERSION = 13, 2, 7


def to_onnx(
    clf: LSTMTextClassifier, path: str | os.PathLike[str] | None = None
) -> onnx.ModelProto:
    """Return a fitted classifier as an ONNX model.

    The graph takes batches of any size and length, of shape (batch, length), and returns
    probabilities. Texts are turned into ids outside of it: ONNX has no operator that
    cuts texts as Python's regular expressions do.

    Parameters
    ----------
    clf : LSTMTextClassifier
        A fitted classifier.
    path : str, path-like or None, default=None
        A file to write the model to.

    Returns
    -------
    model : onnx.ModelProto
        The model, which `onnx.checker.check_model` has passed.

    Raises
    ------
    ImportError
        The package onnx is missing; the extra ``skrnn[onnx]`` installs it.
    sklearn.exceptions.NotFittedError
        The classifier is not fitted.

    See Also
    --------
    LSTMTextClassifier.to_keras : The same for Keras.

    Notes
    -----
    The input is named ``ids`` (int64), or ``steps`` (float32, of shape (batch, length,
    n_features)) with ``embedding_dim=None``. The output ``probabilities`` (float32) has
    one column per class.

    Where the classifier was fitted on texts the ids are those of
    ``clf.vectorizer_.transform(texts)``. Where it was fitted on ids they are the user's
    own; the graph looks them up. In both cases 0 is padding on the right, and any
    amount of it gives the same result. Every row needs at least one id; for a text
    without tokens that is 1, the unknown token.

    ``model.metadata_props`` holds, as JSON:

    - ``classes``: the labels, in the order of the probabilities;
    - ``multilabel``: whether the probabilities are independent of each other;
    - ``vocabulary``: the terms, of which the first has the id 2 (texts only);
    - ``vectorizer``: the other parameters of the vectorizer (texts only).

    Examples
    --------
    >>> import onnxruntime
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.export import to_onnx
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, random_state=0).fit(texts, labels)
    >>> session = onnxruntime.InferenceSession(to_onnx(clf).SerializeToString())
    >>> ids = clf.vectorizer_.transform(["wheat and maize exports"]).astype("int64")
    >>> probabilities, = session.run(None, {"ids": ids})
    >>> clf.classes_[probabilities.argmax(axis=1)].tolist()
    ['grain']
    """
    onnx = import_optional("onnx", extra="onnx", needed_by="to_onnx")
    check_is_fitted(clf)
    graph = _Graph(onnx)
    inputs, outputs = _add_network(graph, clf, clf.to_keras())
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes, "lstm_text_classifier", inputs, outputs, graph.constants
        ),
        producer_name="skrnn",
        ir_version=_IR_VERSION,
        opset_imports=[
            onnx.helper.make_opsetid("", _OPSET),
            onnx.helper.make_opsetid("ai.onnx.ml", _ML_OPSET),
        ],
    )
    onnx.helper.set_model_props(model, _metadata(clf))
    onnx.checker.check_model(model, full_check=True)
    if path is not None:
        onnx.save(model, os.fspath(path))
    return model


class _Graph:
    """Nodes and constants under construction; every node has one result in use."""

    def __init__(self, onnx: Any) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(
        self,
        operator: str,
        *inputs: str,
        name: str | None = None,
        result: int = 0,
        **attributes: Any,
    ) -> str:
        """Add a node and return the name of the result of that number."""
        name = name or f"{operator.lower()}_{len(self.nodes)}"
        outputs = [""] * result + [name]
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, outputs, **attributes))
        return name

    def constant(self, value: Any, dtype: str = "float32") -> str:
        """Add a constant and return its name."""
        name = f"constant_{len(self.constants)}"
        array = np.ascontiguousarray(value, dtype=dtype)
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def cast(self, value: str, dtype: str) -> str:
        """Add a conversion and return its name."""
        kind = self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.add("Cast", value, to=kind)

    def describe(self, name: str, dtype: str, shape: list[Any]) -> Any:
        """Return the description of an input or output."""
        kind = self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.onnx.helper.make_tensor_value_info(name, kind, shape)


def _add_network(
    graph: _Graph, clf: LSTMTextClassifier, model: keras.Model
) -> tuple[list[Any], list[Any]]:
    """Add all nodes and return the descriptions of inputs and outputs."""
    a = clf._loan.used
    lengths = is_step = ""
    if a.embedding_dim is None:
        inputs = graph.describe("steps", "float32", ["batch", "length", a.n_features])
        steps = "steps"
    else:
        inputs = graph.describe("ids", "int64", ["batch", "length"])
        ids = _add_lookup(graph, clf._reader) if isinstance(clf._reader, IdReader) else "ids"
        # What is made of steps has time first, as ONNX' recurrence has.
        is_padding = graph.add("Equal", ids, graph.constant(PADDING, "int64"))
        is_step = graph.add("Transpose", graph.add("Not", is_padding), perm=[1, 0])
        lengths = graph.add(
            "ReduceSum", graph.cast(is_step, "int32"), graph.constant([0], "int64"), keepdims=0
        )
        is_step = graph.add("Unsqueeze", is_step, graph.constant([2], "int64"))
        (table,) = model.get_layer("embedding").get_weights()
        steps = graph.add("Gather", graph.constant(table), ids)
    steps = graph.add("Transpose", steps, perm=[1, 0, 2])
    pooled = _add_layers(graph, clf, model, steps, lengths, is_step)
    kernel, bias = model.get_layer("output").get_weights()
    logits = graph.add("Gemm", pooled, graph.constant(kernel), graph.constant(bias))
    if a.multilabel:
        outputs = graph.add("Sigmoid", logits, name="probabilities")
    else:
        outputs = graph.add("Softmax", logits, name="probabilities", axis=1)
    return [inputs], [graph.describe(outputs, "float32", ["batch", a.n_outputs])]


def _add_lookup(graph: _Graph, reader: IdReader) -> str:
    known = np.arange(FIRST_TOKEN, FIRST_TOKEN + len(reader.ids))
    return graph.add(
        "LabelEncoder",
        "ids",
        domain="ai.onnx.ml",
        keys_int64s=[PADDING, *reader.ids.tolist()],
        values_int64s=[PADDING, *known.tolist()],
        default_int64=UNKNOWN,
    )


def _add_layers(
    graph: _Graph,
    clf: LSTMTextClassifier,
    model: keras.Model,
    steps: str,
    lengths: str,
    is_step: str,
) -> str:
    """Add recurrence and pooling and return the vectors of shape (batch, features)."""
    a = clf._loan.used
    for index, units in enumerate(a.units):
        name = f"bidirectional_{index}" if a.bidirectional else f"lstm_{index}"
        weights = _directions(model.get_layer(name).get_weights())
        is_last = a.pooling == "last" and index == len(a.units) - 1
        outputs = graph.add(
            "LSTM",
            steps,
            *map(graph.constant, weights),
            lengths,
            result=1 if is_last else 0,
            direction="bidirectional" if a.bidirectional else "forward",
            hidden_size=units,
        )
        if is_last:  # (directions, batch, units)
            outputs = graph.add("Transpose", outputs, perm=[1, 0, 2])
            return graph.add("Reshape", outputs, graph.constant([0, -1], "int64"))
        # (length, directions, batch, units), with zeros at padding
        outputs = graph.add("Transpose", outputs, perm=[0, 2, 1, 3])
        steps = graph.add("Reshape", outputs, graph.constant([0, 0, -1], "int64"))
    pooled = []
    if "max" in a.pooling:
        # No output of an LSTM is below -1: padding is never the only largest value.
        visible = graph.add("Where", is_step, steps, graph.constant(-1.0)) if is_step else steps
        pooled.append(graph.add("ReduceMax", visible, axes=[0], keepdims=0))
    if "mean" in a.pooling and not lengths:
        pooled.append(graph.add("ReduceMean", steps, axes=[0], keepdims=0))
    elif "mean" in a.pooling:
        sums = graph.add("ReduceSum", steps, graph.constant([0], "int64"), keepdims=0)
        counts = graph.cast(lengths, "float32")
        counts = graph.add("Unsqueeze", counts, graph.constant([1], "int64"))
        pooled.append(graph.add("Div", sums, counts))
    if "attention" in a.pooling:
        (kernel,) = model.get_layer("attention").get_weights()
        # (length, batch, heads)
        scores = graph.add("MatMul", steps, graph.constant(SHARPNESS * kernel))
        if is_step:
            scores = graph.add("Where", is_step, scores, graph.constant(-np.inf))
        shares = graph.add("Transpose", graph.add("Softmax", scores, axis=0), perm=[1, 2, 0])
        features = graph.add("Transpose", steps, perm=[1, 0, 2])
        means = graph.add("MatMul", shares, features)  # (batch, heads, features)
        pooled.append(graph.add("Reshape", means, graph.constant([0, -1], "int64")))
    return pooled[0] if len(pooled) == 1 else graph.add("Concat", *pooled, axis=1)


def _directions(weights: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return the weights W, R and B of ONNX' LSTM for one or two directions of Keras'."""
    kernels, recurrent_kernels, biases = weights[0::3], weights[1::3], weights[2::3]
    zeros = np.zeros_like(biases[0])  # ONNX has a second bias for the recurrence
    return (
        np.stack([_swap_gates(kernel).T for kernel in kernels]),
        np.stack([_swap_gates(kernel).T for kernel in recurrent_kernels]),
        np.stack([np.concatenate([_swap_gates(bias), zeros]) for bias in biases]),
    )


def _swap_gates(weights: np.ndarray) -> np.ndarray:
    """Go from Keras' gate order (i, f, c, o) to that of ONNX (i, o, f, c)."""
    i, f, c, o = np.split(weights, 4, axis=-1)
    return np.concatenate([i, o, f, c], axis=-1)


def _metadata(clf: LSTMTextClassifier) -> dict[str, str]:
    values: dict[str, Any] = {
        "classes": clf.classes_.tolist(),
        "multilabel": clf._targets.multilabel,
    }
    if hasattr(clf, "vectorizer_"):
        params = clf.vectorizer_.get_params(deep=False)
        values["vocabulary"] = clf.vectorizer_.get_feature_names_out().tolist()
        values["vectorizer"] = {k: v for k, v in params.items() if k != "vocabulary"}
    return {name: json.dumps(value, default=str) for name, value in values.items()}
