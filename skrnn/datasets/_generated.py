"""A generated corpus in which the label depends on the order of the words alone."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

MARKERS = (("north", "south"), ("winter", "summer"), ("coffee", "tea"), ("bread", "butter"))
FILLERS = (
    "after", "along", "book", "bridge", "chair", "garden", "green", "hand", "house", "light",
    "little", "music", "old", "paper", "quiet", "river", "road", "slow", "small", "stone",
    "table", "tree", "warm", "window",
)  # fmt: skip

# A filler on both sides of each marker and at least two between the markers: no pair or triple of
# neighbours holds both, and pairs that hold one are equally frequent in both classes.
MIN_GAP = 2
MIN_LENGTH = MIN_GAP + 4


@validate_params(
    {
        "n_samples": [Interval(Integral, 1, None, closed="left")],
        "length": [Interval(Integral, MIN_LENGTH, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_word_order_corpus(
    n_samples: int = 1000,
    *,
    length: int = 12,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[list[str], np.ndarray]:
    """Generate a two-class corpus whose classes differ in the order of the words alone.

    A text consists of random filler words and the two words of one of four pairs, such
    as "north" and "south". The class is 1 if they come in this order, else 0. At least two
    fillers are between them, and one is before and one after them.

    The words are drawn without regard to the class, which then decides the order of the
    pair only. So a bag of words carries no information, nor do the counts of pairs of
    neighbours: models of them score at chance. The classes are balanced.

    Parameters
    ----------
    n_samples : int, default=1000
        The number of texts.

    length : int, default=12
        The number of words of each text, at least 6.

    random_state : int, RandomState instance or None, default=None
        Determines the generated texts and their order. Pass an int for the same corpus in
        every call.

    Returns
    -------
    texts : list of str of length n_samples
        The generated texts.

    y : ndarray of shape (n_samples,)
        The classes, 0 or 1.

    Examples
    --------
    >>> from skrnn.datasets import make_word_order_corpus
    >>> texts, y = make_word_order_corpus(n_samples=4, length=8, random_state=0)
    >>> for text, label in zip(texts, y):
    ...     print(label, text)
    0 bridge bridge hand butter stone tree bread chair
    1 old along winter hand window summer slow garden
    1 light table stone north stone garden south river
    0 bridge slow summer stone stone quiet winter after
    """
    rng = check_random_state(random_state)
    y = rng.permutation(np.arange(n_samples) % 2)
    texts = []
    for label in y:
        words = rng.choice(FILLERS, size=length)
        pair = MARKERS[rng.randint(len(MARKERS))]
        first = rng.randint(1, length - MIN_GAP - 2)
        second = rng.randint(first + MIN_GAP + 1, length - 1)
        words[[first, second]] = pair if label else pair[::-1]
        texts.append(" ".join(words))
    return texts, y
