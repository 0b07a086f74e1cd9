"""Fuzz targets: `python -m fuzz`."""
