"""Writes the longest line of all files below /pfs/notes."""

from __future__ import annotations

from pathlib import Path

lines = [line for file in sorted(Path("/pfs/notes").iterdir()) for line in file.read_text().splitlines()]
Path("/pfs/out/longest.txt").write_text(max(lines, key=len, default="") + "\n")
