"""The table of docs/conformance/servers.md, made of the catalogue; `python -m tests.servers.table` prints."""

from __future__ import annotations

from tests.servers.catalogue import SERVERS, Can


def table() -> str:
    """Rows are abilities, columns servers."""
    lines = [
        "| | " + " | ".join(server.name for server in SERVERS) + " |",
        "|---" * (len(SERVERS) + 1) + "|",
    ]
    for ability in Can:
        cells = ["✓" if ability in server.can else "–" for server in SERVERS]
        lines.append(f"| {ability.value} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201  # what it is for
