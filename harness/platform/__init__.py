"""An embedded platform that outlives the command that started it: its keeper, and how others find it."""

from kfaws.harness.platform.state import Part, Platform, State

__all__ = ["Part", "Platform", "State"]
