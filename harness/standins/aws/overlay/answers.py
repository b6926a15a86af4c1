"""How an operation of ours refuses, and names that AWS would make."""

from __future__ import annotations

import secrets
import time

from kfaws.generator.errors import KfawsError


class AwsError(KfawsError):
    """AWS's refusal: an error code, words and an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Keep what the answer is made of."""
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


def not_found(what: str, code: str = "ResourceNotFoundException", status: int = 404) -> AwsError:
    """The refusal for something that is not there."""
    return AwsError(code, f"No {what} found.", status)


def identifier(prefix: str, digits: int = 17) -> str:
    """A new identifier: the prefix and that many hexadecimal digits."""
    return prefix + secrets.token_hex(digits)[:digits]


def now() -> float:
    """Seconds since 1970, as JSON services write a time."""
    return round(time.time(), 3)
