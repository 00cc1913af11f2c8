"""One test for a row of docs/works_with.md; `make test-integrations` installs the packages."""

import re

import numpy as np
import pytest

IDS = np.array([[1, 2, 3, 0], [4, 5, 1, 0], [6, 7, 8, 0], [8, 3, 9, 2]] * 8)
TOPICS = np.array([0, 0, 1, 1] * 8)

pytestmark = [
    # Other packages' own business: they run with the versions that pip finds for them.
    pytest.mark.filterwarnings("ignore"),
]


def test_imbalanced_learn(make, data):
    over_sampling = pytest.importorskip("imblearn.over_sampling")
    pipeline = pytest.importorskip("imblearn.pipeline")
    texts, labels = data
    column = np.array(texts[:24], dtype=object).reshape(-1, 1)
    resample = over_sampling.RandomOverSampler(random_state=0)
    clf = pipeline.Pipeline([("resample", resample), ("clf", make())]).fit(column, labels[:24])
    assert set(clf.predict(column)) <= {"grain", "money"}


def test_optuna(make, data):
    optuna = pytest.importorskip("optuna")
    from sklearn.model_selection import cross_val_score

    texts, labels = data
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial):
        clf = make(units=trial.suggest_int("units", 2, 4))
        return cross_val_score(clf, texts, labels, cv=2).mean()

    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=2)
    assert 0 <= study.best_value <= 1
    assert 2 <= study.best_params["units"] <= 4


def test_shap(make, data):
    shap = pytest.importorskip("shap")
    texts, labels = data
    clf = make().fit(texts, labels)
    explainer = shap.Explainer(
        lambda some: clf.predict_proba([str(text) for text in some]),
        shap.maskers.Text(r"\W+"),
        output_names=clf.classes_.tolist(),
    )
    explanation = explainer(texts[:1], silent=True)
    total = explanation.values[0].sum(axis=0) + explanation.base_values[0]
    np.testing.assert_allclose(total, clf.predict_proba(texts[:1])[0], atol=1e-4)


def test_lime(make, data):
    lime_text = pytest.importorskip("lime.lime_text")
    texts, labels = data
    clf = make().fit(texts, labels)
    explainer = lime_text.LimeTextExplainer(class_names=clf.classes_.tolist(), random_state=0)
    explanation = explainer.explain_instance(texts[0], clf.predict_proba, num_samples=50)
    assert {word for word, _ in explanation.as_list()} == set(texts[0].split())


def test_mapie(make):
    classification = pytest.importorskip("mapie.classification")
    conformal = classification.SplitConformalClassifier(make(), confidence_level=0.8, prefit=False)
    conformal.fit(IDS[:16], TOPICS[:16]).conformalize(IDS[16:], TOPICS[16:])
    labels, sets = conformal.predict_set(IDS)
    assert set(labels) <= {0, 1}
    assert sets.shape[:2] == (len(IDS), 2)


def test_cleanlab(make):
    classification = pytest.importorskip("cleanlab.classification")
    noisy = TOPICS.copy()
    noisy[0] = 1
    cleaner = classification.CleanLearning(make(epochs=5), cv_n_folds=2, seed=0)
    issues = cleaner.find_label_issues(IDS, noisy)
    assert len(issues) == len(IDS)
    assert issues["label_quality"].between(0, 1).all()


@pytest.mark.parametrize("serialization_format", ["skops", "cloudpickle"])
def test_mlflow(serialization_format, make, data, tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    from mlflow import sklearn as mlflow_sklearn

    texts, labels = data
    clf = make().fit(texts, labels)
    monkeypatch.chdir(tmp_path)  # where MLflow puts the models
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    kwargs = {"name": "clf", "serialization_format": serialization_format}
    if serialization_format == "skops":
        with (
            mlflow.start_run(),
            pytest.raises(mlflow.exceptions.MlflowException, match="LSTMTextClassifier") as caught,
        ):
            mlflow_sklearn.log_model(clf, **kwargs)
        kwargs["skops_trusted_types"] = re.findall(r"skrnn[\w.]+", str(caught.value))
    with mlflow.start_run():
        model = mlflow_sklearn.log_model(clf, **kwargs)
    loaded = mlflow_sklearn.load_model(model.model_uri)
    np.testing.assert_array_equal(loaded.predict_proba(texts), clf.predict_proba(texts))


def test_skops(make, data, tmp_path):
    skops = pytest.importorskip("skops.io")
    texts, labels = data
    clf = make().fit(texts, labels)
    skops.dump(clf, tmp_path / "clf.skops")
    trusted = skops.get_untrusted_types(file=tmp_path / "clf.skops")
    loaded = skops.load(tmp_path / "clf.skops", trusted=trusted)
    np.testing.assert_array_equal(loaded.predict_proba(texts), clf.predict_proba(texts))


def test_mlxtend(make):
    classifier = pytest.importorskip("mlxtend.classifier")
    from sklearn.linear_model import LogisticRegression

    voting = classifier.EnsembleVoteClassifier([make(), LogisticRegression()], voting="soft")
    assert voting.fit(IDS, TOPICS).predict_proba(IDS).shape == (len(IDS), 2)


def test_dask(make, data):
    distributed = pytest.importorskip("distributed")
    import joblib
    from sklearn.model_selection import GridSearchCV

    texts, labels = data
    cluster = {"n_workers": 1, "threads_per_worker": 2, "processes": False}
    with distributed.Client(**cluster, dashboard_address=None), joblib.parallel_backend("dask"):
        search = GridSearchCV(make(), {"units": [2, 4]}, cv=2).fit(texts, labels)
    assert search.best_params_["units"] in (2, 4)


def test_ray(make, data):
    ray = pytest.importorskip("ray")
    import joblib
    from ray.util.joblib import register_ray
    from sklearn.model_selection import GridSearchCV

    texts, labels = data
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        register_ray()
        with joblib.parallel_backend("ray"):
            search = GridSearchCV(make(), {"units": [2, 4]}, cv=2).fit(texts, labels)
        assert search.best_params_["units"] in (2, 4)
    finally:
        ray.shutdown()
