"""Schemas of every kind: Kubernetes' own, those of rendered and upstream CRDs, and those that kro derives."""
