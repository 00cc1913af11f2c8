"""R8 from raw text in two epochs: Keras and skorch beside ours, and our recipe beside both.

One network for all: an embedding and one bidirectional layer, texts cut at 256 words.
Keras pads all texts to the cut, skorch every batch to its own longest text.
"""

from __future__ import annotations

from functools import partial

from _data import Texts, r8_texts
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio, without_peer

LAYERS = {"units": 64, "depth": 1, "bidirectional": True, "embedding_dim": 128}
CUT = {"max_words": 20_000, "max_length": 256}
EPOCHS, BATCH_SIZE = 2, 32


def keras(data: Texts) -> dict[str, float]:
    """Measure TextVectorization and `keras.Model.fit`."""
    from _keras_models import lstm
    from keras.layers import TextVectorization

    def fit() -> None:
        vectorization = TextVectorization(
            CUT["max_words"], output_sequence_length=CUT["max_length"]
        )
        vectorization.adapt(data.train)
        ids = vectorization(data.train).numpy()
        n_words = vectorization.vocabulary_size()
        model = lstm(ids.shape[1:], int(data.y.max()) + 1, n_words=n_words, **LAYERS)
        model.fit(ids, data.y, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)

    return {"fit": cpu_seconds(fit)}


def skorch(data: Texts) -> dict[str, float]:
    """Measure a dictionary of words and skorch."""
    from _torch_models import fit_texts

    n_classes = int(data.y.max()) + 1
    return {
        "fit": cpu_seconds(
            fit_texts, data.train, data.y, **CUT, epochs=EPOCHS, n_classes=n_classes, **LAYERS
        )
    }


def ours(data: Texts, recipe: bool = False) -> dict[str, float]:
    """Measure our classifier."""
    from _our_models import text_classifier

    classifier = text_classifier(
        recipe=recipe, **CUT, **LAYERS, batch_size=BATCH_SIZE, epochs=EPOCHS
    )
    return {"fit": cpu_seconds(classifier.fit, data.train, data.y)}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the comparisons."""
    data = r8_texts(settings)
    work = "R8 from raw text, Embedding(20000, 128) + BiLSTM(64), 2 epochs"
    skipped = without_peer(work, "skorch / ours", ">= 2.5", ["torch", "skorch"])
    works = {"keras": keras, "ours": ours, "recipe": partial(ours, recipe=True)}
    if not skipped:
        works["skorch"] = skorch
    results = alternate({name: partial(peer, data) for name, peer in works.items()}, settings)
    seconds = {name: values["fit"] for name, values in results.items()}
    lines = [
        ratio(work, "Keras / ours", ">= 3.5", seconds["keras"], seconds["ours"]),
        skipped or ratio(work, "skorch / ours", ">= 2.5", seconds["skorch"], seconds["ours"]),
        ratio(
            "the same with the default recipe",
            "recipe / plain network",
            "<= 1.3",
            seconds["recipe"],
            seconds["ours"],
        ),
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
