"""Searches on Dask and Ray give what a serial one gives."""

import os
import secrets
import signal

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV

from skrnn import LSTMTextClassifier

TEXTS = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates and bonds rose"] * 6
LABELS = np.array(["grain", "grain", "money", "money"] * 6)

# The engines' own business.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class DiesOnce(LSTMTextClassifier):
    """Kills its process in the middle of a fit, unless a file says that it did."""

    def __init__(self, marker=None, *, units=3, embedding_dim=4, epochs=2, random_state=0):
        super().__init__(
            units=units, embedding_dim=embedding_dim, epochs=epochs, random_state=random_state
        )
        self.marker = marker

    def fit(self, X, y):
        if self.marker is not None and not os.path.exists(self.marker):
            open(self.marker, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y)


def search(clf=None, grid=None):
    if clf is None:
        clf = LSTMTextClassifier(units=3, embedding_dim=4, epochs=2, random_state=0)
    grid = grid or {"epochs": [1, 3], "learning_rate": [0.01, 0.05]}
    return GridSearchCV(clf, grid, cv=2).fit(TEXTS, LABELS)


def assert_same(found, expected):
    for name in ("split0_test_score", "split1_test_score", "rank_test_score"):
        assert_array_equal(found.cv_results_[name], expected.cv_results_[name])
    assert_array_equal(found.predict_proba(TEXTS), expected.predict_proba(TEXTS))


@pytest.fixture(scope="module")
def serial():
    return search()


@pytest.fixture(scope="module")
def dask():
    pytest.importorskip("dask")
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
    ):
        yield


@pytest.fixture(scope="module")
def ray():
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    with pytest.MonkeyPatch.context() as patch:
        # Without one Ray writes a token into the home directory.
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        register_ray()
        yield
        ray.shutdown()


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_equals_a_serial_search(engine, request, serial):
    request.getfixturevalue(engine)
    with joblib.parallel_config(engine):
        assert_same(search(), serial)


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_candidates_that_fail_are_reported_as_by_scikit_learn(engine, request):
    request.getfixturevalue(engine)
    with (
        joblib.parallel_config(engine),
        pytest.warns(FitFailedWarning, match=r"2 fits failed(.|\n)*units must be a positive int"),
        pytest.warns(UserWarning, match="One or more of the test scores are non-finite"),
    ):
        found = search(grid={"units": [3, [3, 3]]})
    assert_array_equal(np.isnan(found.cv_results_["mean_test_score"]), [False, True])


def test_dask_repeats_what_a_killed_worker_was_doing(dask, tmp_path):
    marker = tmp_path / "killed"
    grid = {"epochs": [1, 3]}
    expected = search(DiesOnce(), grid)
    with joblib.parallel_config("dask"):
        found = search(DiesOnce(str(marker)), grid)
    assert marker.exists()
    assert_same(found, expected)
