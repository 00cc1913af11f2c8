"""GridSearchCV over depth and units: scikeras and skorch beside ours.

All three get the same folds. A process starts cold: it imports, then searches.
"""

from __future__ import annotations

from functools import partial

from _data import N_TOPICS, Numbers, seed_numbers
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio, without_peer
from sklearn.model_selection import GridSearchCV, KFold

GRID = {"depth": [1, 2], "units": [10, 20]}
QUICK_GRID = {"depth": [1], "units": [10]}
START = {"units": 10, "depth": 1, "bidirectional": True}


def search(classifier: object, data: Numbers, n_folds: int, grid: dict) -> dict[str, float]:
    """Measure one search."""
    # Topics are too rare to stratify by.
    searching = GridSearchCV(classifier, grid, cv=KFold(n_folds), error_score="raise")
    return {"search": cpu_seconds(searching.fit, data.X, data.y)}


def scikeras(data: Numbers, n_folds: int, epochs: int, grid: dict) -> dict[str, float]:
    """Measure scikeras."""
    from _keras_models import scikeras_classifier

    return search(scikeras_classifier(epochs, **START), data, n_folds, grid)


def skorch(data: Numbers, n_folds: int, epochs: int, grid: dict) -> dict[str, float]:
    """Measure skorch."""
    from _torch_models import skorch_classifier

    classifier = skorch_classifier(epochs, 50, n_classes=N_TOPICS, **START)
    grid = {f"module__{name}": values for name, values in grid.items()}
    return search(classifier, data, n_folds, grid)


def ours(data: Numbers, n_folds: int, epochs: int, grid: dict) -> dict[str, float]:
    """Measure our classifier."""
    from _our_models import number_classifier

    return search(number_classifier(**START, epochs=epochs), data, n_folds, grid)


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the comparisons of a small and a larger search."""
    data = seed_numbers(settings)
    grid = QUICK_GRID if settings.quick else GRID
    lines = []
    searches = [
        (3, 3, [scikeras, skorch], [">= 5", ">= 1.3"]),
        (5, 10, [skorch], [">= 1.0"]),
    ]
    if settings.quick:
        searches = [(2, 1, *searches[0][2:])]
    for n_folds, epochs, peers, targets in searches:
        sizes = " x ".join(f"{name} {values}" for name, values in grid.items())
        work = f"GridSearchCV {sizes}, {n_folds} folds, {epochs} epochs"
        skipped = {
            peer: without_peer(work, f"{peer.__name__} / ours", target, _needs(peer))
            for peer, target in zip(peers, targets, strict=True)
        }
        present = [peer for peer in peers if skipped[peer] is None]
        works = {
            peer.__name__: partial(peer, data, n_folds, epochs, grid) for peer in [*present, ours]
        }
        seconds = {key: value["search"] for key, value in alternate(works, settings).items()}
        for peer, target in zip(peers, targets, strict=True):
            name = peer.__name__
            lines.append(
                skipped[peer]
                or ratio(work, f"{name} / ours", target, seconds[name], seconds["ours"])
            )
    return lines, data.note


def _needs(peer: object) -> list[str]:
    return ["torch", "skorch"] if peer is skorch else ["scikeras"]


if __name__ == "__main__":
    main(__doc__, rows)
