"""The Reuters newswires that Keras distributes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from .._backend import check_backend

# In the order of the labels. Not every supported version of Keras has them.
TOPICS = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply",
    "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas",
    "cpi", "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin",
    "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs",
    "lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)  # fmt: skip

# Keras reserves the ids below for padding, the start of a text and words outside the
# vocabulary; the ids of the words follow.
INDEX_FROM = 3

# One document has two ids, its start and one word. Nothing is shorter.
MIN_MAXLEN = 3

DESCR = """\
Reuters newswires, as distributed with Keras
--------------------------------------------

Short newswires of the year 1987 and their topics, a part of the Reuters-21578
collection. Each document is a list of word ids: 1 marks its start, 2 stands for a
word outside of the vocabulary, and the id of a word is its rank in the order of
frequency plus 3. The classes are very unbalanced: "earn" and "acq" make up more than
half of the documents.

:Number of documents: {n_train} for training, {n_test} for testing
:Number of classes: {n_classes}
"""


@validate_params(
    {
        "num_words": [Interval(Integral, 1, None, closed="left"), None],
        "maxlen": [Interval(Integral, MIN_MAXLEN, None, closed="left"), None],
        "test_split": [Interval(Real, 0, 1, closed="both")],
        "seed": [Interval(Integral, 0, 2**32 - 1, closed="both")],
        "decode": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_reuters(
    *,
    num_words: int | None = None,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    decode: bool = True,
) -> Bunch:
    """Load the Reuters newswires from the Keras cache (classification).

    The documents are those of ``keras.datasets.reuters.load_data`` with the same
    parameters. Keras downloads the two files they are made of unless they are cached.

    =================   =========================
    Classes                                    46
    Samples total                          11,228
    Dimensionality      lists of word ids or text
    =================   =========================

    Parameters
    ----------
    num_words : int, default=None
        The ids from `num_words` on are replaced by 2, the id of unknown words. None
        leaves it to Keras, which then replaces the largest id only.

    maxlen : int, default=None
        Leave out the documents of `maxlen` or more ids. They are not cut. None keeps all
        documents.

    test_split : float, default=0.2
        The proportion of the documents to put into the test set.

    seed : int, default=113
        Determines the order of the documents, and so the split.

    decode : bool, default=True
        Return the documents as texts, too.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        ids_train, ids_test : list of list of int
            The word ids of the documents.
        y_train, y_test : ndarray of shape (n_samples,)
            The topic of each document, an index into `target_names`.
        texts_train, texts_test : list of str
            The words of the documents with blanks between them; padding, start and
            unknown words are left out. Only if ``decode=True``.
        target_names : list of str of length 46
            The names of the topics.
        DESCR : str
            The description of the dataset.

    Raises
    ------
    FileNotFoundError
        If the files are neither cached nor can be downloaded.

    Notes
    -----
    Without a network, let the environment variable ``KERAS_HOME`` name a writable
    directory that holds ``datasets/reuters.npz`` and
    ``datasets/reuters_word_index.json``. Keras reads the variable once, when it is
    imported. The second file is needed only for ``decode=True``.

    Examples
    --------
    >>> from skrnn.datasets import load_reuters
    >>> reuters = load_reuters(num_words=30_000, maxlen=50, test_split=0.3)  # doctest: +SKIP
    >>> len(reuters.ids_train), len(reuters.ids_test)  # doctest: +SKIP
    (1395, 599)
    """
    # Importing Keras takes seconds, which the other corpora need not pay.
    check_backend()
    from keras.datasets import reuters

    (ids_train, y_train), (ids_test, y_test) = _cached_or_downloaded(
        "reuters.npz",
        reuters.load_data,
        num_words=num_words,
        maxlen=maxlen,
        test_split=test_split,
        seed=seed,
    )
    bunch = Bunch(
        # Keras returns object arrays, of two dimensions if all documents are of one length,
        # and the labels of an empty set as floats.
        ids_train=ids_train.tolist(),
        y_train=y_train.astype(np.int64),
        ids_test=ids_test.tolist(),
        y_test=y_test.astype(np.int64),
        target_names=list(TOPICS),
        DESCR=DESCR.format(n_train=len(y_train), n_test=len(y_test), n_classes=len(TOPICS)),
    )
    if decode:
        index = _cached_or_downloaded("reuters_word_index.json", reuters.get_word_index)
        words = {rank + INDEX_FROM: word for word, rank in index.items()}
        bunch.update(
            texts_train=_decode(bunch.ids_train, words),
            texts_test=_decode(bunch.ids_test, words),
        )
    return bunch


def _cached_or_downloaded(file: str, load: Callable[..., Any], **params: Any) -> Any:
    """Call a loader of Keras without its noise."""
    try:
        with warnings.catch_warnings():
            # The file was written by a NumPy whose pickled dtypes current versions deprecate.
            warnings.filterwarnings("ignore", message=r"dtype\(\): align should be passed")
            return load(**params)
    except Exception as error:
        # A failed download is a bare Exception in Keras, and an OSError if it broke midway.
        if type(error) is not Exception and not isinstance(error, OSError):
            raise
        raise FileNotFoundError(
            f"{file} is not in the Keras cache and could not be downloaded ({error}). Before "
            "starting Python, set the environment variable KERAS_HOME to a writable directory "
            "that holds datasets/reuters.npz and datasets/reuters_word_index.json."
        ) from None


def _decode(documents: Iterable[Sequence[int]], words: dict[int, str]) -> list[str]:
    return [" ".join(words[i] for i in ids if i >= INDEX_FROM) for ids in documents]
