"""Word vectors that the user brings, to start the embedding layer from."""

from __future__ import annotations

import codecs
import gzip
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, BinaryIO, Protocol, TypeAlias, runtime_checkable

import numpy as np
from sklearn.utils import check_array

from .._data.brief import brief
from .._data.sequences import FIRST_TOKEN, UNKNOWN


@runtime_checkable
class KeyedVectors(Protocol):
    """What is asked of gensim's class of this name."""

    key_to_index: Mapping[Any, int]
    vectors: np.ndarray


Source: TypeAlias = np.ndarray | Mapping | KeyedVectors | str | os.PathLike


def check_source(source: Source, are_ids: bool, dim: int) -> None:
    """Raise an error where a vocabulary could have no such vectors, before there is one.

    Parameters
    ----------
    source : ndarray, mapping, KeyedVectors, str or path-like
        See the parameter ``embeddings`` of `LSTMTextClassifier`.
    are_ids : bool
        Whether X holds token ids.
    dim : int
        The length of a vector.
    """
    if isinstance(source, np.ndarray):
        if source.ndim == 2 and source.shape[1] != dim:
            raise ValueError(
                f"embeddings has shape {source.shape}, but embedding_dim={dim}: set"
                f" embedding_dim={source.shape[1]}."
            )
    elif isinstance(source, str) and source in ("ppmi", "random"):
        return
    elif are_ids and not isinstance(source, Mapping):
        # Files of words hold numbers too: the id 7 would get the vector of the word "7".
        raise ValueError(
            f"embeddings={brief(source)} stands for vectors of words, but X holds token"
            " ids: give 'ppmi', 'random', an array, or a mapping from ids to vectors."
        )
    elif isinstance(source, (str, os.PathLike)) and not os.path.exists(source):
        raise FileNotFoundError(
            f"embeddings={os.fsdecode(source)!r} is neither 'ppmi' nor 'random', and there is no"
            " such file."
        )


def pretrained_embeddings(
    source: Source,
    tokens: Sequence[str] | Sequence[int],
    dim: int,
    *,
    random_state: np.random.Generator,
) -> tuple[np.ndarray, float]:
    """Return the vectors of all ids, and the share of the tokens that have one.

    Parameters
    ----------
    source : ndarray, mapping, KeyedVectors, str or path-like
        See the parameter ``embeddings`` of `LSTMTextClassifier`.
    tokens : sequence of str or of int
        The vocabulary, in the order of the ids; integers where X holds ids.
    dim : int
        The length of a vector.
    random_state : Generator
        Draws the vectors of the tokens that have none.

    Returns
    -------
    vectors : ndarray of shape (FIRST_TOKEN + n_tokens, dim), dtype=float32
        Tokens without a vector have a random one of the same mean square [1]_, the
        unknown token has the mean of those that were found, padding has zeros.
    coverage : float
        The share of the tokens that were found, in (0, 1].

    References
    ----------
    .. [1] Y. Kim, "Convolutional Neural Networks for Sentence Classification", EMNLP 2014.
    """
    vectors = np.zeros((FIRST_TOKEN + len(tokens), dim), dtype=np.float32)
    found = np.zeros(len(vectors), dtype=bool)
    for index, vector in _found(source, tokens, dim):
        vectors[FIRST_TOKEN + index] = vector
        found[FIRST_TOKEN + index] = True
    if not found.any():
        example = f", such as {tokens[0]!r}" if len(tokens) else ""
        raise ValueError(
            f"embeddings has no vector for any of the {len(tokens)} tokens of the"
            f" vocabulary{example}. Tokens are looked up exactly as they are."
        )
    known = vectors[found].astype(np.float64)
    vectors[UNKNOWN] = known.mean(axis=0)
    missing = ~found
    missing[:FIRST_TOKEN] = False
    limit = np.sqrt(3 * np.mean(known**2))  # the mean square of U[-a, a] is a^2 / 3
    vectors[missing] = random_state.uniform(-limit, limit, (missing.sum(), dim))
    return vectors, float(found.sum() / len(tokens))


def _found(source: Source, tokens: Sequence, dim: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the index and the vector of every token that has one."""
    if isinstance(source, np.ndarray):
        yield from enumerate(_checked_array(source, (len(tokens), dim)))
        return
    if isinstance(source, (str, os.PathLike)):
        yield from _read_file(os.fsdecode(source), tokens, dim)
        return
    keys = source if isinstance(source, Mapping) else source.key_to_index
    for index, token in enumerate(tokens):
        value = keys.get(token)
        if value is not None:
            vector = value if isinstance(source, Mapping) else source.vectors[value]
            try:
                yield index, _as_vector(vector, dim)
            except ValueError as error:
                raise ValueError(f"embeddings: the vector of {token!r}: {error}") from None


def _checked_array(array: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    if array.shape != shape:
        raise ValueError(
            f"embeddings has shape {array.shape}, but a vocabulary of {shape[0]} tokens and"
            f" embedding_dim={shape[1]} need {shape}."
        )
    return check_array(array, dtype=np.float32, ensure_min_samples=0, input_name="embeddings")


def _as_vector(values: Any, dim: int) -> np.ndarray:
    try:
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
            vector = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a vector of numbers: {error}.") from None
    if vector.ndim != 1:
        raise ValueError(f"a vector has one dimension, got shape {vector.shape}.")
    if len(vector) != dim:
        raise _another_width(len(vector), dim)
    if not np.isfinite(vector).all():
        raise ValueError("NaN, infinity, or a number too large for float32.")
    return vector


def _another_width(width: int, dim: int) -> ValueError:
    return ValueError(f"{width} numbers, but embedding_dim={dim}: set embedding_dim={width}.")


def _read_file(path: str, words: Sequence[str], dim: int) -> Iterator[tuple[int, np.ndarray]]:
    """Read the vectors of some words from a text file, a line at a time.

    The first of several vectors of a word counts. What follows the last of the words is
    not read.
    """
    wanted = {word: index for index, word in enumerate(words)}
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                if number == 1:
                    line = line.removeprefix(codecs.BOM_UTF8)
                if not line.strip() or (number == 1 and _check_first_line(line, dim)):
                    continue
                word, numbers = _split(line, dim, wanted)
                if word in wanted:
                    yield wanted.pop(word), _as_vector(numbers, dim)
                if not wanted:
                    return
    except ValueError as error:
        raise ValueError(f"embeddings={path!r}, line {number}: {error}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"embeddings={path!r} is a damaged gzip file: {error}") from None


def _open(path: str) -> BinaryIO:
    # Lines of bytes: files of words hold characters that end a line of text or part its
    # fields, such as U+0085 and U+00A0.
    return gzip.open(path) if path.endswith(".gz") else open(path, "rb")  # type: ignore


def _check_first_line(line: bytes, dim: int) -> bool:
    """Check the width of a file's vectors; return whether the line is only a header."""
    fields = line.split()
    is_header = len(fields) == 2 and all(field.isdigit() for field in fields)
    # The word may have spaces: what is at the end and looks like numbers counts.
    numbers = list(takewhile(_is_number, reversed(fields[1:])))
    width = int(fields[1]) if is_header else len(numbers)
    if width and width != dim and len(fields) != dim + 1:
        raise _another_width(width, dim)
    return is_header


def _split(line: bytes, dim: int, wanted: Mapping[str, int]) -> tuple[str, list[bytes]]:
    """Return the word of a line and its numbers, which are those at its end."""
    line = line.strip()
    if line.count(b" ") == dim:
        # Most words are not wanted, and cutting up their lines would be most of the work.
        word = line.partition(b" ")[0].decode()
        if word not in wanted:
            return word, []
    first, *numbers = line.rsplit(None, dim)
    # A word may have spaces; a word that ends with a number is a line that is too long.
    if len(numbers) < dim or (b" " in first and _is_number(first.split()[-1])):
        hint = ""
        if b"\0" in line:
            hint = " It is no text: give what gensim's KeyedVectors.load_word2vec_format reads."
        raise ValueError(f"not a word and {dim} numbers: {line[:60]!r}.{hint}")
    return first.decode(), numbers


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
