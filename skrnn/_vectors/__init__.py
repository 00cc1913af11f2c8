"""Start vectors of words: learnt from the training texts, or the user's; no TensorFlow."""
