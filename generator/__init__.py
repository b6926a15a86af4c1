"""Answers to repository to rendered objects to checks, diffs and diagrams."""
