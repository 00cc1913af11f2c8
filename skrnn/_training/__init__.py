"""The fit: what is planned, and the epochs."""
