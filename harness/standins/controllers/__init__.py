"""A stand-in for controllers of the cluster whose programs cannot be built from Go's module proxy.

Each acts once its Deployment is Available (controllers.yaml says which), under that Deployment's
ServiceAccount, and writes what the real one writes. What it does differently stands in docs/fidelity.md.
"""
