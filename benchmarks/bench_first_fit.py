"""One epoch in a new network and again in the same one: what Keras compiles and we recycle.

TensorFlow itself is warm: another network has been trained in the same process before.
"""

from __future__ import annotations

from functools import partial

from _data import N_TOPICS, Numbers, seed_numbers
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio
from bench_epochs import BATCH_SIZE, networks

OTHER = {"units": 6, "depth": 1, "bidirectional": False}


def keras(data: Numbers, layers: dict) -> dict[str, float]:
    """Measure building, compiling and one epoch, twice."""
    from _keras_models import lstm

    def fit(layers: dict) -> None:
        model = lstm(data.X.shape[1:], N_TOPICS, **layers)
        model.fit(data.X, data.y, batch_size=BATCH_SIZE, epochs=1, verbose=0)

    fit(OTHER)
    return {"first": cpu_seconds(fit, layers), "second": cpu_seconds(fit, layers)}


def ours(data: Numbers, layers: dict) -> dict[str, float]:
    """Measure a new estimator, another one after it, and the same once more."""
    from _our_models import number_classifier

    def fit(layers: dict) -> object:
        classifier = number_classifier(**layers, batch_size=BATCH_SIZE, epochs=1)
        return classifier.fit(data.X, data.y)

    fit(OTHER)
    seconds = {"first": cpu_seconds(fit, layers), "second": cpu_seconds(fit, layers)}
    classifier = fit(layers)
    return {**seconds, "refit": cpu_seconds(classifier.fit, data.X, data.y)}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the comparisons of both networks."""
    data = seed_numbers(settings)
    lines = []
    for name, layers in networks(settings).items():
        works = {peer.__name__: partial(peer, data, layers) for peer in (keras, ours)}
        seconds = alternate(works, settings)
        for work, target, theirs, own in (
            ("first fit (1 epoch)", ">= 2", "first", "first"),
            ("second fit, new estimator", ">= 10", "second", "second"),
            ("second fit, same estimator", ">= 10", "second", "refit"),
        ):
            pair = seconds["keras"][theirs], seconds["ours"][own]
            lines.append(ratio(f"{work}, {name}", "Keras / ours", target, *pair))
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
