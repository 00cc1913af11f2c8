"""Adding a layer is one edit: a stage of one's own works in all that is made of stages."""

import sys
from dataclasses import dataclass

import keras
import numpy as np
import pytest

import skrnn
from skrnn import LSTMTextClassifier
from skrnn._network import stages
from skrnn._network.flow import Flow
from skrnn.inspection import token_attributions

X = ["wheat rose", "maize and wheat", "bank cut rates", "rates fell"] * 6
Y = np.array([0, 0, 1, 1] * 6)


@dataclass(frozen=True)
class Hidden:
    """A dense layer between the pooling and the output."""

    units: int

    def weights(self, width):
        return {"hidden/kernel": (width, self.units), "hidden/bias": (self.units,)}, self.units

    def train(self, values):
        return self._dense(values)

    def stock(self, flow):
        return Flow(self._dense(flow.values))

    def _dense(self, values):
        start = keras.initializers.GlorotUniform(seed=0)
        return keras.layers.Dense(
            self.units, activation="tanh", kernel_initializer=start, dtype="float32", name="hidden"
        )(values)

    def onnx(self, graph, flow, weights):
        kernel, bias = (graph.constant(weights[f"hidden/{kind}"]) for kind in ("kernel", "bias"))
        return Flow(graph.add("Tanh", graph.add("Gemm", flow.values, kernel, bias)))


@pytest.fixture
def clf(monkeypatch):
    before = stages.stages_of

    def stages_of(architecture):
        *others, output = before(architecture)
        return [*others, Hidden(5), output]

    for name, module in list(sys.modules.items()):
        if name.startswith("skrnn.") and getattr(module, "stages_of", None) is before:
            monkeypatch.setattr(module, "stages_of", stages_of)
    with skrnn.config_context(recycle=False):
        yield LSTMTextClassifier(
            units=4, embedding_dim=8, epochs=2, batch_size=8, random_state=0
        ).fit(X, Y)


def test_a_layer_that_is_added_works_everywhere(clf, tmp_path):
    assert clf.model_.get_layer("hidden").kernel.shape[1] == 5
    expected = clf.predict_proba(X)
    clf.save(tmp_path / "model.skrnn")
    np.testing.assert_array_equal(skrnn.load(tmp_path / "model.skrnn").predict_proba(X), expected)
    ids = clf.vectorizer_.transform(X)
    np.testing.assert_allclose(clf.to_keras()(ids), expected, atol=1e-5)
    for scores, probabilities in zip(token_attributions(clf, X[:4]), expected, strict=False):
        assert np.isfinite(scores.scores).all()
        assert scores.probability == pytest.approx(probabilities.max(), abs=1e-6)


def test_a_layer_that_is_added_goes_into_a_graph_of_onnx(clf):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from skrnn.export import to_onnx

    session = runtime.InferenceSession(to_onnx(clf).SerializeToString())
    ids = np.asarray(clf.vectorizer_.transform(X), dtype=np.int64)
    (outputs,) = session.run(None, {"ids": ids})
    np.testing.assert_allclose(outputs, clf.predict_proba(X), atol=1e-5)


def test_dropout_of_embeddings_leaves_out_the_same_numbers_of_every_word():
    model = (
        LSTMTextClassifier(units=2, embedding_dim=8, embedding_dropout=0.5).initialize(X, Y).model_
    )
    dropped = np.asarray(model.get_layer("embedding_dropout")(np.ones((20, 7, 8)), training=True))
    assert (dropped == 0).any()
    np.testing.assert_array_equal(dropped, np.broadcast_to(dropped[:, :1], dropped.shape))
