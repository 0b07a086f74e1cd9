"""How the documentation is built: sphinx with MyST and furo, nitpicky, every example run."""

from __future__ import annotations

from toolkit.version import __version__

project = "toolkit"
copyright = "2026, the toolkit authors"  # noqa: A001  # Sphinx's name
release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"toolkit {release}"

# Docstrings are plain text with code in single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True
autodoc_type_aliases = {"HeaderItems": "HeaderItems"}

myst_enable_extensions = ["deflist", "fieldlist"]
myst_heading_anchors = 3

# A short name in an annotation may be that of several classes, such as both adapters' Request.
suppress_warnings = ["ref.python"]

# Every reference must resolve, except to the names of other projects, whose inventories are not fetched.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!toolkit).*"),
    (r"py:.*", r"toolkit\..*\.([A-Z](_co)?|Item|TypeOffer|EndpointParams|AnyRequest)"),  # type variables
    (r"py:.*", r"toolkit\..*\._\w+"),  # private bases and aliases
]
