"""The commands of `python -m toolkit`: each in a module of its own with `add_parser` and `run`."""
