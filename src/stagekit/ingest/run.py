"""Ingest of one datum: the pair under `/pfs`, or by hand a whole folder of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stagekit import canonical
from stagekit.errors import StageError
from stagekit.ingest.decode import RejectedError, decode_photo, decode_trimap, to_square
from stagekit.ingest.pairing import Pair, find_pairs
from stagekit.ingest.params import IngestParams
from stagekit.ingest.phash import difference_hash
from stagekit.ingest.record import breed_of, channel_statistics, class_shares, species_of


def ingest(images: Path | None, trimaps: Path | None, out: Path, params: IngestParams) -> None:
    """Turn every pair into `out/samples/<id>/`, or into `out/rejected/<id>.json` that says why not.

    A bad pair never stops the others. Raises `StageError` when there is nothing at all.
    """
    pairs = find_pairs(images, trimaps)
    if not pairs:
        raise StageError("neither a photo (*.jpg) nor a trimap (*.png): nothing to ingest")
    for pair in pairs:
        try:
            _write_sample(pair, out / "samples" / pair.id, params)
        except RejectedError as rejected:
            _write_rejection(pair, rejected, out / "rejected" / f"{pair.id}.json")


def _write_sample(pair: Pair, folder: Path, params: IngestParams) -> None:
    image_path, trimap_path = _the_two(pair)
    photo = decode_photo(image_path, params.max_source_pixels)
    classes = decode_trimap(trimap_path, photo.picture.size)
    image = to_square(photo, params.image_size)
    mask = np.asarray(classes.resize((params.image_size, params.image_size), Image.Resampling.NEAREST))
    breed = breed_of(pair.id)
    record = {
        "id": pair.id,
        "breed": breed,
        "species": species_of(breed),
        "source": {
            "format": photo.format,
            "width": photo.picture.width,
            "height": photo.picture.height,
            "image": _source(image_path),
            "trimap": _source(trimap_path),
        },
        "size": params.image_size,
        "class_shares": class_shares(mask),
        "channels": channel_statistics(image),
        "perceptual_hash": difference_hash(photo.picture),
    }
    canonical.write_png(folder / "image.png", image)
    canonical.write_png(folder / "mask.png", mask)
    canonical.write_json(folder / "sample.json", record)


def _the_two(pair: Pair) -> tuple[Path, Path]:
    """Give the pair's photo and trimap, of which there must be one each."""
    sides = ((pair.images, "image", "photo", "jpg"), (pair.trimaps, "mask", "trimap", "png"))
    for files, reason, kind, suffix in sides:
        if not files:
            raise RejectedError(
                f"{reason}_missing", f"{pair.id} has no {kind}; commit one as {pair.id}.{suffix}"
            )
        if len(files) > 1:
            raise RejectedError("duplicate_id", f"{pair.id} has {len(files)} {kind}s; ids must be unique")
    return pair.images[0], pair.trimaps[0]


def _write_rejection(pair: Pair, rejected: RejectedError, path: Path) -> None:
    sources = [_source(file) for file in (*pair.images, *pair.trimaps)]
    record = {"id": pair.id, "reason": rejected.reason, "message": str(rejected), "sources": sources}
    canonical.write_json(path, record)


def _source(path: Path) -> dict[str, Any]:
    return {"name": path.name, "sha256": canonical.sha256_file(path)}
