"""A stand-in for AWS: moto's server, furnished as the answers say, with what moto lacks or does otherwise.

What it does differently from AWS stands in docs/fidelity.md.
"""
