"""What the model card says of the photos: what a run knows for sure, and nothing otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driver import sources


def test_drawn_animals_and_the_fetched_set_are_known_and_other_photos_are_not(tmp_path: Path) -> None:
    out = tmp_path / "data.yaml"
    assert sources.describe(tmp_path, out) == ()
    assert not out.exists()
    assert sources.describe(None, out) == (out,)
    assert "Drawn" in json.loads(out.read_text())["release"]["data"]["name"]
    assert sources.describe(sources.FETCHED, out) == (out,)
    assert "CC BY-SA 4.0" in json.loads(out.read_text())["release"]["data"]["licence"]


def test_a_fetched_set_elsewhere_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pets").mkdir()
    monkeypatch.setattr(sources, "FETCHED", tmp_path / "pets")
    assert sources.describe(tmp_path / "pets/../pets", tmp_path / "out") == (tmp_path / "out",)
    assert sources.describe(tmp_path / "other", tmp_path / "out") == ()
