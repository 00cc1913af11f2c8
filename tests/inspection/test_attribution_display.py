import re
import sys
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skrnn import LSTMTextClassifier
from skrnn.inspection import TokenAttributionDisplay, TokenAttributions

TEXT = "<script>alert('x')</script> Wheat & $wheat$\nrose"


class Page(HTMLParser):
    """What a browser makes of a page: its tags, and the text of the last block."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.coloured, self.block = set(), [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "div":
            self.block = ""
        if tag == "span":
            self.coloured.append([dict(attrs)["style"], ""])

    def handle_data(self, data):
        self.block += data
        if self.coloured and self.lasttag == "span" and not self.coloured[-1][1]:
            self.coloured[-1][1] = data


def make(scores=(0.5, 0.0, -0.25, 0.1, -1.0), text=TEXT, **kwargs):
    tokens = ["script", "alert", "wheat", "wheat", "rose"]
    starts = [1, 8, 28, 37, 44]
    offsets = [(start, start + len(token)) for start, token in zip(starts, tokens, strict=True)]
    return TokenAttributionDisplay(
        TokenAttributions(
            tokens=tokens,
            scores=np.array(scores),
            target="<grain>",
            probability=0.75,
            logit=1.0,
            baseline_logit=0.0,
            text=text,
            offsets=None if text is None else np.array(offsets),
        )
    )


def test_html_shows_the_text():
    page = Page(make()._repr_html_())
    assert page.block == TEXT
    assert page.tags == {"div", "p", "b", "small", "span"}


def test_html_colours():
    page = Page(make()._repr_html_())
    legend, coloured = page.coloured[:2], page.coloured[2:]
    assert [text for _, text in legend] == ["for", "against"]
    assert [text for _, text in coloured] == ["script", "Wheat", "wheat", "rose"]
    colours = [re.search(r"rgba\((.*?)\)", style).group(1) for style, _ in legend + coloured]
    positive, negative = "0, 114, 178", "213, 94, 0"
    assert colours == [
        f"{positive}, 0.60",
        f"{negative}, 0.60",
        f"{positive}, 0.30",
        f"{negative}, 0.15",
        f"{positive}, 0.06",
        f"{negative}, 0.60",
    ]


def test_html_of_overlapping_tokens():
    display = TokenAttributionDisplay(
        TokenAttributions(
            tokens=["我爱", "爱北", "北京"],
            scores=np.array([1.0, -0.5, 0.5]),
            target="city",
            probability=0.75,
            logit=1.0,
            baseline_logit=0.0,
            text="“我爱北京”",
            offsets=np.array([[1, 3], [2, 4], [3, 5]]),
        )
    )
    html = display._repr_html_()
    page = Page(html)
    assert page.block == "“我爱北京”"
    shown = [(text, re.search(r"rgba\((.*?)\)", style)[1]) for style, text in page.coloured[2:]]
    positive = "0, 114, 178"
    assert shown == [
        ("我", f"{positive}, 0.60"),
        ("爱", f"{positive}, 0.15"),
        ("京", f"{positive}, 0.30"),
    ]
    assert 'title="我爱 +1.000, 爱北 -0.500"' in html
    assert str(display).splitlines()[1] == "我爱  +1.000 ++++++++++++++++++++"


def test_html_escapes_the_titles():
    display = make(text=None)
    display.attributions.tokens[0] = '"><img src="x">'
    assert "img" not in Page(display._repr_html_()).tags


def test_html_without_offsets():
    page = Page(make(text=None)._repr_html_())
    assert page.block == "script alert wheat wheat rose"
    assert [text for _, text in page.coloured[2:]] == ["script", "wheat", "wheat", "rose"]


def test_html_of_a_document_without_tokens():
    nothing = TokenAttributions(
        tokens=[], scores=np.zeros(0), target=0, probability=0.5, logit=0.0, baseline_logit=0.0
    )
    assert Page(TokenAttributionDisplay(nothing)._repr_html_()).block == ""


def test_html_of_nothing():
    page = Page(make(scores=[0.0] * 5)._repr_html_())
    assert page.block == TEXT
    assert not page.coloured


def test_text():
    assert str(make()).splitlines() == [
        "<grain>, probability 0.750",
        "rose        -1.000 --------------------",
        "script      +0.500 ++++++++++",
        "wheat (2x)  -0.150 ---",
        "alert       +0.000",
    ]


def test_bars_begin_in_one_column_of_a_terminal():
    display = make(scores=(1.0, 0.9, 0.8, 0.7, 0.6), text=None)
    # Wide characters fill two cells, marks none.
    display.attributions.tokens[:] = ["小麦粉", "wheat", "अच्छा", "e\u0301", "rose"]
    starts = [line.partition("+")[0] for line in str(display).splitlines()[1:]]
    assert starts == ["小麦粉  ", "wheat   ", "अच्छा    ", "e\u0301       ", "rose    "]


def test_blanks_line_breaks_and_controls_are_shown():
    explained = TokenAttributions(
        tokens=["\n我", "我\x1b "],
        scores=np.array([1.0, -0.5]),
        target="grain",
        probability=0.7,
        logit=1.0,
        baseline_logit=0.5,
        text="我",
        offsets=np.array([[0, 1], [0, 1]]),
    )
    display = TokenAttributionDisplay(explained)
    assert [line.split()[0] for line in str(display).splitlines()[1:]] == ["⏎我", "我␛␣"]
    assert 'title="⏎我 +1.000, 我␛␣ -0.500"' in display._repr_html_()


def test_plot():
    display = make().plot()
    assert display.figure_ is display.ax_.figure
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == ["rose", "script", "wheat (2x)", "alert"]
    assert display.ax_.yaxis_inverted()  # the strongest is above
    widths = [bar.get_width() for bar in display.ax_.patches]
    assert widths == pytest.approx([-1.0, 0.5, -0.15, 0.0])
    assert display.ax_.get_title() == "<grain>, probability 0.750"


def test_plot_on_axes():
    figure, ax = plt.subplots()
    display = make().plot(ax=ax, max_tokens=2)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert len(ax.patches) == 2


@pytest.mark.parametrize("max_tokens", [0, -1, 2.0])
def test_a_wrong_number_of_tokens(max_tokens):
    with pytest.raises((ValueError, TypeError), match="max_tokens"):
        make().plot(max_tokens=max_tokens)


def test_plot_of_a_formula():
    display = make()
    display.attributions.tokens[0] = "$\\nonsense{$"
    display.plot().figure_.canvas.draw()


def test_missing_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    display = make()
    assert str(display)
    assert display._repr_html_()
    with pytest.raises(ImportError, match=r'plot needs matplotlib.*"skrnn\[plot\]"'):
        display.plot()


def test_from_estimator():
    clf = LSTMTextClassifier(units=3, embedding_dim=4, epochs=1, random_state=0)
    clf.fit(["wheat rose", "bank rates"] * 8, ["grain", "money"] * 8)
    display = TokenAttributionDisplay.from_estimator(
        clf, "Bank & wheat", target="grain", method="occlusion"
    )
    assert display.attributions.target == "grain"
    assert Page(display._repr_html_()).block == "Bank & wheat"
    assert not hasattr(display, "ax_")
