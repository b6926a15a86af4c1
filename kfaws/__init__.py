"""Kubeflow on AWS as a GitOps repository: generator and harness."""
