"""The layers of a network, each described once for all that is made of it.

A stage is one layer, or a few that belong together. It gives the shapes of its weights
(for files), the layer that is trained, the stock Keras layer that gives the same outputs
(for `to_keras`), and its ONNX nodes (for `to_onnx`): see `Stage` in `flow`. `stages_of` lists
the stages of an architecture in their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from ..layers import AttentionPooling1D, FusedLSTM, MaskedMaxPooling1D
from ..layers._pooling import SHARPNESS
from .architecture import Architecture
from .first_stages import Frames, Numbers, WordVectors
from .flow import STOCK_DTYPE, Flow, Shapes, Stage, Weights

# More heads than these hardly add to the accuracy.
ATTENTION_HEADS = 4


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
        *([Frames(a.frame_length)] if a.frame_length > 1 else []),
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
        trainable=a.trainable_embeddings,
        word_dropout=a.word_dropout,
        embedding_dropout=a.embedding_dropout,
        dtype=a.dtype_policy,
        n_parts=a.n_parts,
        n_part_entries=a.n_part_entries,
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
            dtype=STOCK_DTYPE,
            name=f"lstm_{self.index}",
        )
        return flow._replace(values=self._in_directions(layer, STOCK_DTYPE)(flow.values))

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
                layer = keras.layers.GlobalAveragePooling1D(
                    "channels_last", dtype=self.dtype, name="mean"
                )
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
                layer = keras.layers.GlobalMaxPooling1D(
                    "channels_last", dtype=STOCK_DTYPE, name="max"
                )
                values = layer(values)
            elif kind == "mean":
                layer = keras.layers.GlobalAveragePooling1D(
                    "channels_last", dtype=STOCK_DTYPE, name="mean"
                )
                values = layer(values)
            elif kind == "attention":
                scores = SHARPNESS * keras.layers.Dense(
                    ATTENTION_HEADS, use_bias=False, dtype=STOCK_DTYPE, name="attention"
                )(values)
                scores = ops.where(flow.is_step, scores, -np.inf)
                shares = ops.softmax(ops.transpose(scores, (0, 2, 1)))
                means = ops.matmul(shares, values)
                values = ops.reshape(means, (-1, ATTENTION_HEADS * values.shape[-1]))
            pooled.append(values)
        return Flow(self._side_by_side(pooled, STOCK_DTYPE))

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
