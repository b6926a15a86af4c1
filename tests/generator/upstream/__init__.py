"""Tests of generator/upstream."""
