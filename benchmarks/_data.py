"""The corpora that are measured on, or generated stand-ins that say so."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _measure import elsewhere
from _settings import Settings

N_TOPICS = 46
N_SEED, SEED_STEPS = 1395, 49
_SEED_FILES = ("reuters.npz", "reuters_word_index.json")
_QUICK = 60


@dataclass(frozen=True)
class Numbers:
    """Sequences of numbers of shape (n_samples, n_steps, 1), their classes, and their origin."""

    X: np.ndarray
    y: np.ndarray
    note: str


@dataclass(frozen=True)
class Texts:
    """Texts of words with blanks between, their classes from 0 on, and their origin."""

    train: list[str]
    y: np.ndarray
    test: list[str]
    note: str


def seed_numbers(settings: Settings) -> Numbers:
    """Return the training newswires that the original models read: ids as numbers."""
    n_samples = _QUICK if settings.quick else N_SEED
    try:
        if settings.quick:
            raise FileNotFoundError  # reading the real ones starts TensorFlow once more
        # Loading takes Keras, which has no place in the process that measures PyTorch.
        ids, y = elsewhere(_load_seed, settings.data)
        note = "Seed data: short Reuters newswires as distributed with Keras, ids as numbers."
    except FileNotFoundError:
        rng = np.random.default_rng(0)
        ids = rng.integers(3, 30_000, (n_samples, SEED_STEPS))
        y = rng.integers(0, 35, n_samples)
        note = "Seed data NOT READ: random numbers stand in."
    X = np.zeros((len(ids), SEED_STEPS, 1), dtype=np.float32)
    for row, document in zip(X, ids, strict=True):
        row[-len(document) :, 0] = document
    return Numbers(X, np.asarray(y), note)


def r8_texts(settings: Settings) -> Texts:
    """Return the texts of Reuters R8, lower-case words of letters only."""
    try:
        train, y = read_labelled(settings.data / "r8-train.tsv.gz")
        test, _ = read_labelled(settings.data / "r8-test.tsv.gz")
        note = "R8: the standard split of Reuters-21578 R8, all words."
    except FileNotFoundError:
        train, test = (generate_texts(size, 105, 15_000) for size in (5485, 2189))
        y = np.arange(len(train)) % 8
        note = "R8 NOT FOUND: generated texts of about the same size stand in."
    if settings.quick:
        train, y, test = train[:_QUICK], y[:_QUICK], test[:_QUICK]
    return Texts(train, np.unique(y, return_inverse=True)[1], test, note)


def chinese_texts(settings: Settings) -> tuple[list[str], str]:
    """Return short texts in Chinese, and their origin."""
    try:
        texts = read_labelled(settings.data / "messages-zh-train.tsv.gz")[0]
        note = "Chinese: messages of web projects, placeholders and mark-up as they are."
    except FileNotFoundError:
        rng = np.random.default_rng(0)
        codes = rng.integers(0x4E00, 0x4E00 + 200, (3000, 25))
        texts = ["".join(map(chr, row)) for row in codes.tolist()]
        note = "CHINESE NOT FOUND: random characters stand in."
    return texts[:_QUICK] if settings.quick else texts, note


def read_labelled(path: Path) -> tuple[list[str], np.ndarray]:
    """Read a gzipped table with the header label<TAB>text."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        next(lines)
        labels, texts = zip(*(line.rstrip("\n").split("\t", 1) for line in lines), strict=True)
    return list(texts), np.array(labels)


def generate_texts(n_texts: int, mean_length: int, n_words: int) -> list[str]:
    """Make texts of independent words with Zipf's frequencies; every word occurs.

    Lengths are spread as newswires' are: most texts are short, some are very long.
    """
    rng = np.random.default_rng(0)
    lengths = 1 + rng.geometric(1 / mean_length, n_texts)
    chances = 1 / np.arange(1, n_words + 1)
    ranks = rng.choice(n_words, lengths.sum(), p=chances / chances.sum())
    places = rng.permutation(len(ranks))[:n_words]
    ranks[places] = np.arange(len(places))
    words = np.char.add("w", ranks.astype(str))
    return [" ".join(part) for part in np.split(words, np.cumsum(lengths)[:-1])]


def learn_ids(texts: list[str], max_words: int) -> dict[str, int]:
    """Return the ids of the most frequent words; 0 is padding and 1 any other word."""
    counts = Counter(word for text in texts for word in text.split())
    return {word: index for index, (word, _) in enumerate(counts.most_common(max_words - 2), 2)}


def ids_of(texts: list[str], ids: dict[str, int], max_length: int) -> list[list[int]]:
    """Return the ids of the first words of every text; a text without words is unknown."""
    return [[ids.get(word, 1) for word in text.split()[:max_length]] or [1] for text in texts]


def _load_seed(data: Path) -> tuple[list[list[int]], np.ndarray]:
    with tempfile.TemporaryDirectory() as directory:
        if all((data / file).exists() for file in _SEED_FILES):
            # Keras finds its data sets by this variable only, and reads it at import.
            os.environ["KERAS_HOME"] = directory
            (Path(directory) / "datasets").mkdir()
            for file in _SEED_FILES:
                (Path(directory) / "datasets" / file).symlink_to((data / file).resolve())
        from skrnn.datasets import load_reuters

        reuters = load_reuters(num_words=30_000, maxlen=50, test_split=0.3, decode=False)
        return reuters.ids_train, reuters.y_train
