"""Time to explain R8 test texts, token by token, with the default classifier.

The first call compiles, and is measured with 100 texts; a second call explains a single text.
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
from bench_predict import median_text

METHODS = ("integrated_gradients", "occlusion")
N_TEXTS, QUICK_TEXTS, EPOCHS = 100, 10, 2


def measure(data: Texts, method: str, n_texts: int, text: str) -> dict[str, float]:
    """Measure a call with many texts, what it compiles included, and then one with one text."""
    from skrnn import LSTMTextClassifier
    from skrnn.inspection import token_attributions

    classifier = LSTMTextClassifier(epochs=EPOCHS, random_state=0).fit(data.train, data.y)
    explain = partial(token_attributions, classifier, data.test[:n_texts], method=method)
    start = time.perf_counter()
    cpu = cpu_seconds(explain)
    wall = time.perf_counter() - start
    one = partial(token_attributions, classifier, [text], method=method)
    return {"wall": wall, "cpu": cpu, "one": 1000 * cpu_seconds(one)}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return two rows per method."""
    data = r8_texts(settings)
    n_texts = QUICK_TEXTS if settings.quick else N_TEXTS
    text = median_text(data)
    works = {method: partial(measure, data, method, n_texts, text) for method in METHODS}
    results = alternate(works, settings)
    lines = [
        Row(
            f"{n_texts} R8 test texts explained by {method.replace('_', ' ')}",
            "seconds; second: CPU seconds",
            "<= 10" if method == METHODS[0] else "",
            values["wall"],
            f"{statistics.median(values['wall']):.3g} s",
            f"{statistics.median(values['cpu']):.3g} s",
        )
        for method, values in results.items()
    ]
    lines += [
        Row(
            f"one text of {len(text.split())} words explained, in a later call",
            f"CPU ms, {method.replace('_', ' ')}",
            "",
            values["one"],
            f"{statistics.median(values['one']):.3g} ms",
        )
        for method, values in results.items()
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
