"""Five more epochs of the seed's networks: Keras and PyTorch beside ours.

Every process trains one epoch first, so that what is compiled at the start is not counted.
"""

from __future__ import annotations

from functools import partial

from _data import N_TOPICS, Numbers, seed_numbers
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio, without_peer

NETWORKS = {
    "4 x LSTM(20)": {"units": 20, "depth": 4, "bidirectional": False},
    "4 x BiLSTM(10)": {"units": 10, "depth": 4, "bidirectional": True},
}
QUICK_NETWORKS = {"LSTM(2)": {"units": 2, "depth": 1, "bidirectional": False}}
EPOCHS, BATCH_SIZE = 5, 50


def networks(settings: Settings) -> dict[str, dict]:
    """Return the networks by name."""
    return QUICK_NETWORKS if settings.quick else NETWORKS


def keras(data: Numbers, layers: dict) -> dict[str, float]:
    """Measure `keras.Model.fit`."""
    from _keras_models import lstm

    model = lstm(data.X.shape[1:], N_TOPICS, **layers)
    fit = partial(model.fit, data.X, data.y, batch_size=BATCH_SIZE, verbose=0)
    fit(epochs=1)
    return {"epochs": cpu_seconds(fit, epochs=EPOCHS)}


def pytorch(data: Numbers, layers: dict) -> dict[str, float]:
    """Measure a plain loop."""
    import torch
    from _torch_models import LSTM, train

    model = LSTM(N_TOPICS, **layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    X, y = torch.from_numpy(data.X), torch.from_numpy(data.y).long()
    train(model, optimizer, X, y, BATCH_SIZE, 1)
    return {"epochs": cpu_seconds(train, model, optimizer, X, y, BATCH_SIZE, EPOCHS)}


def ours(data: Numbers, layers: dict) -> dict[str, float]:
    """Measure a warm start."""
    from _our_models import number_classifier

    classifier = number_classifier(**layers, batch_size=BATCH_SIZE, warm_start=True, epochs=1)
    classifier.fit(data.X, data.y)
    classifier.set_params(epochs=EPOCHS)
    return {"epochs": cpu_seconds(classifier.fit, data.X, data.y)}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return the comparisons of both networks."""
    data = seed_numbers(settings)
    lines = []
    for name, layers in networks(settings).items():
        work = f"{EPOCHS} further epochs, {name}, seed data"
        skipped = without_peer(work, "PyTorch / ours", ">= 1.0", ["torch", "skorch"])
        peers = [keras] if skipped else [keras, pytorch]
        works = {peer.__name__: partial(peer, data, layers) for peer in [*peers, ours]}
        seconds = {key: value["epochs"] for key, value in alternate(works, settings).items()}
        lines.append(ratio(work, "Keras / ours", ">= 2.2", seconds["keras"], seconds["ours"]))
        lines.append(
            skipped or ratio(work, "PyTorch / ours", ">= 1.0", seconds["pytorch"], seconds["ours"])
        )
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
