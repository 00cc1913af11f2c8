"""The distance of an epoch of R8 to what its matrix products alone would take.

The products of the LSTM layers, forward and twice as many backward, at the rate that one
large product reaches on the same thread: in numpy, and in TensorFlow, whose library may use
wider instructions. The batches are those of the default.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from _data import Texts, r8_texts
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio
from bench_texts import CUT, LAYERS

SIDE, PRODUCTS = 1024, 10


def flops_per_token() -> int:
    """Return the multiplications and additions of a step, forward and backward."""
    forward = 2 * (LAYERS["embedding_dim"] + LAYERS["units"]) * 4 * LAYERS["units"]
    return 3 * forward * (2 if LAYERS["bidirectional"] else 1)


def product_rates() -> dict[str, float]:
    """Return the floating-point operations of a CPU second in large matrix products."""
    import tensorflow as tf

    a, b = np.random.default_rng(0).random((2, SIDE, SIDE), dtype=np.float32)
    a_tensor, b_tensor = tf.constant(a), tf.constant(b)
    products = {
        "numpy": lambda: a @ b,
        "TensorFlow": lambda: tf.matmul(a_tensor, b_tensor),
    }
    return {
        library: 2 * SIDE**3 / min(cpu_seconds(multiply) for _ in range(PRODUCTS))
        for library, multiply in products.items()
    }


def ours(data: Texts) -> dict[str, float]:
    """Measure one more epoch, and the limits after it."""
    from _our_models import text_classifier

    classifier = text_classifier(recipe=False, **CUT, **LAYERS, epochs=1, warm_start=True)
    classifier.fit(data.train, data.y)
    seconds = cpu_seconds(classifier.fit, data.train, data.y)
    tokens = sum(min(len(text.split()), CUT["max_length"]) for text in data.train)
    limits = {
        library: tokens * flops_per_token() / rate for library, rate in product_rates().items()
    }
    return {"seconds": seconds, **limits}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the distance to the limit by either rate."""
    data = r8_texts(settings)
    values = alternate({"ours": partial(ours, data)}, settings)["ours"]
    lines = [
        ratio(
            "one R8 epoch, BiLSTM(64)",
            f"ours / matrix products in {library}",
            target,
            values["seconds"],
            values[library],
        )
        for library, target in (("numpy", ""), ("TensorFlow", "<= 2.5"))
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
