"""One text, and 2,189 texts, to an answer: `keras.Model.predict` and ONNX beside ours.

For one text Keras gets ready ids without padding, and the exported graph gets the text's ids
from our vectorizer within the time; for many both start from the texts. Ours is the peers' network
there. The default classifiers, which have more to do, are measured by themselves.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial

from _data import Texts, r8_texts
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio
from bench_texts import CUT, LAYERS

CALLS, QUICK_CALLS = 200, 5
TEXT_WORDS = 66  # the median of R8
TARGETS = {"WideAndDeepTextClassifier": "<= 2"}
# Rows of a batch: as many steps as a chunk of ours.
BATCH_SIZE = 64


def keras(data: Texts, text: str, calls: int) -> dict[str, float]:
    """Measure TextVectorization and `keras.Model.predict`."""
    from _keras_models import lstm
    from keras.layers import TextVectorization

    vectorization = TextVectorization(CUT["max_words"], output_sequence_length=CUT["max_length"])
    vectorization.adapt(data.train)
    n_words = vectorization.vocabulary_size()
    model = lstm((None,), int(data.y.max()) + 1, n_words=n_words, **LAYERS)

    def labels() -> None:
        ids = vectorization(data.test).numpy()
        model.predict(ids, batch_size=BATCH_SIZE, verbose=0).argmax(axis=1)

    ids = vectorization([text]).numpy()[:, : len(text.split())]
    one = partial(model.predict, ids, verbose=0)
    return _measure(one, labels, calls)


def ours(data: Texts, text: str, calls: int) -> dict[str, float]:
    """Measure `predict_proba` and `predict`."""
    from _our_models import text_classifier

    classifier = text_classifier(recipe=False, **CUT, **LAYERS).initialize(data.train, data.y)
    one = partial(classifier.predict_proba, [text])
    return _measure(one, partial(classifier.predict, data.test), calls)


def default(data: Texts, text: str, calls: int) -> dict[str, float]:
    """Measure the default classifiers, the network alone and with the linear model."""
    from skrnn import WideAndDeepTextClassifier

    both = WideAndDeepTextClassifier(random_state=0).set_params(deep__epochs=1)
    both.fit(data.train, data.y)
    one = {
        type(classifier).__name__: partial(classifier.predict_proba, [text])
        for classifier in (both.deep_, both)
    }
    return {name: _milliseconds(predict, calls) for name, predict in one.items()}


def onnxruntime(data: Texts, text: str, calls: int) -> dict[str, float]:
    """Measure our vectorizer and the exported graph in onnxruntime."""
    from _our_models import text_classifier
    from onnxruntime import InferenceSession, SessionOptions

    from skrnn.export import to_onnx

    classifier = text_classifier(recipe=False, **CUT, **LAYERS).initialize(data.train, data.y)
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = InferenceSession(to_onnx(classifier).SerializeToString(), options)
    n_words = len(text.split())

    def one() -> None:
        ids = classifier.vectorizer_.transform([text])[:, :n_words]
        session.run(None, {"ids": ids.astype("int64")})

    return {"one": _milliseconds(one, calls)}


def median_text(data: Texts) -> str:
    """Return a test text of median length."""
    return min(data.test, key=lambda text: abs(len(text.split()) - TEXT_WORDS))


def _measure(one: Callable, many: Callable, calls: int) -> dict[str, float]:
    milliseconds = _milliseconds(one, calls)
    many()
    return {"one": milliseconds, "many": cpu_seconds(many)}


def _milliseconds(one: Callable, calls: int) -> float:
    one()  # compiles
    return statistics.median(1000 * cpu_seconds(one) for _ in range(calls))


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the comparisons of one text and of many."""
    data = r8_texts(settings)
    text = median_text(data)
    calls = QUICK_CALLS if settings.quick else CALLS
    works = {
        peer.__name__: partial(peer, data, text, calls)
        for peer in (keras, ours, default, onnxruntime)
    }
    values = alternate(works, settings)
    pair = values["keras"], values["ours"]
    one_text = f"one text of {len(text.split())} words to probabilities"
    lines = [
        ratio(
            one_text,
            "Keras on ready ids / ours",
            ">= 30",
            *(value["one"] for value in pair),
            unit="ms",
        ),
        *(
            Row(
                one_text,
                f"ms, {name}()",
                TARGETS.get(name, ""),
                milliseconds,
                f"{statistics.median(milliseconds):.3g} ms",
            )
            for name, milliseconds in values["default"].items()
        ),
        ratio(
            one_text,
            "ours / exported, in onnxruntime",
            "",
            values["ours"]["one"],
            values["onnxruntime"]["one"],
            unit="ms",
        ),
        ratio(
            f"{len(data.test):,} R8 test texts to labels",
            "Keras padded / ours",
            ">= 3",
            *(value["many"] for value in pair),
        ),
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
