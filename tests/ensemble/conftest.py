import pytest

from skrnn.ensemble import _ensemble_fit


@pytest.fixture
def few_are_many(monkeypatch):
    """Let a tenth be held out of a hundred samples."""
    monkeypatch.setattr(_ensemble_fit, "_FEW", 100)
