"""The peers' models in PyTorch, with a plain loop and in skorch."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import torch
from skorch import NeuralNetClassifier
from torch import nn

torch.set_num_threads(1)


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
    ) -> None:
        super().__init__()
        self.embedding = None
        if n_words is not None:
            self.embedding = nn.Embedding(n_words, embedding_dim, padding_idx=0)
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


def skorch_classifier(epochs: int, batch_size: int, **layers: Any) -> NeuralNetClassifier:
    """Wrap the same model."""
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
) -> NeuralNetClassifier:
    """Make ids of texts and train with batches padded to their own longest text."""
    tokens = [text.split() for text in texts]
    counts = Counter(token for text in tokens for token in text)
    ids = {word: index for index, (word, _) in enumerate(counts.most_common(max_words - 2), 2)}
    documents = [
        torch.tensor([ids.get(token, 1) for token in text[:max_length]]) for text in tokens
    ]
    classifier = skorch_classifier(epochs, 32, n_words=len(ids) + 2, **layers)
    classifier.set_params(iterator_train__collate_fn=_collate)
    return classifier.fit(_Documents(documents, y.tolist()), None)


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
