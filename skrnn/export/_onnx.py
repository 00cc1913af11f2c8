"""From a fitted classifier to an ONNX graph."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin

from .._data.readers import IdReader, TextReader
from .._data.sequences import FIRST_TOKEN, PADDING, UNKNOWN
from .._data.targets import as_list
from .._model import Model, model_of
from .._network.flow import Flow
from .._network.stages import first_stage_of, stages_of
from .._optional import import_optional

if TYPE_CHECKING:
    import onnx

# Of the year 2020: every runtime in use reads it.
_OPSET, _ML_OPSET, _IR_VERSION = 13, 2, 7

# Taken from the place of an id, it comes before all padding.
_BEFORE_ALL = 2**30


def to_onnx(clf: ClassifierMixin, path: str | os.PathLike[str] | None = None) -> onnx.ModelProto:
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
    TypeError
        It is another estimator.

    See Also
    --------
    LSTMTextClassifier.to_keras : The same for Keras.

    Notes
    -----
    The input is named ``ids`` (int64), or ``steps`` (float32, of shape (batch, length,
    n_features), with NaN as padding on the right) with ``embedding_dim=None``. The output
    ``probabilities`` (float32) has one column per class.

    Where the classifier was fitted on texts the ids are those of ``to_ids(clf, texts)``:
    ``clf.vectorizer_.transform(texts)``, in which, where words have parts, every 1 of a word
    is followed by the numbers of the word's parts: -1 for the first of ``parts``, -2 for
    the second, and so on; 0 is padding on the right, and every row needs at least one id,
    which is 1, the unknown token, for a text without tokens. Where it was fitted on ids they
    are those of `fit`: the graph looks them up, and 0 is padding wherever it stands. Any
    amount of padding gives the same result.

    ``model.metadata_props`` holds, as JSON:

    - ``classes``: the labels, in the order of the probabilities;
    - ``multilabel``: whether the probabilities are independent of each other;
    - ``vocabulary``: the terms, of which the first has the id 2 (texts only);
    - ``vectorizer``: the other parameters of the vectorizer (texts only);
    - ``parts``: where words have parts, the names of these. The parts of a word are its
      distinct substrings of 3 to 5 characters between "<" and ">", ordered by length and then
      by where they begin; of one or two letters of a script without case they are the
      letters. A word that is longer has those of its first 1,000 characters.

    Examples
    --------
    >>> import onnxruntime
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.export import to_ids, to_onnx
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, random_state=0).fit(texts, labels)
    >>> session = onnxruntime.InferenceSession(to_onnx(clf).SerializeToString())
    >>> ids = to_ids(clf, ["wheat and maize export"]).astype("int64")
    >>> probabilities, = session.run(None, {"ids": ids})
    >>> clf.classes_[probabilities.argmax(axis=1)].tolist()
    ['grain']
    """
    onnx = import_optional("onnx", extra="onnx", needed_by="to_onnx")
    fitted = model_of(clf, "to_onnx")
    graph = _Graph(onnx)
    inputs, outputs = _add_network(graph, fitted)
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
    onnx.helper.set_model_props(model, _metadata(fitted))
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
        outputs = [*(f"{name}_unused_{index}" for index in range(result)), name]
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


def _add_network(graph: _Graph, model: Model) -> tuple[list[Any], list[Any]]:
    """Add all nodes and return the descriptions of inputs and outputs."""
    a = model.loan.architecture
    first = first_stage_of(a)
    inputs = graph.describe(first.name, first.onnx_dtype, ["batch", "length", *first.step_shape])
    values = first.name
    if isinstance(model.reader, IdReader):
        values = _add_lookup(graph, model.reader)
    flow, weights = Flow(values), model.loan.network.stock_weights()
    for stage in stages_of(a):
        flow = stage.onnx(graph, flow, weights)
    return [inputs], [graph.describe(flow.values, "float32", ["batch", a.n_outputs])]


def _add_lookup(graph: _Graph, reader: IdReader) -> str:
    """Look up the ids of the user as `IdReader` does, and move padding to the right."""
    known = np.arange(FIRST_TOKEN, FIRST_TOKEN + len(reader.ids))
    ids = graph.add(
        "LabelEncoder",
        "ids",
        domain="ai.onnx.ml",
        keys_int64s=[PADDING, *reader.ids.tolist()],
        values_int64s=[PADDING, *known.tolist()],
        default_int64=UNKNOWN,
    )
    padding, axis = graph.constant(PADDING, "int64"), graph.constant(1, "int64")
    is_step = graph.cast(graph.add("Greater", ids, padding), "int64")
    ones = graph.cast(graph.add("Equal", ids, ids), "int64")
    places = graph.add("CumSum", ones, axis)
    steps_first = graph.add("Mul", is_step, graph.constant(_BEFORE_ALL, "int64"))
    ranks = graph.add("Sub", steps_first, places)
    length = graph.add("Gather", graph.add("Shape", ids), graph.constant([1], "int64"))
    order = graph.add("TopK", ranks, length, result=1)
    ids = graph.add("GatherElements", ids, order, axis=1)
    # A row of padding is one unknown token.
    is_first = graph.cast(graph.add("Equal", places, axis), "int64")
    return graph.add("Max", ids, is_first)


def _metadata(model: Model) -> dict[str, str]:
    values: dict[str, Any] = {
        "classes": as_list(model.targets.classes),
        "multilabel": model.targets.multilabel,
    }
    if isinstance(model.reader, TextReader):
        params = model.reader.vectorizer.get_params(deep=False)
        values["vocabulary"] = model.reader.tokens
        params["maxlen"] = model.reader.vectorizer.maxlen_
        values["vectorizer"] = {k: v for k, v in params.items() if k != "vocabulary"}
        if model.reader.parts is not None:
            values["parts"] = model.reader.parts.names
    return {name: json.dumps(value, default=str) for name, value in values.items()}
