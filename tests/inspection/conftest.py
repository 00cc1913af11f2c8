import matplotlib
import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def without_a_screen():
    """Draw into memory and forget the figures."""
    matplotlib.use("Agg")
    yield
    plt.close("all")
