import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skrnn import LSTMTextClassifier, WideAndDeepTextClassifier
from skrnn.inspection import TrainingHistoryDisplay

HISTORY = {
    "loss": [1.0, 0.5, 0.2],
    "accuracy": [0.5, 0.7, 0.9],
    "val_loss": [1.0, 0.6, 0.8],
    "val_accuracy": [0.4, 0.5, 0.6],
}
TRAINING = {name: HISTORY[name] for name in ("loss", "accuracy")}


@pytest.fixture(scope="module")
def clf():
    clf = LSTMTextClassifier(units=2, embedding_dim=3, epochs=2, validation_split=0.25)
    return clf.fit(["wheat rose", "bank rates"] * 4, ["grain", "money"] * 4)


def curves(panel):
    """Return the lines of a panel by their labels."""
    return {line.get_label(): line for line in panel.lines}


def test_from_estimator(clf):
    display = TrainingHistoryDisplay.from_estimator(clf)
    assert display.history is clf.history_
    assert [panel.get_ylabel() for panel in display.axes_] == ["loss", "accuracy"]
    assert display.figure_ is display.axes_[0].figure
    lines = curves(display.axes_[0])
    np.testing.assert_array_equal(lines["training"].get_xdata(), [1, 2])
    np.testing.assert_array_equal(lines["training"].get_ydata(), clf.history_["loss"])
    np.testing.assert_array_equal(lines["validation"].get_ydata(), clf.history_["val_loss"])


def test_best_epoch():
    display = TrainingHistoryDisplay(HISTORY).plot()
    assert display.best_epoch_ == 2
    for panel in display.axes_:
        assert curves(panel)["best epoch: 2"].get_xdata() == [2, 2]


def test_epochs_without_validation_are_not_the_best():
    history = {**HISTORY, "val_loss": [np.nan, 0.8, 0.6]}
    assert TrainingHistoryDisplay(history).plot().best_epoch_ == 3
    history["val_loss"] = [np.nan] * 3
    assert TrainingHistoryDisplay(history).plot().best_epoch_ is None


def test_without_validation():
    display = TrainingHistoryDisplay(TRAINING).plot()
    assert display.best_epoch_ is None
    assert [list(curves(panel)) for panel in display.axes_] == [["training"], ["training"]]


def test_own_metric():
    history = {**TRAINING, "f1": [0.1, 0.2, 0.3]}
    display = TrainingHistoryDisplay(history, metric="f1").plot()
    assert display.axes_[1].get_ylabel() == "f1"


def test_two_panels_given():
    figure, panels = plt.subplots(2, 1)
    display = TrainingHistoryDisplay(HISTORY).plot(ax=panels)
    assert list(display.axes_) == list(panels)
    assert display.figure_ is figure


def test_place_given():
    figure, (left, _) = plt.subplots(1, 2)
    display = TrainingHistoryDisplay(HISTORY).plot(ax=left)
    assert display.figure_ is figure
    assert not left.axison
    first, second = (panel.get_position() for panel in display.axes_)
    assert first.x0 == pytest.approx(left.get_position().x0)
    assert first.x1 < second.x0
    assert second.x1 == pytest.approx(left.get_position().x1)


def test_wrong_axes():
    _, panels = plt.subplots(1, 3)
    with pytest.raises(ValueError, match="ax must be one or two Axes, got 3"):
        TrainingHistoryDisplay(HISTORY).plot(ax=panels)


def test_unknown_metric():
    with pytest.raises(ValueError, match=r"one of \['loss', 'accuracy'\], got 'f1'"):
        TrainingHistoryDisplay(HISTORY, metric="f1").plot()


def test_never_trained(clf):
    untrained = LSTMTextClassifier(units=2, embedding_dim=3)
    untrained.initialize(["wheat rose", "bank rates"], [0, 1])
    with pytest.raises(ValueError, match="never trained"):
        TrainingHistoryDisplay.from_estimator(untrained)


def test_not_fitted():
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(LSTMTextClassifier())


def test_missing_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'plot needs matplotlib.*"skrnn\[plot\]"'):
        TrainingHistoryDisplay(HISTORY).plot()


def test_an_ensemble_has_none():
    clf = WideAndDeepTextClassifier(LSTMTextClassifier(units=2, embedding_dim=3, epochs=1))
    clf.fit(["wheat rose", "bank rates"] * 2, [0, 1] * 2)
    with pytest.raises(TypeError, match=r"TrainingHistoryDisplay needs .* Its network is deep_"):
        TrainingHistoryDisplay.from_estimator(clf)
