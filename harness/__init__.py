"""Targets, servers and steps that prove an environment."""
