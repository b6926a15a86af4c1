"""Why an upstream folder could not be had."""

from kfaws.generator.errors import KfawsError


class UpstreamError(KfawsError):
    """A repository cannot be reached from here, or does not have what is asked of it."""
