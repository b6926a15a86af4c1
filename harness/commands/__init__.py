"""The verbs of `kfaws` that run an environment: one module each."""
