"""Where the programs of the embedded platform come from."""

from kfaws.harness.tools.catalog import Tool, catalog
from kfaws.harness.tools.programs import Programs

__all__ = ["Programs", "Tool", "catalog"]
