"""The layers of a network, each described once for all that is made of it.

A stage is one layer, or a few that belong together. It gives the shapes of its weights
(for files), the layer that is trained, the stock Keras layer that gives the same outputs
(for `to_keras`), and its ONNX nodes (for `to_onnx`). `stages_of` lists the stages of an
architecture in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import keras
import numpy as np
from keras import ops

from .._data.sequences import PADDING, UNKNOWN
from ..layers import (
    AttentionPooling1D,
    FeatureNormalization,
    FusedLSTM,
    MaskedMaxPooling1D,
    NaNMasking,
    WordDropout,
    WordParts,
    WordsOnly,
)
from ..layers._pooling import SHARPNESS
from .architecture import Architecture

# More heads than these hardly add to the accuracy.
ATTENTION_HEADS = 4

# What stock layers compute in; Keras takes it from a global setting otherwise.
_STOCK_DTYPE = "float32"

_INFINITY = float("inf")

Weights = Mapping[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]


class Flow(NamedTuple):
    """What goes from one stage to the next.

    Parameters
    ----------
    values : tensor, or str for ONNX
        Of shape (batch, steps, width), in ONNX (steps, batch, width); after the pooling
        (batch, width).
    is_step : tensor or str or None, default=None
        True at a step and False at padding, of the shape of ``values`` with width 1; None
        before the first stage and for trained layers, to which Keras hands its mask.
    lengths : str, default=""
        The number of steps of every sequence, for ONNX.
    """

    values: Any
    is_step: Any = None
    lengths: str = ""


class Stage(Protocol):
    """What every stage has."""

    def weights(self, width: int) -> tuple[Shapes, int]:
        """Return the shapes of the weights by path, for an input and with the output width."""

    def train(self, values: Any) -> Any:
        """Apply the layers that are trained, dropout included."""

    def stock(self, flow: Flow) -> Flow:
        """Apply stock Keras layers, whose weights have the same paths."""

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """Add nodes to a graph."""


def stages_of(a: Architecture) -> list[Stage]:
    """Return the stages of an architecture, from the input to the output.

    The first one is that of `first_stage_of`.
    """
    last = len(a.units) - 1
    recurrences = [
        Recurrence(
            index,
            units,
            a.bidirectional,
            index < last or a.pooling != "last",
            a.recurrent_dropout,
            a.dtype_policy,
        )
        for index, units in enumerate(a.units)
    ]
    return [
        first_stage_of(a),
        *recurrences,
        Pooling(tuple(a.pooling.split("+")), a.dtype_policy),
        Output(a.n_outputs, a.multilabel, a.dropout, a.dtype_policy),
    ]


def first_stage_of(a: Architecture) -> WordVectors | Numbers:
    """Return the stage that takes the input."""
    if a.n_features is not None:
        return Numbers(a.n_features, a.normalized)
    assert a.vocabulary_size is not None
    assert a.embedding_dim is not None
    return WordVectors(
        a.vocabulary_size,
        a.embedding_dim,
        a.trainable_embeddings,
        a.word_dropout,
        a.embedding_dropout,
        a.dtype_policy,
        a.n_parts,
        a.n_part_entries,
    )


def weight_shapes(a: Architecture) -> Shapes:
    """Return the shapes of all weights by path, without making any."""
    shapes: Shapes = {}
    width = 0
    for stage in stages_of(a):
        own, width = stage.weights(width)
        shapes |= own
    return shapes


@dataclass(frozen=True)
class WordVectors:
    """Token ids, and their vectors.

    Where words have parts, the parts of words without an id follow the unknown token as
    negative numbers. Stock layers and ONNX take the vectors of words with an id ready made.
    """

    vocabulary_size: int
    width: int
    trainable: bool
    word_dropout: float
    step_dropout: float
    dtype: str
    n_parts: int
    n_part_entries: int

    name: ClassVar = "ids"
    onnx_dtype: ClassVar = "int64"
    step_shape: ClassVar = ()

    def input(self) -> keras.KerasTensor:
        """Return the input of a model."""
        return keras.Input((None,), dtype="int32", name=self.name)

    def weights(self, width: int) -> tuple[Shapes, int]:
        """See `Stage`."""
        shapes: Shapes = {"embedding/embeddings": (self.vocabulary_size, self.width)}
        if self.n_parts:
            shapes["parts/embeddings"] = (self.n_parts, self.width)
        return shapes, self.width

    @property
    def last_layer(self) -> str:
        """Name of the trained layer that gives the vectors."""
        return "vectors" if self.n_parts else "embedding"

    def train(self, values: Any) -> Any:
        """See `Stage`."""
        parts = None
        if self.n_parts:
            ids, values = values, WordsOnly(name="words")(values)
            parts = WordParts(
                self.n_parts,
                self.vocabulary_size,
                self.n_part_entries,
                self.width,
                trainable=self.trainable,
                dtype=self.dtype,
                name="parts",
            )([ids, values])
        if self.word_dropout:
            values = WordDropout(self.word_dropout, UNKNOWN, seed=0, name="word_dropout")(values)
        values = keras.layers.Embedding(
            self.vocabulary_size,
            self.width,
            embeddings_initializer=keras.initializers.RandomUniform(seed=0),
            mask_zero=True,
            trainable=self.trainable,
            dtype=self.dtype,
            name="embedding",
        )(values)
        if parts is not None:
            values = keras.layers.Add(dtype=self.dtype, name="vectors")([values, parts])
        if self.step_dropout:
            values = keras.layers.SpatialDropout1D(
                self.step_dropout, seed=0, dtype=self.dtype, name="step_dropout"
            )(values)
        return values

    def stock(self, flow: Flow) -> Flow:
        """See `Stage`."""
        ids = words = flow.values
        if self.n_parts:
            is_part = ops.cast(ops.less(ids, 0), "int32")
            # Words first, in their order: no text is as long as a million steps.
            numbers = ops.cumsum(ops.ones_like(is_part), axis=1)
            order = ops.argsort(numbers + 1_000_000 * is_part, axis=1)
            words = ops.take_along_axis(ops.maximum(ids, 0), order, axis=1)
        is_step = ops.expand_dims(ops.not_equal(words, PADDING), -1)
        values = keras.layers.Embedding(
            self.vocabulary_size,
            self.width,
            mask_zero=not self.n_parts,
            dtype=_STOCK_DTYPE,
            name="embedding",
        )(words)
        if self.n_parts:
            vectors = keras.layers.Embedding(
                self.n_parts, self.width, dtype=_STOCK_DTYPE, name="parts"
            )(ops.maximum(-1 - ids, 0))
            word_of = ops.expand_dims(ops.cumsum(1 - is_part, axis=1), 1)
            belongs = ops.cast(ops.equal(ops.expand_dims(numbers, 2), word_of), _STOCK_DTYPE)
            belongs *= ops.cast(ops.expand_dims(is_part, 1), _STOCK_DTYPE)
            sizes = ops.sum(belongs, axis=2, keepdims=True)
            means = ops.matmul(belongs, vectors) / ops.maximum(sizes, 1.0)
            # The sum of a tensor with a mask and of one without has none: it is made anew of
            # what is zero. `Network.stock_weights` sees to it that no word is.
            values = ops.where(is_step, values + means, 0.0)
            values = keras.layers.Masking(dtype=_STOCK_DTYPE, name="vectors")(values)
        return Flow(values, is_step)

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """See `Stage`."""
        ids = flow.values
        if self.n_parts:
            return self._onnx_with_parts(graph, ids, weights)
        is_padding = graph.add("Equal", ids, graph.constant(PADDING, "int64"))
        is_step = graph.add("Transpose", graph.add("Not", is_padding), perm=[1, 0])
        lengths = graph.add(
            "ReduceSum", graph.cast(is_step, "int32"), graph.constant([0], "int64"), keepdims=0
        )
        is_step = graph.add("Unsqueeze", is_step, graph.constant([2], "int64"))
        values = graph.add("Gather", graph.constant(weights["embedding/embeddings"]), ids)
        return Flow(graph.add("Transpose", values, perm=[1, 0, 2]), is_step, lengths)

    def _onnx_with_parts(self, graph: Any, ids: str, weights: Weights) -> Flow:
        zero, one, axis = (graph.constant(value, "int64") for value in (0, 1, [1]))
        is_part = graph.add("Less", ids, zero)
        is_word = graph.add("Not", is_part)
        words, parts = graph.cast(is_word, "int64"), graph.cast(is_part, "int64")
        numbers = graph.add("CumSum", graph.add("Add", words, parts), one)
        # Entry j belongs to word i: words move to the left, and parts to their words.
        belongs = graph.add(
            "Equal",
            graph.add("Unsqueeze", numbers, graph.constant([2], "int64")),
            graph.add("Unsqueeze", graph.add("CumSum", words, one), axis),
        )
        vectors = []
        for which, path, rows in (
            (is_word, "embedding/embeddings", ids),
            (is_part, "parts/embeddings", graph.add("Sub", graph.constant(-1, "int64"), ids)),
        ):
            mine = graph.add("And", belongs, graph.add("Unsqueeze", which, axis))
            mine = graph.cast(mine, "float32")
            table = graph.constant(weights[path])
            values = graph.add("Gather", table, graph.add("Max", rows, zero))
            sums = graph.add("MatMul", mine, values)
            sizes = graph.add("ReduceSum", mine, graph.constant([2], "int64"), keepdims=1)
            vectors.append(graph.add("Div", sums, graph.add("Max", sizes, graph.constant(1.0))))
        values = graph.add("Transpose", graph.add("Add", *vectors), perm=[1, 0, 2])
        counts = graph.cast(graph.add("Greater", ids, zero), "int64")
        counts = graph.add("ReduceSum", counts, axis, keepdims=1)
        is_step = graph.add("Not", graph.add("Greater", numbers, counts))
        is_step = graph.add("Transpose", is_step, perm=[1, 0])
        is_step = graph.add("Unsqueeze", is_step, graph.constant([2], "int64"))
        lengths = graph.cast(graph.add("Squeeze", counts, axis), "int32")
        return Flow(values, is_step, lengths)


@dataclass(frozen=True)
class Numbers:
    """Steps of numbers, normalised or as they are; NaN is padding."""

    n_features: int
    normalized: bool

    name: ClassVar = "steps"
    onnx_dtype: ClassVar = "float32"

    @property
    def step_shape(self) -> tuple[int, ...]:
        """The shape of a step."""
        return (self.n_features,)

    def input(self) -> keras.KerasTensor:
        """Return the input of a model."""
        return keras.Input((None, self.n_features), dtype="float32", name=self.name)

    def weights(self, width: int) -> tuple[Shapes, int]:
        """See `Stage`."""
        names = ("mean", "variance") if self.normalized else ()
        return {f"normalization/{name}": (self.n_features,) for name in names}, self.n_features

    def train(self, values: Any) -> Any:
        """See `Stage`."""
        # Numbers as they come may not fit into fewer bits.
        if self.normalized:
            values = FeatureNormalization(dtype="float32", name="normalization")(values)
        return NaNMasking(dtype="float32", name="masking")(values)

    def stock(self, flow: Flow) -> Flow:
        """See `Stage`."""
        values = flow.values
        is_step = ops.logical_not(ops.any(ops.isnan(values), axis=-1, keepdims=True))
        if self.normalized:
            values = keras.layers.Normalization(dtype=_STOCK_DTYPE, name="normalization")(values)
        # Keras' layer compares, and NaN equals nothing; infinity is no number that X can hold.
        values = ops.where(is_step, values, _INFINITY)
        values = keras.layers.Masking(_INFINITY, dtype=_STOCK_DTYPE, name="masking")(values)
        return Flow(values, is_step)

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """See `Stage`."""
        values = graph.add("Transpose", flow.values, perm=[1, 0, 2])
        is_nan = graph.add("IsNaN", values)
        is_step = graph.add(
            "Not",
            graph.cast(
                graph.add("ReduceMax", graph.cast(is_nan, "int32"), axes=[2], keepdims=1), "bool"
            ),
        )
        lengths = graph.add(
            "ReduceSum", graph.cast(is_step, "int32"), graph.constant([0, 2], "int64"), keepdims=0
        )
        if self.normalized:
            scale = np.maximum(np.sqrt(weights["normalization/variance"]), keras.config.epsilon())
            values = graph.add("Sub", values, graph.constant(weights["normalization/mean"]))
            values = graph.add("Div", values, graph.constant(scale))
        values = graph.add("Where", is_step, values, graph.constant(0.0))
        return Flow(values, is_step, lengths)


@dataclass(frozen=True)
class Recurrence:
    """An LSTM layer, in one direction or both."""

    index: int
    units: int
    bidirectional: bool
    return_sequences: bool
    recurrent_dropout: float
    dtype: str

    def _cells(self) -> list[str]:
        if not self.bidirectional:
            return [f"lstm_{self.index}/lstm_cell"]
        layer = f"bidirectional_{self.index}"
        return [f"{layer}/{way}_lstm_{self.index}/lstm_cell" for way in ("forward", "backward")]

    def weights(self, width: int) -> tuple[Shapes, int]:
        """See `Stage`."""
        shapes: Shapes = {}
        for cell in self._cells():
            shapes[f"{cell}/kernel"] = (width, 4 * self.units)
            shapes[f"{cell}/recurrent_kernel"] = (self.units, 4 * self.units)
            shapes[f"{cell}/bias"] = (4 * self.units,)
        return shapes, self.units * len(self._cells())

    def _in_directions(self, layer: keras.layers.Layer, dtype: str) -> keras.layers.Layer:
        if not self.bidirectional:
            return layer
        return keras.layers.Bidirectional(layer, dtype=dtype, name=f"bidirectional_{self.index}")

    def train(self, values: Any) -> Any:
        """See `Stage`."""
        layer = FusedLSTM(
            self.units,
            return_sequences=self.return_sequences,
            recurrent_dropout=self.recurrent_dropout,
            kernel_initializer=keras.initializers.GlorotUniform(seed=0),
            recurrent_initializer=keras.initializers.Orthogonal(seed=0),
            right_padded=True,
            seed=0,
            dtype=self.dtype,
            name=f"lstm_{self.index}",
        )
        return self._in_directions(layer, self.dtype)(values)

    def stock(self, flow: Flow) -> Flow:
        """See `Stage`."""
        layer = keras.layers.LSTM(
            self.units,
            return_sequences=self.return_sequences,
            dtype=_STOCK_DTYPE,
            name=f"lstm_{self.index}",
        )
        return flow._replace(values=self._in_directions(layer, _STOCK_DTYPE)(flow.values))

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """See `Stage`."""
        kernels, recurrent_kernels, biases = (
            [_to_onnx_gates(weights[f"{cell}/{name}"]) for cell in self._cells()]
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        zeros = np.zeros_like(biases[0])  # ONNX has a second bias for the recurrence
        outputs = graph.add(
            "LSTM",
            flow.values,
            graph.constant(np.stack([kernel.T for kernel in kernels])),
            graph.constant(np.stack([kernel.T for kernel in recurrent_kernels])),
            graph.constant(np.stack([np.concatenate([bias, zeros]) for bias in biases])),
            flow.lengths,
            result=0 if self.return_sequences else 1,
            direction="bidirectional" if self.bidirectional else "forward",
            hidden_size=self.units,
        )
        if self.return_sequences:
            # (length, directions, batch, units), with zeros at padding
            outputs = graph.add("Transpose", outputs, perm=[0, 2, 1, 3])
            outputs = graph.add("Reshape", outputs, graph.constant([0, 0, -1], "int64"))
        else:  # (directions, batch, units)
            outputs = graph.add("Transpose", outputs, perm=[1, 0, 2])
            outputs = graph.add("Reshape", outputs, graph.constant([0, -1], "int64"))
        return flow._replace(values=outputs)


@dataclass(frozen=True)
class Pooling:
    """From the steps of the last recurrent layer to one vector."""

    kinds: tuple[str, ...]
    dtype: str

    def weights(self, width: int) -> tuple[Shapes, int]:
        """See `Stage`."""
        shapes: Shapes = {}
        if "attention" in self.kinds:
            shapes["attention/kernel"] = (width, ATTENTION_HEADS)
        width *= sum(ATTENTION_HEADS if kind == "attention" else 1 for kind in self.kinds)
        return shapes, width

    def _side_by_side(self, pooled: list[Any], dtype: str) -> Any:
        if len(pooled) == 1:
            return pooled[0]
        return keras.layers.Concatenate(dtype=dtype, name="pooled")(pooled)

    def train(self, values: Any) -> Any:
        """See `Stage`."""
        pooled = []
        for kind in self.kinds:
            if kind == "max":
                values_of_kind = MaskedMaxPooling1D(dtype=self.dtype, name="max")(values)
            elif kind == "mean":
                layer = keras.layers.GlobalAveragePooling1D(dtype=self.dtype, name="mean")
                values_of_kind = layer(values)
            elif kind == "attention":
                values_of_kind = AttentionPooling1D(
                    ATTENTION_HEADS,
                    kernel_initializer=keras.initializers.GlorotUniform(seed=0),
                    dtype=self.dtype,
                    name="attention",
                )(values)
            else:  # "last": the recurrence returned nothing else
                values_of_kind = values
            pooled.append(values_of_kind)
        return self._side_by_side(pooled, self.dtype)

    def stock(self, flow: Flow) -> Flow:
        """See `Stage`."""
        pooled = []
        for kind in self.kinds:
            values = flow.values
            if kind == "max":
                # No output of an LSTM is below -1: padding is never the only largest value.
                values = ops.where(flow.is_step, values, -1.0)
                values = keras.layers.GlobalMaxPooling1D(dtype=_STOCK_DTYPE, name="max")(values)
            elif kind == "mean":
                layer = keras.layers.GlobalAveragePooling1D(dtype=_STOCK_DTYPE, name="mean")
                values = layer(values)
            elif kind == "attention":
                scores = SHARPNESS * keras.layers.Dense(
                    ATTENTION_HEADS, use_bias=False, dtype=_STOCK_DTYPE, name="attention"
                )(values)
                scores = ops.where(flow.is_step, scores, -_INFINITY)
                shares = ops.softmax(scores, axis=1)
                means = ops.matmul(ops.transpose(shares, (0, 2, 1)), values)
                values = ops.reshape(means, (-1, ATTENTION_HEADS * values.shape[-1]))
            pooled.append(values)
        return Flow(self._side_by_side(pooled, _STOCK_DTYPE))

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """See `Stage`."""
        steps, is_step, lengths = flow
        pooled = []
        for kind in self.kinds:
            values = steps
            if kind == "max":
                values = graph.add("Where", is_step, steps, graph.constant(-1.0))
                values = graph.add("ReduceMax", values, axes=[0], keepdims=0)
            elif kind == "mean":
                sums = graph.add("ReduceSum", steps, graph.constant([0], "int64"), keepdims=0)
                counts = graph.cast(lengths, "float32")
                counts = graph.add("Unsqueeze", counts, graph.constant([1], "int64"))
                values = graph.add("Div", sums, counts)
            elif kind == "attention":
                kernel = SHARPNESS * weights["attention/kernel"]
                scores = graph.add("MatMul", steps, graph.constant(kernel))
                scores = graph.add("Where", is_step, scores, graph.constant(-np.inf))
                # (length, batch, heads) becomes (batch, heads, length)
                shares = graph.add("Softmax", scores, axis=0)
                shares = graph.add("Transpose", shares, perm=[1, 2, 0])
                features = graph.add("Transpose", steps, perm=[1, 0, 2])
                means = graph.add("MatMul", shares, features)
                values = graph.add("Reshape", means, graph.constant([0, -1], "int64"))
            pooled.append(values)
        return Flow(pooled[0] if len(pooled) == 1 else graph.add("Concat", *pooled, axis=1))


@dataclass(frozen=True)
class Output:
    """From the pooled vector to probabilities."""

    n_outputs: int
    multilabel: bool
    dropout: float
    dtype: str

    def weights(self, width: int) -> tuple[Shapes, int]:
        """See `Stage`."""
        shapes: Shapes = {
            "output/kernel": (width, self.n_outputs),
            "output/bias": (self.n_outputs,),
        }
        return shapes, self.n_outputs

    def train(self, values: Any) -> Any:
        """See `Stage`."""
        if self.dropout:
            values = keras.layers.Dropout(self.dropout, seed=0, dtype=self.dtype, name="dropout")(
                values
            )
        return self._dense(values)

    def stock(self, flow: Flow) -> Flow:
        """See `Stage`."""
        return Flow(self._dense(flow.values))

    def _dense(self, values: Any) -> Any:
        is_certain = self.n_outputs == 1 and not self.multilabel
        outputs = keras.layers.Dense(
            self.n_outputs,
            activation="sigmoid" if self.multilabel or is_certain else "softmax",
            kernel_initializer=keras.initializers.GlorotUniform(seed=0),
            dtype="float32",
            name="output",
        )(values)
        if is_certain:
            # The only class has probability 1; Keras warns about a softmax of one column.
            outputs = keras.layers.UnitNormalization(dtype="float32", name="certain")(outputs)
        return outputs

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """See `Stage`."""
        kernel, bias = weights["output/kernel"], weights["output/bias"]
        logits = graph.add("Gemm", flow.values, graph.constant(kernel), graph.constant(bias))
        if self.multilabel:
            return Flow(graph.add("Sigmoid", logits, name="probabilities"))
        return Flow(graph.add("Softmax", logits, name="probabilities", axis=1))


def _to_onnx_gates(weights: np.ndarray) -> np.ndarray:
    """Go from Keras' gate order (i, f, c, o) to that of ONNX (i, o, f, c)."""
    i, f, c, o = np.split(weights, 4, axis=-1)
    return np.concatenate([i, o, f, c], axis=-1)
