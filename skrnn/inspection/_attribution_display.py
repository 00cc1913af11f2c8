"""The display of token attributions: coloured text, bars, or plain text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_scalar

from .._optional import import_optional
from ._attributions import token_attributions
from ._explained import TokenAttributions

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# Blue raises the output for the target and vermilion lowers it: two colours that colour-blind
# readers tell apart (Okabe and Ito). Translucent, so that they suit dark and light pages.
_FOR, _AGAINST = (0, 114, 178), (213, 94, 0)
_STRONGEST_OPACITY = 0.6
# Fainter than this the eye sees nothing, and a long text is mostly such tokens.
_FAINTEST_OPACITY = 0.02

_SIGNS_OF_CONTROLS = {code: 0x2400 + code for code in range(0x20)} | {0x0A: "⏎", 0x7F: "␡"}

_PRINTED_TOKENS, _PRINTED_BAR = 10, 20


class TokenAttributionDisplay:
    """The tokens of a document, coloured by how much they contribute to a prediction.

    Make it with `from_estimator`, or from what `token_attributions` returns. A notebook
    shows the text in colour; `plot` draws the strongest tokens as bars; ``print`` lists
    them. The parameters are stored as attributes.

    Parameters
    ----------
    attributions : TokenAttributions
        The scores of one document.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The bars; only after `plot`.
    figure_ : matplotlib Figure
        Their figure; only after `plot`.

    See Also
    --------
    token_attributions : The scores themselves, of many documents at once.

    Examples
    --------
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.inspection import TokenAttributionDisplay
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, random_state=0).fit(texts, labels)
    >>> print(TokenAttributionDisplay.from_estimator(clf, "Wheat rose"))
    grain, probability 0...
    wheat  +0... ++++++++++++++++++++
    rose   -0... -...
    """

    def __init__(self, attributions: TokenAttributions) -> None:
        self.attributions = attributions

    @classmethod
    def from_estimator(
        cls,
        estimator: ClassifierMixin,
        text: Any,
        *,
        target: Any = None,
        method: Literal["integrated_gradients", "occlusion"] = "integrated_gradients",
    ) -> TokenAttributionDisplay:
        """Explain one document.

        Nothing is drawn yet: a notebook shows the coloured text, which needs no
        Matplotlib.

        Parameters
        ----------
        estimator : LSTMTextClassifier, WideAndDeepTextClassifier or NgramTextClassifier
            A fitted classifier.
        text : str, bytes, list of str, or list of int
            One document of the kind that the classifier was fitted on.
        target : label or None, default=None
            The label to explain; None: the most probable one.
        method : {"integrated_gradients", "occlusion"}, default="integrated_gradients"
            See `token_attributions`.

        Returns
        -------
        display : TokenAttributionDisplay
            The display.
        """
        (attributions,) = token_attributions(estimator, [text], target, method)
        return cls(attributions)

    def plot(self, ax: Axes | None = None, *, max_tokens: int = 15) -> TokenAttributionDisplay:
        """Draw the strongest tokens as bars.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a figure.
        max_tokens : int, default=15
            How many tokens to show. The scores of a token that occurs several times are
            summed.

        Returns
        -------
        display : TokenAttributionDisplay
            The display, with ``ax_`` and ``figure_``.

        Raises
        ------
        ValueError, TypeError
            ``max_tokens`` is no integer above 0.
        ImportError
            Matplotlib is missing; the extra ``skrnn[plot]`` installs it.
        """
        import_optional("matplotlib", extra="plot", needed_by=f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt

        check_scalar(max_tokens, "max_tokens", Integral, min_val=1)
        strongest = _strongest(self.attributions, max_tokens)
        if ax is None:
            height = 1.2 + 0.28 * len(strongest)
            ax = plt.subplots(figsize=(6, height), layout="constrained")[1]
        places = np.arange(len(strongest))
        scores = np.array([score for _, score in strongest])
        colours = [tuple(part / 255 for part in _colour_of(score)) for score in scores]
        ax.barh(places, scores, color=colours)
        # A token with two dollar signs is no formula.
        ax.set_yticks(places, [name for name, _ in strongest], parse_math=False)
        ax.invert_yaxis()
        ax.axvline(0, color="gray", linewidth=0.8)
        ax.set_xlabel("score: change of the logit")
        ax.set_title(_headline(self.attributions), parse_math=False)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

    def __repr__(self) -> str:
        """List the strongest tokens, with bars of + and -."""
        strongest = _strongest(self.attributions, _PRINTED_TOKENS)
        width = max((_columns(name) for name, _ in strongest), default=0)
        largest = max((abs(score) for _, score in strongest), default=0.0)
        lines = [_headline(self.attributions)]
        for name, score in strongest:
            size = round(_PRINTED_BAR * abs(score) / largest) if largest else 0
            bar = ("+" if score >= 0 else "-") * size
            blanks = " " * (width - _columns(name))
            lines.append(f"{name}{blanks}  {score:+.3f} {bar}".rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the text in colour, with a legend, for notebooks."""
        a = self.attributions
        largest = float(np.abs(a.scores).max(initial=0.0))
        text, offsets = _text_and_offsets(a)
        parts = [escape(text[: offsets.min(initial=len(text))])]
        for (start, end), tokens in _stretches(offsets, len(text)):
            # Where tokens overlap, a character is coloured by the mean of those it is in.
            score = float(a.scores[tokens].mean()) if len(tokens) else 0.0
            title = ", ".join(f"{_shown(a.tokens[t])} {a.scores[t]:+.3f}" for t in tokens)
            parts.append(_coloured(text[start:end], score, largest, title))
        legend = (
            f"{_coloured('for', largest, largest)}"
            f" {_coloured('against', -largest, largest)}"
            f" <small>(strongest colour: {largest:.3g})</small>"
        )
        return (
            '<div style="max-width: 60em">'
            f'<p style="margin: 0 0 0.5em"><b>{escape(_headline(a))}</b> &emsp; {legend}</p>'
            # By its first letter, a text runs from the right or from the left.
            '<div dir="auto" style="white-space: pre-wrap; line-height: 1.6">'
            f"{''.join(parts)}</div>"
            "</div>"
        )


def _headline(a: TokenAttributions) -> str:
    return f"{a.target}, probability {a.probability:.3f}"


def _strongest(a: TokenAttributions, max_tokens: int) -> list[tuple[str, float]]:
    """Return names and summed scores of the distinct tokens, the strongest first."""
    counts = Counter(a.tokens)
    sums = dict.fromkeys(a.tokens, 0.0)
    for token, score in zip(a.tokens, a.scores.tolist(), strict=True):
        sums[token] += score
    order = sorted(sums, key=lambda token: -abs(sums[token]))[:max_tokens]
    return [
        (_shown(token) + (f" ({counts[token]}x)" if counts[token] > 1 else ""), sums[token])
        for token in order
    ]


def _shown(token: str) -> str:
    """Return a token with signs for what cannot be seen: controls, and blanks at its borders."""
    return re.sub("^ | $", "␣", token.translate(_SIGNS_OF_CONTROLS))


def _text_and_offsets(a: TokenAttributions) -> tuple[str, np.ndarray]:
    """Return the user's text, or the tokens with blanks between where there is none."""
    if a.text is not None and a.offsets is not None:
        return a.text, a.offsets
    lengths = np.array([len(token) for token in a.tokens], dtype=np.intp)
    ends = np.cumsum(lengths + 1) - 1
    return " ".join(a.tokens), np.stack([ends - lengths, ends], axis=1)


def _stretches(offsets: np.ndarray, length: int) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Cut a text, from its first token on, at the ends of its tokens.

    Yield where a stretch starts and ends, and which tokens it is in.
    """
    starts, ends = offsets.T
    for start, end in pairwise(np.unique([*offsets.ravel(), length]).tolist()):
        yield (start, end), np.flatnonzero((starts <= start) & (end <= ends))


def _columns(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    marks = sum(unicodedata.category(character) in ("Mn", "Me", "Cf") for character in text)
    return len(text) + wide - marks


def _colour_of(score: float) -> tuple[int, int, int]:
    return _FOR if score >= 0 else _AGAINST


def _coloured(text: str, score: float, largest: float, title: str = "") -> str:
    opacity = _STRONGEST_OPACITY * abs(score) / largest if largest else 0.0
    if opacity < _FAINTEST_OPACITY:
        return escape(text)
    red, green, blue = _colour_of(score)
    return (
        f'<span title="{escape(title)}" style="background-color: '
        f'rgba({red}, {green}, {blue}, {opacity:.2f}); border-radius: 0.2em">{escape(text)}</span>'
    )
