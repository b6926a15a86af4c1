"""In the place of metrics-server: metrics.k8s.io, so that the real autoscaling controller has figures.

No container runs here, so nothing is measured: each uses half of what it requests.
"""
