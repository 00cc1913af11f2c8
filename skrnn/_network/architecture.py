"""Architecture: all that shapes the graph of a network."""

from __future__ import annotations

from dataclasses import dataclass, replace

POOLINGS = ("last", "max", "mean", "attention", "max+mean", "max+mean+attention")


@dataclass(frozen=True)
class Architecture:
    """All that shapes the graph of a network; two that are equal can share one.

    The learning rate, the batch size and the weights are not part of it.

    Parameters
    ----------
    n_outputs : int
        Classes, or labels of a multi-label target.
    multilabel : bool
        Independent sigmoids instead of a softmax.
    units : tuple of int
        Width of every LSTM layer, from the input to the output.
    bidirectional : bool
        Whether the layers read in both directions.
    pooling : str
        How the last layer's outputs become one vector.
    vocabulary_size, embedding_dim : int or None
        Rows and columns of the embedding; None where steps are numeric.
    n_parts : int
        Number of parts that words share; 0 where words have no parts.
    n_part_entries : int
        Number of parts of all words together.
    trainable_embeddings : bool
        Whether training changes the embedding.
    n_features : int or None
        Width of a numeric step; None where steps are token ids.
    normalized : bool
        Whether numeric steps are normalised.
    frame_length : int
        How many numeric steps become one.
    word_dropout, embedding_dropout, recurrent_dropout, dropout : float
        Dropout of tokens, of embedding columns, inside the recurrence, and before the
        output.
    optimizer : str
        The optimizer's configuration as JSON, without its learning rate.
    dtype_policy : str
        Keras' dtype policy.
    """

    n_outputs: int
    multilabel: bool
    units: tuple[int, ...]
    bidirectional: bool
    pooling: str
    vocabulary_size: int | None
    embedding_dim: int | None
    trainable_embeddings: bool
    n_features: int | None
    normalized: bool
    word_dropout: float
    embedding_dropout: float
    recurrent_dropout: float
    dropout: float
    optimizer: str
    dtype_policy: str
    n_parts: int = 0
    n_part_entries: int = 0
    frame_length: int = 1

    def padded(self) -> Architecture:
        """Return the same with room for more tokens, parts and classes, which is never used.

        Folds of a cross-validation differ by some words and by rare classes; with their
        numbers rounded up they share an architecture.
        """
        return replace(
            self,
            n_outputs=self.n_outputs if self.multilabel else _rounded_up(self.n_outputs, 1),
            vocabulary_size=self.vocabulary_size and _rounded_up(self.vocabulary_size, 4),
            n_parts=self.n_parts and _rounded_up(self.n_parts, 3),
            n_part_entries=self.n_part_entries and _rounded_up(self.n_part_entries, 3),
        )


def _rounded_up(size: int, significant_bits: int) -> int:
    """Round up to a number of that many leading bits; up to 8 nothing changes."""
    unit = 1 << max((size - 1).bit_length() - significant_bits, 0)
    return size if size <= 8 else -(-size // unit) * unit
