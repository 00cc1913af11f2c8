"""Our classifier with the peers' settings."""

from __future__ import annotations

from typing import Any

from skrnn import LSTMTextClassifier, SequenceVectorizer

_PLAIN = {
    "pooling": "last",
    "dropout": 0.0,
    "embedding_dropout": 0.0,
    "word_dropout": 0.0,
    "label_smoothing": 0.0,
    "embeddings": "random",
    "subwords": False,
    "normalization": None,
    "schedule": None,
    "learning_rate": 1e-3,
    "global_clipnorm": None,
}


def number_classifier(**params: Any) -> LSTMTextClassifier:
    """Return the models of the seed: numbers in, the last state decides."""
    return LSTMTextClassifier(
        **{**_PLAIN, "embedding_dim": None, "batch_size": 50, "random_state": 0, **params}
    )


def text_classifier(
    *, recipe: bool, max_words: int, max_length: int, **params: Any
) -> LSTMTextClassifier:
    """Return the peers' network, or with ``recipe`` our defaults, for words between blanks."""
    # Like the peers' tokens: any run of characters, and not of two letters at least.
    vectorizer = SequenceVectorizer(
        max_features=max_words - 2, maxlen=max_length, token_pattern=r"\S+"
    )
    settings = {} if recipe else _PLAIN
    return LSTMTextClassifier(
        **{**settings, "vectorizer": vectorizer, "random_state": 0, **params}
    )
