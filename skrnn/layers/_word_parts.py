"""Vectors of words from those of their parts."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="skrnn")
class WordsOnly(keras.layers.Layer):
    """Take the parts out of rows of ids: one step a word, and zeros on the right.

    Negative numbers, which stand for the parts of the word before them, are left out. If
    there are any, the result is as wide as the longest row that is left.

    Parameters
    ----------
    **kwargs : dict
        Keyword arguments of `keras.layers.Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import WordsOnly
    >>> np.asarray(WordsOnly()(np.array([[1, -7, -3, 5], [6, 0, 0, 0]]))).tolist()
    [[1, 5], [6, 0]]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return ids of shape (batch, steps)."""
        is_part = inputs < 0
        words = tf.where(inputs > 0)
        places = _among_words(words, is_part)
        shape = tf.shape(inputs)
        width = tf.where(tf.reduce_any(is_part), 1 + tf.reduce_max(places[:, 1]), shape[1])
        return tf.scatter_nd(places, tf.gather_nd(inputs, words), [shape[0], width])

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the spec of ids."""
        return keras.KerasTensor((inputs.shape[0], None), dtype=inputs.dtype)


@keras.saving.register_keras_serializable(package="skrnn")
class WordParts(keras.layers.Layer):
    """Mean of the vectors of a word's parts, as in fastText [1]_.

    It is computed once for every distinct word of a batch, and the gradient is sparse.

    Parameters
    ----------
    n_parts : int
        Number of parts.
    n_words : int
        Number of ids, padding and the unknown token included.
    n_entries : int
        Largest number of parts of all ids together.
    output_dim : int
        Length of a vector.
    **kwargs : dict
        Keyword arguments of `keras.layers.Layer`.

    Attributes
    ----------
    embeddings : keras.Variable of shape (n_parts, output_dim)
        The vectors of the parts.
    values, offsets : keras.Variable
        The parts of the id ``i`` are ``values[offsets[i]:offsets[i + 1]]``.

    References
    ----------
    .. [1] P. Bojanowski, E. Grave, A. Joulin and T. Mikolov, "Enriching Word Vectors with
       Subword Information", TACL 5, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.layers import WordParts, WordsOnly
    >>> layer = WordParts(n_parts=3, n_words=4, n_entries=2, output_dim=1)
    >>> ids = np.array([[2, 1, -3, 3]])
    >>> words = WordsOnly()(ids)
    >>> _ = layer([ids, words])
    >>> table, values, offsets = [[1.0], [2.0], [4.0]], [0, 1], [0, 0, 0, 2, 2]
    >>> layer.set_weights([np.array(table), np.array(values), np.array(offsets)])

    The word 2 has the parts 0 and 1, the unknown one the part 2, and the word 3 has none:

    >>> np.asarray(layer([ids, words])).ravel().tolist()
    [1.5, 4.0, 0.0]
    """

    def __init__(
        self, n_parts: int, n_words: int, n_entries: int, output_dim: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.n_parts = n_parts
        self.n_words = n_words
        self.n_entries = n_entries
        self.output_dim = output_dim
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the variables."""
        self.embeddings = self.add_weight(
            shape=(self.n_parts, self.output_dim),
            initializer="zeros",
            autocast=False,  # would cast the whole table
            name="embeddings",
        )
        self.values = self.add_weight(
            shape=(self.n_entries,),
            initializer="zeros",
            dtype="int32",
            trainable=False,
            name="values",
        )
        self.offsets = self.add_weight(
            shape=(self.n_words + 1,),
            initializer="zeros",
            dtype="int32",
            trainable=False,
            name="offsets",
        )

    def call(self, inputs: Any) -> Any:
        """Return vectors of shape (batch, steps, output_dim).

        Parameters
        ----------
        inputs : list of two tensors
            Rows of ids with the parts of unknown words as negative numbers, of which -1
            stands for part 0, and the same rows as `WordsOnly` returns them.
        """
        ids, words = (tf.cast(rows, tf.int32) for rows in inputs)
        known, groups = tf.unique(tf.reshape(words, [-1]))
        n_known = tf.size(known)
        # The ops below this one's Python function, whose ragged tensor costs dozens of others.
        splits, entries = tf.raw_ops.RaggedRange(
            starts=tf.gather(self.offsets, known),
            limits=tf.gather(self.offsets, known + 1),
            deltas=1,
        )
        rows = tf.gather(self.values, entries)
        group_of = tf.searchsorted(splits, tf.range(tf.size(entries, tf.int64)), "right") - 1

        # Every spelt-out word is a group of its own, after those of the distinct words.
        is_part = ids < 0
        is_first = is_part & (tf.roll(ids, 1, axis=1) >= 0)
        spelt = n_known - 1 + tf.cumsum(tf.cast(tf.reshape(is_first, [-1]), tf.int32))
        part_places = tf.where(tf.reshape(is_part, [-1]))[:, 0]
        spelt_rows = -1 - tf.gather(tf.reshape(ids, [-1]), part_places)
        all_rows = tf.concat([rows, spelt_rows], 0)
        # The rows of the batch, each once: to read the table would copy it, see `RowEmbedding`.
        is_used = (
            tf.scatter_nd(all_rows[:, tf.newaxis], tf.ones_like(all_rows), [self.n_parts]) > 0
        )
        used = tf.where(is_used)[:, 0]
        among_used = tf.cumsum(tf.cast(is_used, tf.int32)) - 1
        means = tf.sparse.segment_mean(
            tf.gather(self.embeddings.value, used),
            tf.gather(among_used, all_rows),
            tf.concat([group_of, tf.gather(spelt, part_places)], 0),
            num_segments=n_known + tf.reduce_sum(tf.cast(is_first, tf.int32)),
        )
        # Where the spelt-out words are among the words of their row.
        places = _among_words(tf.where(is_first), is_part)
        groups = tf.tensor_scatter_nd_update(
            tf.reshape(groups, tf.shape(words)),
            places,
            n_known + tf.range(tf.shape(places)[0]),
        )
        # Not tf.gather, whose gradient would be sparse and be made dense at once.
        return tf.gather_nd(ops.cast(means, self.compute_dtype), groups[..., tf.newaxis])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return True at words and False at padding."""
        return ops.not_equal(inputs[1], 0)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the spec of the vectors."""
        return keras.KerasTensor((*inputs[1].shape, self.output_dim), dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "n_parts": self.n_parts,
            "n_words": self.n_words,
            "n_entries": self.n_entries,
            "output_dim": self.output_dim,
        }


def _among_words(places: Any, is_part: Any) -> Any:
    """Return places, of shape (n, 2), with the number of the word in its row for the column."""
    numbers = tf.cumsum(tf.cast(~is_part, tf.int32), axis=1) - 1
    return tf.stack([tf.cast(places[:, 0], tf.int32), tf.gather_nd(numbers, places)], 1)
