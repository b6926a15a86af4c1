"""Stands in for the hosts of git repositories, under their own names.

Argo CD reads repositories over HTTPS by a library of its own, so git's `insteadOf` cannot turn it to this
machine.
"""
