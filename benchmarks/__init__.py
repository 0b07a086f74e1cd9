"""Benchmarks of toolkit beside its rivals: `python -m benchmarks --list`."""
