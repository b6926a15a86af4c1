"""Where the programs of the embedded platform come from."""

from kfaws.harness.tools.catalog import Tool, all_tools
from kfaws.harness.tools.programs import MARIADB, Programs

__all__ = ["MARIADB", "Programs", "Tool", "all_tools"]
