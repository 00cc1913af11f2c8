"""The stages before the recurrence: words and their vectors, or numbers and their frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from .._data.sequences import PADDING, UNKNOWN
from ..layers import (
    FeatureNormalization,
    Framing1D,
    NaNMasking,
    RowEmbedding,
    WordDropout,
    WordParts,
    WordsOnly,
)
from .flow import STOCK_DTYPE, Flow, Shapes, Weights

# Behind the last step of any sequence.
_END = 2**31 - 1


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
    embedding_dropout: float
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
        values = RowEmbedding(
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
        if self.embedding_dropout:
            values = keras.layers.SpatialDropout1D(
                self.embedding_dropout, seed=0, dtype=self.dtype, name="embedding_dropout"
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
            dtype=STOCK_DTYPE,
            name="embedding",
        )(words)
        if self.n_parts:
            vectors = keras.layers.Embedding(
                self.n_parts, self.width, dtype=STOCK_DTYPE, name="parts"
            )(ops.maximum(-1 - ids, 0))
            word_of = ops.expand_dims(ops.cumsum(1 - is_part, axis=1), 1)
            belongs = ops.cast(ops.equal(ops.expand_dims(numbers, 2), word_of), STOCK_DTYPE)
            belongs *= ops.cast(ops.expand_dims(is_part, 1), STOCK_DTYPE)
            sizes = ops.sum(belongs, axis=2, keepdims=True)
            means = ops.matmul(belongs, vectors) / ops.maximum(sizes, 1.0)
            # The sum of a tensor with a mask and of one without has none: it is made anew of
            # what is zero. `Network.stock_weights` sees to it that no word is.
            values = ops.where(is_step, values + means, 0.0)
            values = keras.layers.Masking(dtype=STOCK_DTYPE, name="vectors")(values)
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
            values = keras.layers.Normalization(dtype=STOCK_DTYPE, name="normalization")(values)
        return _masked(values, is_step, "masking")

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
            scale = np.sqrt(weights["normalization/variance"])
            values = graph.add("Sub", values, graph.constant(weights["normalization/mean"]))
            values = graph.add("Div", values, graph.constant(scale))
        values = graph.add("Where", is_step, values, graph.constant(0.0))
        return Flow(values, is_step, lengths)


@dataclass(frozen=True)
class Frames:
    """Several steps of numbers that become one."""

    frame_length: int

    name: ClassVar = "frames"

    def weights(self, width: int) -> tuple[Shapes, int]:
        """See `Stage`."""
        return {}, width * self.frame_length

    def train(self, values: Any) -> Any:
        """See `Stage`."""
        return Framing1D(self.frame_length, dtype="float32", name=self.name)(values)

    def stock(self, flow: Flow) -> Flow:
        """See `Stage`."""
        # What Keras' layer makes of a masked step may be NaN, and a frame holds masked ones, too.
        steps = ops.where(flow.is_step, flow.values, 0.0)
        steps = ops.pad(steps, [(0, 0), (0, self.frame_length - 1), (0, 0)])
        frames = [steps[:, first:end:by] for first, end, by in self._slices()]
        is_frame = flow.is_step[:, :: self.frame_length]
        return _masked(ops.concatenate(frames, axis=-1), is_frame, self.name)

    def onnx(self, graph: Any, flow: Flow, weights: Weights) -> Flow:
        """See `Stage`."""
        n_more = self.frame_length - 1
        steps = graph.add("Pad", flow.values, graph.constant([0, 0, 0, n_more, 0, 0], "int64"))

        def every(values: str, first: int, end: int, by: int) -> str:
            bounds = (graph.constant([bound], "int64") for bound in (first, end, 0, by))
            return graph.add("Slice", values, *bounds)

        frames = [every(steps, *bounds) for bounds in self._slices()]
        is_frame = every(flow.is_step, 0, _END, self.frame_length)
        lengths = graph.add("Add", flow.lengths, graph.constant(n_more, "int32"))
        lengths = graph.add("Div", lengths, graph.constant(self.frame_length, "int32"))
        return Flow(graph.add("Concat", *frames, axis=2), is_frame, lengths)

    def _slices(self) -> list[tuple[int, int, int]]:
        """Return which steps are the first, second, ... of their frame.

        There are ``frame_length - 1`` steps of padding on the right.
        """
        size = self.frame_length
        return [(first, first - size + 1 or _END, size) for first in range(size)]


def _masked(values: Any, is_step: Any, name: str) -> Flow:
    """Return steps that Keras' layers take for padding where they are no step."""
    # Keras' layer compares, and NaN equals nothing; infinity is no number that X can hold.
    values = ops.where(is_step, values, np.inf)
    values = keras.layers.Masking(np.inf, dtype=STOCK_DTYPE, name=name)(values)
    return Flow(values, is_step)
