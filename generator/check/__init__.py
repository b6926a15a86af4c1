"""`kfaws check`: a rendered environment against everything that would go wrong in the cluster."""

from kfaws.generator.check.engine import check
from kfaws.generator.check.finding import Finding, Report, Skipped

__all__ = ["Finding", "Report", "Skipped", "check"]
