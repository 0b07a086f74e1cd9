"""The bridges between calls that block and an event loop; see `toolkit.bridges.base`."""
