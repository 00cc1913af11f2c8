"""A fit that was killed goes on, and ends as if nothing had happened."""

import io
import json
import os
import subprocess
import sys
import warnings
import zipfile

import keras
import numpy as np
import pytest

from skrnn import LSTMTextClassifier
from skrnn._files import archive
from skrnn._files.archive import ArchiveReader
from skrnn._training import fit
from skrnn._training.checkpoint import digest

WORDS = np.array(["wheat", "maize", "bank", "rates", "rose", "cut", "exports", "loan"])


def corpus(n_texts=48):
    rng = np.random.default_rng(0)
    texts = [" ".join(WORDS[rng.integers(8, size=5)]) for _ in range(n_texts)]
    return texts, np.array([("wheat" in t) + ("bank" in t) for t in texts])


X, Y = corpus()


def make(**kwargs):
    settings = {"units": 4, "embedding_dim": 8, "epochs": 6, "batch_size": 8, "random_state": 0}
    return LSTMTextClassifier(**{**settings, **kwargs})


class Crash(BaseException):
    """Nobody catches this."""


class CrashAfter(keras.callbacks.Callback):
    """Ends the training in the middle of an epoch, as a killed process would."""

    def __init__(self, epoch, batch=2):
        super().__init__()
        self.epoch, self.batch = epoch, batch
        self.now = -1

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, self.batch):
            raise Crash


def crash(clf, *data, epoch=3, **fit_params):
    clf.set_params(callbacks=CrashAfter(epoch))
    with pytest.raises(Crash):
        clf.fit(*(data or (X, Y)), **fit_params)
    return clf.set_params(callbacks=None)


def assert_equal_fits(one, other):
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert one.history_ == other.history_
    assert one.n_iter_ == other.n_iter_


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"validation_split": 0.25, "shuffle": False},
        {"optimizer": "sgd", "schedule": None},
        {"optimizer": keras.optimizers.RMSprop(1e-2)},
        {"class_weight": "balanced", "embeddings": "random", "depth": 2},
    ],
    ids=lambda params: ",".join(params) or "default",
)
def test_a_crashed_fit_goes_on_to_the_same_end(params, tmp_path):
    path = tmp_path / "fit.checkpoint"
    crashed = crash(make(checkpoint=path, **params))
    assert path.exists()
    assert_equal_fits(crashed.fit(X, Y), make(**params).fit(X, Y))


def test_early_stopping_waits_on_after_a_crash(tmp_path):
    params = {"early_stopping": True, "patience": 3, "epochs": 12}
    params |= {"schedule": None, "learning_rate": 0.05}
    contrary = {"X_val": X, "y_val": 2 - Y}
    expected = make(**params).fit(X, Y, **contrary)
    assert expected.n_iter_ == 4  # the first epoch was the best one
    crashed = crash(make(checkpoint=tmp_path / "c", **params), X, Y, epoch=2, **contrary)
    assert_equal_fits(crashed.fit(X, Y, **contrary), expected)


def test_numbers_and_indicators_go_on_too(tmp_path):
    rng = np.random.default_rng(0)
    numbers, labels = rng.normal(size=(40, 6)), rng.integers(0, 2, size=(40, 3))
    params = {"embedding_dim": None, "multilabel": True}
    clf = crash(make(checkpoint=str(tmp_path / "c"), **params), numbers, labels)
    np.testing.assert_array_equal(
        clf.fit(numbers, labels).predict_proba(numbers),
        make(**params).fit(numbers, labels).predict_proba(numbers),
    )


def test_an_ended_training_is_not_repeated(tmp_path):
    class Count(keras.callbacks.Callback):
        epochs = 0

        def on_epoch_begin(self, epoch, logs=None):
            Count.epochs += 1

    path = tmp_path / "c"
    noise = np.random.default_rng(1).permutation(Y)
    params = {"checkpoint": path, "early_stopping": True, "patience": 1, "epochs": 30}
    params |= {"learning_rate": 0.1}
    first = make(**params).fit(X, noise)
    assert first.n_iter_ < 30
    again = make(**params, callbacks=Count()).fit(X, noise)
    assert Count.epochs == 0
    assert_equal_fits(first, again)


def test_a_seed_of_the_operating_system_goes_on(tmp_path):
    path = tmp_path / "c"
    crash(make(checkpoint=path, random_state=None), epoch=1)
    copy = path.read_bytes()
    one = make(checkpoint=path, random_state=None).fit(X, Y)
    path.write_bytes(copy)
    other = make(checkpoint=path, random_state=None).fit(X, Y)
    assert_equal_fits(one, other)


def test_a_warm_start_goes_on(tmp_path):
    def fitted():
        return make(warm_start=True, epochs=2).fit(X, Y)

    expected = fitted().set_params(epochs=4).fit(X, Y)
    crashed = crash(fitted().set_params(epochs=4, checkpoint=tmp_path / "c"), epoch=4)
    assert crashed.n_iter_ == 2  # it is as it was
    assert_equal_fits(crashed.fit(X, Y), expected)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"units": 5}, "the network"),
        ({"dropout": 0.1}, "the network"),
        ({"optimizer": "sgd"}, "the network"),
        ({"random_state": 1}, "random_state"),
        ({"learning_rate": 1e-2}, "learning_rate"),
        ({"schedule": None}, "schedule"),
        ({"epochs": 7}, "epochs"),
        ({"batch_size": 9}, "batch_size"),
        ({"shuffle": False}, "shuffle"),
        ({"validation_split": 0.2}, "held-out data"),
        ({"early_stopping": True}, "early_stopping"),
        ({"patience": 1}, "patience"),
        ({"label_smoothing": 0.1}, "label_smoothing"),
        ({"consistency": 0.0}, "consistency"),
        ({"class_weight": {0: 2, 1: 1, 2: 1}}, "sample_weight"),
        ({"embeddings": "random"}, "the state before the fit"),
    ],
)
def test_a_checkpoint_of_another_configuration_is_refused(change, named, tmp_path):
    path = tmp_path / "c"
    crash(make(checkpoint=path))
    before = path.read_bytes()
    clf = make(checkpoint=path).set_params(**change)
    with pytest.raises(ValueError, match=f"checkpoint=.*another fit.*{named}"):
        clf.fit(X, Y)
    assert not hasattr(clf, "classes_")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "data",
    [
        (X[1:], Y[1:]),
        ([*X[:-1], "wheat"], Y),
        ([" ".join(X[0].split()[:-1]), " ".join([*X[0].split()[-1:], X[1]]), *X[2:]], Y),
        (X, np.r_[Y[1:], Y[0]]),
        (X, Y, np.linspace(1, 2, len(Y))),
    ],
    ids=["fewer", "another text", "words in other texts", "other labels", "weights"],
)
def test_a_checkpoint_of_other_data_is_refused(data, tmp_path):
    crash(make(checkpoint=tmp_path / "c"))
    with pytest.raises(ValueError, match="X, y, sample_weight"):
        make(checkpoint=tmp_path / "c").fit(*data)


def test_other_held_out_data_is_refused(tmp_path):
    crash(make(checkpoint=tmp_path / "c"), X, Y, X_val=X[:9], y_val=Y[:9])
    with pytest.raises(ValueError, match="held-out data"):
        make(checkpoint=tmp_path / "c").fit(X, Y, X_val=X[:8], y_val=Y[:8])


def test_a_checkpoint_of_other_versions_is_refused(tmp_path, monkeypatch):
    crash(make(checkpoint=tmp_path / "c"), epoch=1)
    monkeypatch.setattr(fit, "versions", lambda: "others")
    with pytest.raises(ValueError, match=r"another fit.*the versions"):
        make(checkpoint=tmp_path / "c").fit(X, Y)


def test_a_damaged_file_starts_the_training_anew_with_one_warning(tmp_path):
    path = tmp_path / "c"
    crash(make(checkpoint=path))
    good = path.read_bytes()
    expected = make().fit(X, Y)
    damaged = [b"", b"PK", good[:-1], good[: len(good) // 2]]
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    # A bit of the document, of the first array and of the last one.
    for member, following in ((0, 1), (1, 2), (-2, -1)):
        flipped = bytearray(good)
        flipped[members[following].header_offset - 1] ^= 1
        assert members[member].file_size > 0
        damaged.append(bytes(flipped))
    for content in damaged:
        path.write_bytes(content)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            clf = make(checkpoint=path).fit(X, Y)
        (message,) = [str(item.message) for item in caught]
        assert "damaged" in message
        assert_equal_fits(clf, expected)


def test_bytes_are_never_taken_for_objects(tmp_path):
    path = tmp_path / "c"
    make(checkpoint=path, epochs=1).fit(X, Y)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(members["training.json"])
    content["state"][0] = ["object", 2]
    array = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        array, {"descr": "|O", "fortran_order": False, "shape": (2,)}
    )
    members |= {
        "training.json": json.dumps(content).encode(),
        "state/0.npy": array.getvalue() + b"A" * 16,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    with pytest.warns(UserWarning, match="damaged.*objects"):
        make(checkpoint=path, epochs=1).fit(X, Y)


@pytest.mark.parametrize("error", [MemoryError, OSError])
def test_what_cannot_be_read_is_no_damage(error, tmp_path, monkeypatch):
    path = tmp_path / "c"
    make(checkpoint=path, epochs=1).fit(X, Y)
    before = path.read_bytes()

    def fail(*args):
        raise error

    monkeypatch.setattr(ArchiveReader, "array", fail)
    with pytest.raises(error):
        make(checkpoint=path, epochs=1).fit(X, Y)
    assert path.read_bytes() == before


def test_a_file_of_another_kind_is_not_replaced(tmp_path):
    path = tmp_path / "model.skrnn"
    make().fit(X, Y).save(path)
    np.savez(tmp_path / "arrays.npz", X=np.zeros(3))
    for content in (path.read_bytes(), (tmp_path / "arrays.npz").read_bytes(), b"a,b\n1,2\n"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="of another kind"):
            make(checkpoint=path).fit(X, Y)
        assert path.read_bytes() == content


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="of another kind"):
        make(checkpoint=tmp_path / "pipe").fit(X, Y)
    with pytest.raises(OSError, match="neither a file nor a folder"):
        make().fit(X, Y).save(tmp_path / "pipe")
    assert not (tmp_path / "pipe").is_file()


def test_a_link_goes_on_leading_to_the_file(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "c")
    unfinished = tmp_path / f"{archive._aside(tmp_path / 'c')}{'0' * 16}"
    unfinished.touch()
    make(checkpoint=link).fit(X, Y)
    assert link.is_symlink()
    assert (tmp_path / "c").is_file()
    assert not unfinished.exists()
    (tmp_path / "dangling").symlink_to(tmp_path / "gone" / "c")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        make(checkpoint=tmp_path / "dangling").fit(X, Y)


def test_a_rate_that_halves_goes_on_after_a_crash(tmp_path):
    halves = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    expected = make(callbacks=halves).fit(X, Y)
    with pytest.raises(Crash):
        make(checkpoint=tmp_path / "c", callbacks=[halves, CrashAfter(3)]).fit(X, Y)
    assert_equal_fits(make(checkpoint=tmp_path / "c", callbacks=halves).fit(X, Y), expected)


class Halving(keras.callbacks.Callback):
    """Halves the rate after every epoch, and remembers nothing."""

    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 2


@pytest.mark.parametrize("schedule", [None, "one_cycle"])
def test_a_rate_that_a_callback_has_set_stays(schedule, tmp_path):
    params = {"schedule": schedule, "learning_rate": 0.1}
    expected = make(**params, callbacks=Halving()).fit(X, Y)
    params["checkpoint"] = tmp_path / "a"
    with pytest.raises(Crash):
        make(**params, callbacks=[Halving(), CrashAfter(3)]).fit(X, Y)
    clf = make(**params, callbacks=Halving()).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_a_missing_folder_is_named_before_the_training(tmp_path):
    with pytest.raises(ValueError, match="checkpoint must name a file"):
        make(checkpoint="").fit(X, Y)
    with pytest.raises(FileNotFoundError, match=r"checkpoint=.*there is no folder"):
        make(checkpoint=tmp_path / "nowhere" / "c").fit(X, Y)


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_crash_while_writing_leaves_the_last_file(moment, tmp_path, monkeypatch):
    path = tmp_path / "c"
    calls = []

    def crash_at_the_third(*args):
        calls.append(args)
        if len(calls) == 3:
            raise Crash
        return original(*args)

    original = getattr(os, moment)
    monkeypatch.setattr(os, moment, crash_at_the_third)
    with pytest.raises(Crash):
        make(checkpoint=path).fit(X, Y)
    monkeypatch.undo()
    with path.open("rb") as file:
        history = ArchiveReader(file).document("training.json")["history"]
    assert len(history["loss"]) == 2
    assert_equal_fits(make(checkpoint=path).fit(X, Y), make().fit(X, Y))


def test_what_a_killed_write_left_behind_is_removed(tmp_path):
    path = tmp_path / "c"
    left = tmp_path / f"{archive._aside(path)}{'0' * 16}"
    others = [tmp_path / ".c.txt", tmp_path / f"{archive._aside(tmp_path / 'd')}{'0' * 16}"]
    for file in (left, *others):
        file.write_text("")
    make(checkpoint=path).fit(X, Y)
    assert not left.exists()
    assert all(file.exists() for file in others)


def test_long_names_that_begin_alike_are_told_apart(tmp_path):
    names = [f"{'c' * 220}{number}" for number in range(2)]
    assert len({archive._aside(tmp_path / name) for name in names}) == 2


def test_killed_while_it_runs_it_ends_the_same(repository):
    run = subprocess.run(
        [sys.executable, repository / "benchmarks" / "kills.py", "--kills", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("2 kills")
    assert "equal to an undisturbed fit: True. Warnings: 0." in run.stdout
    assert run.stdout.endswith("Files left: fit.checkpoint.\n")


def test_a_digest_tells_shapes_and_types_apart():
    arrays = [np.zeros((2, 3)), np.zeros((3, 2)), np.zeros(6), np.zeros(6, dtype=np.int64)]
    found = {digest(array) for array in arrays} | {digest(arrays[2][:2], arrays[2][2:])}
    assert len(found) == 5
