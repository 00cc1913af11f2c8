"""The display of a training's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin

from .._model import model_of
from .._optional import import_optional

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class TrainingHistoryDisplay:
    """Loss and another metric over the epochs, in training and validation.

    Make it with `from_estimator`. The parameters are stored as attributes.

    Parameters
    ----------
    history : mapping of str to sequence of float
        One value an epoch of every quantity; those of validation data start with
        ``val_``. `LSTMTextClassifier.history_` has this form, and so has ``history`` of
        what `keras.Model.fit` returns.
    metric : str, default="accuracy"
        What the second panel shows.

    Attributes
    ----------
    best_epoch_ : int or None
        The epoch, from 1 on, with the smallest loss of the validation data, to which
        early stopping goes back. None without validation data: the loss of the training
        data does not tell which epoch is best.
    axes_ : ndarray of shape (2,)
        The panels; only after `plot`.
    figure_ : matplotlib Figure
        Their figure; only after `plot`.

    See Also
    --------
    TokenAttributionDisplay : Explanation of a prediction.

    Examples
    --------
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.inspection import TrainingHistoryDisplay
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, validation_split=0.25)
    >>> display = TrainingHistoryDisplay.from_estimator(clf.fit(texts, labels))
    >>> display.axes_[0].get_ylabel()
    'loss'
    """

    def __init__(
        self, history: Mapping[str, Sequence[float]], *, metric: str = "accuracy"
    ) -> None:
        self.history = history
        self.metric = metric

    @classmethod
    def from_estimator(
        cls, estimator: ClassifierMixin, *, metric: str = "accuracy", ax: Any = None
    ) -> TrainingHistoryDisplay:
        """Plot the history of a fitted classifier.

        Parameters
        ----------
        estimator : LSTMTextClassifier
            A fitted classifier.
        metric : str, default="accuracy"
            What the second panel shows: a name in ``estimator.history_``.
        ax : matplotlib Axes, sequence of two of them, or None, default=None
            See `plot`.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display, plotted.

        Raises
        ------
        NotFittedError
            The classifier is not fitted.
        TypeError
            It is another estimator.
        """
        model_of(estimator, "TrainingHistoryDisplay")
        return cls(estimator.history_, metric=metric).plot(ax=ax)

    @property
    def best_epoch_(self) -> int | None:
        """The epoch with the smallest loss of the validation data."""
        losses = self.history.get("val_loss", ())
        return int(np.nanargmin(losses)) + 1 if np.isfinite(losses).any() else None

    def plot(self, ax: Axes | Sequence[Axes] | None = None) -> TrainingHistoryDisplay:
        """Draw the two panels.

        Parameters
        ----------
        ax : matplotlib Axes, sequence of two of them, or None, default=None
            Two panels to draw on, or one whose place the two share; None makes a figure.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display, with ``axes_`` and ``figure_``.

        Raises
        ------
        ImportError
            Matplotlib is missing; the extra ``skrnn[plot]`` installs it.
        ValueError
            The history holds no epoch, or not this metric.
        """
        import_optional("matplotlib", extra="plot", needed_by=f"{type(self).__name__}.plot")
        names = [name for name in self.history if not name.startswith("val_")]
        if not names or not len(self.history[names[0]]):
            raise ValueError("The history is empty: the classifier was never trained.")
        if self.metric not in names:
            raise ValueError(f"metric must be one of {names}, got {self.metric!r}.")
        self.axes_ = _panels(ax)
        self.figure_ = self.axes_[0].figure
        for panel, name in zip(self.axes_, ("loss", self.metric), strict=True):
            self._draw(panel, name)
        self.axes_[0].legend()
        return self

    def _draw(self, panel: Axes, name: str) -> None:
        from matplotlib.ticker import MaxNLocator

        # Points, for a line of one epoch cannot be seen.
        marker = "." if len(self.history[name]) < 50 else ""
        for key, label in ((name, "training"), (f"val_{name}", "validation")):
            if key in self.history:
                values = self.history[key]
                panel.plot(range(1, len(values) + 1), values, marker=marker, label=label)
        if self.best_epoch_ is not None:
            label = f"best epoch: {self.best_epoch_}"
            panel.axvline(self.best_epoch_, color="gray", linestyle="--", label=label)
        panel.set(xlabel="epoch", ylabel=name)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))


def _panels(ax: Axes | Sequence[Axes] | None) -> np.ndarray:
    """Return two panels, made where they were not given."""
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        return plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")[1]
    if isinstance(ax, Axes):
        ax.set_axis_off()
        return np.array([ax.inset_axes((left, 0, 0.42, 1)) for left in (0, 0.58)])
    panels = np.array(ax, dtype=object).ravel()
    if len(panels) != 2:
        raise ValueError(f"ax must be one or two Axes, got {len(panels)}.")
    return panels
