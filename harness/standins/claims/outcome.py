"""How a reconciliation can end, other than well."""

from __future__ import annotations

from botocore.exceptions import ClientError

from kfaws.generator.errors import KfawsError


class TerminalError(KfawsError):
    """Only a change of the object mends it."""


class AnnotationError(TerminalError):
    """An annotation says what cannot be understood; ACK says so in one condition only."""


class RecoverableError(KfawsError):
    """It may mend itself: tried again later."""


class AbsentError(KfawsError):
    """What should have been there is not; ACK says so in its log only."""


class UnresolvedError(KfawsError):
    """What the object refers to is not there yet; `final` where it can never be."""

    def __init__(self, message: str, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


ALWAYS_TERMINAL = frozenset(
    {
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidInput",
        "MalformedPolicyDocument",
        "InvalidParameter",
        "InvalidParameterException",
        "MalformedPolicy",
        "ValidationException",
        "InvalidChangeBatch",
    }
)
"""Error codes that most controllers list as terminal."""


def code_of(error: Exception) -> str:
    """The error code that AWS gave, or nothing."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def words(error: Exception) -> str:
    """What an error says, as smithy would print an error of AWS."""
    if isinstance(error, ClientError):
        detail = error.response["Error"]
        return " ".join(f"{detail['Code']}: {detail.get('Message', '')}".split())
    return " ".join(str(error).split())
