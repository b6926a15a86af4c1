"""A stand-in for the ACK controllers and for Crossplane's AWS providers, which cannot be built here.

It watches their kinds, acts under the controllers' own ServiceAccounts, makes the resources through boto3 and
writes status and conditions as the real ones do. What it does differently stands in docs/fidelity.md.
"""
