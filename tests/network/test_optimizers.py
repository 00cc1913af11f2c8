"""Every optimizer of Keras does what it does in `keras.Model.fit`."""

import numpy as np
import pytest
from keras import optimizers as ko

from skrnn import LSTMTextClassifier

IDS = np.random.default_rng(0).integers(1, 10, size=(22, 5))
Y = np.arange(22) % 3

SHIPPED = {
    "Adadelta": lambda: ko.Adadelta(1.0),
    "Adafactor": lambda: ko.Adafactor(1e-2),
    "Adagrad": lambda: ko.Adagrad(1e-1),
    "Adam": lambda: ko.Adam(1e-2),
    "AdamW": lambda: ko.AdamW(1e-2, weight_decay=0.1),
    "Adamax": lambda: ko.Adamax(1e-2),
    "Ftrl": lambda: ko.Ftrl(1e-1),
    "Lamb": lambda: ko.Lamb(1e-2),
    "Lion": lambda: ko.Lion(1e-3),
    "LossScaleOptimizer": lambda: ko.LossScaleOptimizer(ko.SGD(1e-1)),
    "Muon": lambda: ko.Muon(1e-2),
    "Nadam": lambda: ko.Nadam(1e-2),
    "RMSprop": lambda: ko.RMSprop(1e-2),
    "ScheduleFreeAdamW": lambda: ko.ScheduleFreeAdamW(1e-2),
    "SGD": lambda: ko.SGD(1e-1, momentum=0.9),
}
SETTINGS = {
    "averages": lambda: ko.Adam(1e-2, use_ema=True, ema_momentum=0.8),
    "averages every third step": lambda: ko.SGD(1e-1, use_ema=True, ema_overwrite_frequency=3),
    "accumulated gradients": lambda: ko.Adam(1e-2, gradient_accumulation_steps=2),
    "decay": lambda: ko.SGD(1e-1, weight_decay=0.1),
    "clipnorm": lambda: ko.Adam(1e-2, clipnorm=0.01),
    "global_clipnorm": lambda: ko.Adam(1e-2, global_clipnorm=0.01),
    "clipvalue": lambda: ko.Adam(1e-2, clipvalue=0.001),
    "a schedule": lambda: ko.SGD(ko.schedules.ExponentialDecay(0.5, 1, 0.9)),
}


def test_every_optimizer_that_keras_ships_is_tested():
    shipped = {name for name in dir(ko) if isinstance(getattr(ko, name), type)}
    elsewhere = {"Optimizer", "MultiOptimizer", "OptimizerMap"}
    assert shipped - elsewhere <= set(SHIPPED)


@pytest.mark.skipif(not hasattr(ko, "MultiOptimizer"), reason="new in Keras 3.15")
def test_an_optimizer_of_several_is_refused_before_anything_is_read():
    several = ko.MultiOptimizer(ko.OptimizerMap(ko.Adam(), {"embedding": ko.SGD()}))
    with pytest.raises(ValueError, match="a MultiOptimizer, which has no learning rate"):
        LSTMTextClassifier(optimizer=several).fit(IDS, Y)


@pytest.mark.parametrize("name", [*SHIPPED, *SETTINGS])
def test_the_weights_are_those_of_keras(name):
    make_optimizer = {**SHIPPED, **SETTINGS}[name]
    plain = {"dropout": 0.0, "word_dropout": 0.0, "embedding_dropout": 0.0, "label_smoothing": 0.0}
    clf = LSTMTextClassifier(
        units=3,
        embedding_dim=4,
        embeddings="random",
        optimizer=make_optimizer(),
        schedule=None,
        epochs=3,
        batch_size=8,
        shuffle=False,
        random_state=0,
        **plain,
    )
    model = clf.initialize(IDS, Y).model_
    optimizer = make_optimizer()
    # `Model.fit` builds an optimizer in a scope that loses what it assigns: the averages of
    # ScheduleFreeAdamW would start at zero instead of the weights.
    optimizer.build(model.trainable_variables)
    # For nine steps a compilation would take longer than all the rest.
    model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(IDS + 1, Y, epochs=3, batch_size=8, shuffle=False, verbose=0)
    start = clf.predict_proba(IDS)
    trained = clf.fit(IDS, Y).predict_proba(IDS)
    assert np.abs(trained - start).max() > 1e-4
    np.testing.assert_allclose(trained, model(IDS + 1), rtol=1e-3, atol=1e-5)
