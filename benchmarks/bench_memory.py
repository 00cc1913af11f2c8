"""Forty fits in one process: how much memory is never given back."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable
from functools import partial

from _data import Numbers, seed_numbers
from _measure import alternate, resident_megabytes
from _settings import Settings
from _table import Row, main, without_peer

LAYERS = {"units": 10, "depth": 1, "bidirectional": True}
# How many fits, and after which one memory should have settled.
FITS, SETTLED = 40, 5
QUICK_FITS, QUICK_SETTLED = 2, 1
N_SAMPLES = 200


def scikeras(data: Numbers, fits: int, settled_after: int) -> dict[str, float]:
    """Measure scikeras."""
    from _keras_models import scikeras_classifier

    return growth(lambda: scikeras_classifier(1, **LAYERS), data, fits, settled_after)


def ours(data: Numbers, fits: int, settled_after: int) -> dict[str, float]:
    """Measure our classifier."""
    from _our_models import number_classifier

    return growth(lambda: number_classifier(**LAYERS, epochs=1), data, fits, settled_after)


def unrecycled(data: Numbers, fits: int, settled_after: int) -> dict[str, float]:
    """Measure our classifier with a network of its own for every fit."""
    import skrnn

    with skrnn.config_context(recycle=False):
        return ours(data, fits, settled_after)


def growth(
    make_classifier: Callable, data: Numbers, fits: int, settled_after: int
) -> dict[str, float]:
    """Fit new classifiers, one after the other."""
    settled = 0.0
    for number in range(fits):
        make_classifier().fit(data.X[:N_SAMPLES], data.y[:N_SAMPLES])
        gc.collect()
        if number + 1 == settled_after:
            settled = resident_megabytes()
    return {"growth": resident_megabytes() - settled}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the memory that fits after the fifth leave behind."""
    data = seed_numbers(settings)
    fits, settled_after = (QUICK_FITS, QUICK_SETTLED) if settings.quick else (FITS, SETTLED)
    work = f"{fits} fits in one process, growth after fit {settled_after}"
    lines, works = [], {"ours": ours, "ours, recycle=False": unrecycled}
    skipped = without_peer(work, "MB, scikeras", "", ["scikeras"])
    if skipped:
        lines.append(skipped)
    else:
        works["scikeras"] = scikeras
    results = alternate(
        {name: partial(fit, data, fits, settled_after) for name, fit in works.items()}, settings
    )
    for name, values in results.items():
        target = "<= 20" if name == "ours" else ""
        median = f"{statistics.median(values['growth']):.3g} MB"
        lines.append(Row(work, f"MB, {name}", target, values["growth"], median))
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
