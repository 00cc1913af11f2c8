"""How fast texts become ids: SequenceVectorizer beside bare `re` and CountVectorizer.

Megabytes of UTF-8 text per CPU second, on the training texts of R8 and on short Chinese texts.
CountVectorizer's words are shorter work than the default's: they leave the signs out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise

from _data import chinese_texts, r8_texts
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio
from sklearn.feature_extraction.text import CountVectorizer

from skrnn import SequenceVectorizer

MAX_WORDS = 20_000


def bare(texts: list[str]) -> Callable[[], object]:
    """Do the least that has to be done: lowercase, find the tokens, look them up."""
    pattern = re.compile(r"(?u)\b\w\w+\b")
    lookup = SequenceVectorizer(max_features=MAX_WORDS).fit(texts).vocabulary_.get
    return lambda: [[lookup(word, 1) for word in pattern.findall(text.lower())] for text in texts]


def bare_pairs(texts: list[str]) -> Callable[[], object]:
    """Do the least that has to be done in Chinese: pair the characters, look them up."""
    lookup = SequenceVectorizer(max_features=MAX_WORDS).fit(texts).vocabulary_.get
    return lambda: [[lookup(a + b, 1) for a, b in pairwise(text.lower())] for text in texts]


def transform(texts: list[str], vectorizer: type) -> Callable[[], object]:
    """Transform with a learnt vocabulary."""
    return partial(vectorizer(max_features=MAX_WORDS).fit(texts).transform, texts)


def fit_transform(texts: list[str], vectorizer: type) -> Callable[[], object]:
    """Learn the vocabulary and transform."""
    return partial(vectorizer(max_features=MAX_WORDS).fit_transform, texts)


def speed(make: Callable, texts: list[str], *args: object) -> dict[str, float]:
    """Measure the second call, which finds everything imported and cached."""
    function = make(texts, *args)
    function()
    n_bytes = sum(len(text.encode()) for text in texts)
    return {"speed": n_bytes / 1e6 / cpu_seconds(function)}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the comparisons with bare Python and with CountVectorizer."""
    data = r8_texts(settings)
    chinese, note = chinese_texts(settings)
    contenders = {
        "bare": (bare, data.train),
        "counting": (transform, data.train, CountVectorizer),
        "ours": (transform, data.train, SequenceVectorizer),
        "counting, fit": (fit_transform, data.train, CountVectorizer),
        "ours, fit": (fit_transform, data.train, SequenceVectorizer),
        "bare, Chinese": (bare_pairs, chinese),
        "ours, Chinese": (transform, chinese, SequenceVectorizer),
    }
    r8, zh = f"{len(data.train):,} R8 texts", f"{len(chinese):,} Chinese texts"
    works = {name: partial(speed, *args) for name, args in contenders.items()}
    speeds = {name: value["speed"] for name, value in alternate(works, settings).items()}
    lines = [
        ratio(
            f"{texts} to ids, {method}",
            f"ours / {peer}",
            "",
            speeds[f"ours{suffix}"],
            speeds[name],
            unit="MB/s",
        )
        for texts, method, peer, name, suffix in (
            (r8, "transform", "bare re.findall and dict", "bare", ""),
            (r8, "transform", "CountVectorizer", "counting", ""),
            (r8, "fit_transform", "CountVectorizer", "counting, fit", ", fit"),
            (zh, "transform", "bare pairs and dict", "bare, Chinese", ", Chinese"),
        )
    ]
    return lines, f"{data.note}\n{note}"


if __name__ == "__main__":
    main(__doc__, rows)
