"""Seconds to explain 100 R8 test texts, token by token, with the default classifier.

Training is cut short at two epochs: it is not what is measured.
"""

from __future__ import annotations

import statistics
import time
from functools import partial

from _data import Texts, r8_texts
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main

METHODS = ("integrated_gradients", "occlusion")
N_TEXTS, QUICK_TEXTS, EPOCHS = 100, 10, 2


def measure(data: Texts, method: str, n_texts: int) -> dict[str, float]:
    """Measure one call, what it compiles included."""
    from skrnn import LSTMTextClassifier
    from skrnn.inspection import token_attributions

    classifier = LSTMTextClassifier(epochs=EPOCHS, random_state=0).fit(data.train, data.y)
    explain = partial(token_attributions, classifier, data.test[:n_texts], method=method)
    start = time.perf_counter()
    cpu = cpu_seconds(explain)
    return {"wall": time.perf_counter() - start, "cpu": cpu}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return one row per method."""
    data = r8_texts(settings)
    n_texts = QUICK_TEXTS if settings.quick else N_TEXTS
    works = {method: partial(measure, data, method, n_texts) for method in METHODS}
    lines = [
        Row(
            f"{n_texts} R8 test texts explained by {method.replace('_', ' ')}",
            "seconds; second: CPU seconds",
            "<= 10" if method == METHODS[0] else "",
            values["wall"],
            f"{statistics.median(values['wall']):.3g} s",
            f"{statistics.median(values['cpu']):.3g} s",
        )
        for method, values in alternate(works, settings).items()
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
