"""How the seconds of a fit grow: with documents, their length, the vocabulary and the units.

Generated texts and the default recipe, from raw text to five epochs; one quantity at a time
is doubled three times. The network has been compiled by a fit before. With matplotlib the
table is drawn as well (--quick draws nothing).
"""

from __future__ import annotations

import statistics
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from _data import generate_texts
from _measure import alternate, cpu_seconds
from _settings import Settings, parse
from _table import conditions, markdown

START = {"documents": 500, "mean length": 50, "vocabulary": 2_000, "units": 16}
QUICK_START = {"documents": 16, "mean length": 5, "vocabulary": 20, "units": 2}
FACTORS = (1, 2, 4, 8)
EPOCHS = 5
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "_static" / "scaling.png"


def ours(sizes: dict[str, int], epochs: int) -> dict[str, float]:
    """Measure a fit after another one of the same architecture."""
    from skrnn import LSTMTextClassifier

    texts = generate_texts(sizes["documents"], sizes["mean length"], sizes["vocabulary"])
    labels = [index % 4 for index in range(len(texts))]
    # "auto" would read small data twice and larger data once: a step in the curve.
    classifier = LSTMTextClassifier(
        units=sizes["units"], epochs=1, consistency=0.0, random_state=0
    )
    classifier.fit(texts, labels).set_params(epochs=epochs)
    return {"fit": cpu_seconds(classifier.fit, texts, labels)}


def measure(settings: Settings) -> dict[str, list[tuple[int, float]]]:
    """Return (size, seconds) by the quantity that was doubled."""
    start = QUICK_START if settings.quick else START
    factors = FACTORS[:2] if settings.quick else FACTORS
    epochs = 1 if settings.quick else EPOCHS
    cases = {"start": start} | {
        (quantity, factor): {**start, quantity: size * factor}
        for quantity, size in start.items()
        for factor in factors[1:]
    }
    works = {str(key): partial(ours, sizes, epochs) for key, sizes in cases.items()}
    seconds = {
        key: statistics.median(values["fit"]) for key, values in alternate(works, settings).items()
    }
    return {
        quantity: [
            (size * factor, seconds["start" if factor == 1 else str((quantity, factor))])
            for factor in factors
        ]
        for quantity, size in start.items()
    }


def table(curves: dict[str, list[tuple[int, float]]]) -> str:
    """Return the curves as a table of seconds, and how much the last doubling costs."""
    n_points = len(next(iter(curves.values())))
    header = ["doubled", "from", *(f"x {factor}" for factor in FACTORS[:n_points])]
    header.append("last doubling")
    rows = []
    for quantity, points in curves.items():
        seconds = [value for _, value in points]
        growth = f"x {seconds[-1] / seconds[-2]:.2f}"
        cells = [f"{value:.2f} s" for value in seconds]
        rows.append([quantity, f"{points[0][0]:,}", *cells, growth])
    return markdown(header, rows)


def draw(curves: dict[str, list[tuple[int, float]]], path: Path) -> None:
    """Draw seconds against factor, beside what is proportional."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for (quantity, points), marker in zip(curves.items(), "osD^", strict=True):
        label = f"{quantity} (from {points[0][0]:,})"
        seconds = [value for _, value in points]
        axes.plot(FACTORS, seconds, marker=marker, label=label)
    first = next(iter(curves.values()))[0][1]
    proportional = [first * factor for factor in FACTORS]
    axes.plot(FACTORS, proportional, color="grey", linestyle=":", label="proportional")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks(FACTORS, [f"x {factor}" for factor in FACTORS])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("size, one quantity at a time")
    axes.set_ylabel(f"CPU seconds of a fit, {EPOCHS} epochs")
    axes.legend()
    axes.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the version of matplotlib, so that the file changes only with the picture.
    figure.savefig(path, dpi=150, metadata={"Software": None})


def run(settings: Settings) -> str:
    """Measure, draw, and return the table."""
    curves = measure(settings)
    if not settings.quick and find_spec("matplotlib"):
        draw(curves, PICTURE)
    return table(curves)


if __name__ == "__main__":
    settings = parse(__doc__)
    print(run(settings))
    print(f"\n{conditions(settings)}")
