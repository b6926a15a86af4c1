"""What an environment is waiting for, and how long that normally takes."""

from kfaws.harness.waiting.judging import Waiting
from kfaws.harness.waiting.looking import Seen, look

__all__ = ["Seen", "Waiting", "look"]
