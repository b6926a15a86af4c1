"""Where an environment is: on this machine, or in an account of AWS."""

from kfaws.harness.targets.target import Target, UnsupportedError

__all__ = ["Target", "UnsupportedError"]
