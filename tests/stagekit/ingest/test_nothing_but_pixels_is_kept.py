"""Photos come with data about their owners; samples hold pixels only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from stagekit.ingest.params import IngestParams
from stagekit.ingest.run import ingest

OWNER, PLACE, NOTE = "canary-owner-5d1", "canary-place-77a", b"canary-note-e09"
ARTIST, DESCRIPTION = 0x013B, 0x010E


def test_owner_place_and_notes_of_a_photo_are_in_nothing_that_ingest_writes(tmp_path: Path) -> None:
    for kind in ("images", "trimaps"):
        (tmp_path / kind).mkdir()
    exif = Image.Exif()
    exif[ARTIST], exif[DESCRIPTION] = OWNER, PLACE
    photo = tmp_path / "images" / "Bengal_1.jpg"
    Image.new("RGB", (40, 40), (90, 90, 90)).save(photo, exif=exif, comment=NOTE)
    trimap = Image.fromarray(np.tile(np.array([1, 2, 3, 3], np.uint8), (40, 10)))
    trimap.save(tmp_path / "trimaps" / "Bengal_1.png")
    ingest(
        tmp_path / "images", tmp_path / "trimaps", tmp_path / "out", IngestParams(v=2, seed=1, image_size=32)
    )
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    canaries = [OWNER.encode(), PLACE.encode(), NOTE]
    assert all(canary in photo.read_bytes() for canary in canaries)
    assert [canary for canary in canaries if canary in written] == []
    assert (tmp_path / "out" / "samples" / "Bengal_1" / "image.png").is_file()
