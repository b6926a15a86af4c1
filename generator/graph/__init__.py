"""The architecture of an environment as a mermaid flowchart, drawn from its rendered objects."""

from kfaws.generator.graph.drawing import mermaid

__all__ = ["mermaid"]
