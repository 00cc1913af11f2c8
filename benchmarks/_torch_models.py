"""The peers' models in PyTorch, with a plain loop and in skorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from _data import ids_of, learn_ids
from torch import nn

if TYPE_CHECKING:
    from skorch import NeuralNetClassifier

torch.set_num_threads(1)

# Texts are sorted by length within pools of so many batches, as ours are.
POOL = 50


class LSTM(nn.Module):
    """LSTM layers and the logits of their last state, behind an embedding or not.

    Padding is read like everything else: packed sequences, which would skip it, take
    more than twice the time on a CPU.
    """

    def __init__(
        self,
        n_classes: int,
        units: int,
        depth: int,
        bidirectional: bool,
        n_words: int | None = None,
        embedding_dim: int | None = None,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = None
        if n_words is not None:
            self.embedding = nn.Embedding(n_words, embedding_dim, padding_idx=0, sparse=sparse)
        self.n_directions = 2 if bidirectional else 1
        self.lstm = nn.LSTM(
            embedding_dim or 1, units, depth, batch_first=True, bidirectional=bidirectional
        )
        self.output = nn.Linear(self.n_directions * units, n_classes)

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        if self.embedding is not None:
            steps = self.embedding(steps)
        _, (states, _) = self.lstm(steps)
        return self.output(torch.cat(tuple(states[-self.n_directions :]), dim=1))


def train(
    model: nn.Module, optimizer: Any, X: torch.Tensor, y: torch.Tensor, batch: int, epochs: int
) -> list[float]:
    """Run the shortest loop that reports a loss per epoch."""
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(X)).split(batch):
            optimizer.zero_grad()
            loss = criterion(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return losses


def train_buckets(
    model: LSTM, documents: list[torch.Tensor], y: torch.Tensor, batch: int, epochs: int
) -> list[float]:
    """Run the quickest loop for texts: length buckets, and Adam on the rows of a batch only.

    The model has a sparse embedding.
    """
    criterion = nn.CrossEntropyLoss()
    dense = [p for name, p in model.named_parameters() if not name.startswith("embedding")]
    optimizers = [
        torch.optim.Adam(dense, lr=1e-3),
        torch.optim.SparseAdam(model.embedding.parameters(), lr=1e-3),
    ]
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in buckets([len(document) for document in documents], batch):
            steps = nn.utils.rnn.pad_sequence([documents[row] for row in rows], batch_first=True)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss = criterion(model(steps), y[rows])
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(documents))
    return losses


def buckets(lengths: list[int], batch: int) -> list[list[int]]:
    """Return the rows of batches of near-equal length, in random order."""
    order = torch.randperm(len(lengths)).tolist()
    pools = [order[start : start + POOL * batch] for start in range(0, len(order), POOL * batch)]
    order = [row for pool in pools for row in sorted(pool, key=lengths.__getitem__)]
    batches = [order[start : start + batch] for start in range(0, len(order), batch)]
    return [batches[index] for index in torch.randperm(len(batches)).tolist()]


def skorch_classifier(epochs: int, batch_size: int, **layers: Any) -> NeuralNetClassifier:
    """Wrap the same model."""
    from skorch import NeuralNetClassifier

    return NeuralNetClassifier(
        LSTM,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=1e-3,
        max_epochs=epochs,
        batch_size=batch_size,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
        **{f"module__{name}": value for name, value in layers.items()},
    )


def fit_texts(
    texts: list[str], y: np.ndarray, max_words: int, max_length: int, epochs: int, **layers: Any
) -> Callable[[list[str]], np.ndarray]:
    """Train with batches padded to their own longest text, and return what predicts."""
    ids = learn_ids(texts, max_words)
    classifier = skorch_classifier(epochs, 32, n_words=len(ids) + 2, **layers)
    classifier.set_params(iterator_train__collate_fn=_collate, iterator_valid__collate_fn=_collate)
    documents = list(map(torch.tensor, ids_of(texts, ids, max_length)))
    classifier.fit(_Documents(documents, y.tolist()), None)

    def predict(texts: list[str]) -> np.ndarray:
        documents = list(map(torch.tensor, ids_of(texts, ids, max_length)))
        return classifier.predict(_Documents(documents, [0] * len(documents)))

    return predict


class _Documents(torch.utils.data.Dataset):
    """Documents of different lengths with their classes."""

    def __init__(self, documents: list[torch.Tensor], labels: list[int]) -> None:
        self.documents = documents
        self.labels = labels

    def __len__(self) -> int:
        return len(self.documents)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.documents[index], self.labels[index]


def _collate(pairs: list) -> tuple[torch.Tensor, torch.Tensor]:
    documents, labels = zip(*pairs, strict=True)
    return nn.utils.rnn.pad_sequence(documents, batch_first=True), torch.tensor(labels)
