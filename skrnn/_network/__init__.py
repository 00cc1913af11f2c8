"""The network: its description, its weights, its steps."""
