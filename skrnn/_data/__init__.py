"""Data: from what a user passes to batches; no TensorFlow."""
