"""Measurements: programs of their own, each beside a baseline of the same run."""
