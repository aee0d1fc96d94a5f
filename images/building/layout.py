"""OCI layouts: folders of blobs that podman reads and that skopeo brings to a registry byte for byte."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zstandard

from building.plans import EPOCH

WHEN = datetime.fromtimestamp(EPOCH, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_INDEX = "index.json"
_LEVEL, _THREADS = 3, 2
"""A fixed number of threads, and at least one: what zstd writes depends on whether it has any."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a registry would have of an image: the manifest's digest, bytes to pull, bytes unpacked."""

    id: str
    digest: str
    compressed: int
    unpacked: int


class Layout:
    """A layout under construction; blobs that images share are there once."""

    def __init__(self, folder: Path, kept: Collection[str] = ()) -> None:
        """`kept`: the digests of images that stay if they are there; all others go when it is closed."""
        self._folder = folder
        self._blobs = folder / "blobs/sha256"
        self._blobs.mkdir(parents=True, exist_ok=True)
        self._images = [entry for entry in _entries(folder) if entry["digest"] in kept]
        self._compressed: dict[str, dict[str, Any]] = {}

    def add_new(self, name: str, layer: Path, settings: Mapping[str, Any]) -> str:
        """An image of one layer; its id."""
        diff, size = self._move(layer)
        config = {
            "architecture": _architecture(),
            "config": dict(settings),
            "created": WHEN,
            "history": [{"created": WHEN, "created_by": "images/building"}],
            "os": "linux",
            "rootfs": {"diff_ids": [diff], "type": "layers"},
        }
        told = self._write_json(config)
        layers = [{"mediaType": _LAYER, "digest": diff, "size": size}]
        self._add_manifest(name, {"mediaType": _CONFIG, **told}, layers)
        return str(told["digest"])

    def add_saved(self, name: str, saved: Path) -> Published:
        """An image as `podman push IMAGE dir:SAVED` wrote it, its layers compressed with zstd.

        The compressor is pinned by our lock, so the digest is the same wherever the image is. The image's
        id, which is the digest of its configuration, stays.
        """
        manifest = json.loads((saved / "manifest.json").read_text())
        config = manifest["config"]
        self._copy(saved / _hex(config["digest"]), config["digest"])
        layers = [self._compress(saved / _hex(layer["digest"]), layer) for layer in manifest["layers"]]
        digest = self._add_manifest(name, {**config, "mediaType": _CONFIG}, layers)
        unpacked = sum(layer["size"] for layer in manifest["layers"])
        return Published(config["digest"], digest, sum(layer["size"] for layer in layers), unpacked)

    def close(self) -> set[str]:
        """Write down what there is, of which nobody can read anything new until then; the images' digests."""
        index = {"schemaVersion": 2, "manifests": self._images}
        (self._folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
        (self._folder / _INDEX).write_bytes(_json(index))
        self._drop_unused()
        return {entry["digest"] for entry in self._images}

    def _drop_unused(self) -> None:
        used = {entry["digest"] for entry in self._images}
        for digest in tuple(used):
            manifest = json.loads((self._blobs / _hex(digest)).read_bytes())
            used |= {blob["digest"] for blob in (manifest["config"], *manifest["layers"])}
        for path in self._blobs.iterdir():
            if f"sha256:{path.name}" not in used:
                path.unlink()

    def _add_manifest(self, name: str, config: Mapping[str, Any], layers: list[dict[str, Any]]) -> str:
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": dict(config), "layers": layers}
        told = self._write_json(manifest)
        named = {"org.opencontainers.image.ref.name": name}
        self._images.append({"mediaType": _MANIFEST, **told, "annotations": named})
        return str(told["digest"])

    def _compress(self, blob: Path, layer: Mapping[str, Any]) -> dict[str, Any]:
        """A layer's place in a manifest, compressed unless it was before."""
        known = self._compressed.get(layer["digest"])
        if known is None:
            if layer["mediaType"] != _LAYER:
                raise ValueError(f"a layer is of the type {layer['mediaType']}, expected {_LAYER}")
            draft = self._blobs / ".draft"
            compressor = zstandard.ZstdCompressor(level=_LEVEL, threads=_THREADS)
            with blob.open("rb") as source, draft.open("wb") as target:
                compressor.copy_stream(source, target, size=layer["size"])
            digest, size = self._move(draft)
            known = {"mediaType": f"{_LAYER}+zstd", "digest": digest, "size": size}
            self._compressed[layer["digest"]] = known
        return known

    def _write_json(self, value: Mapping[str, Any]) -> dict[str, Any]:
        data = _json(value)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        (self._blobs / _hex(digest)).write_bytes(data)
        return {"digest": digest, "size": len(data)}

    def _copy(self, source: Path, digest: str) -> None:
        (self._blobs / _hex(digest)).write_bytes(source.read_bytes())

    def _move(self, file: Path) -> tuple[str, int]:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        size = file.stat().st_size
        file.rename(self._blobs / digest)
        return f"sha256:{digest}", size


def _entries(folder: Path) -> list[dict[str, Any]]:
    index = folder / _INDEX
    found: list[dict[str, Any]] = json.loads(index.read_bytes())["manifests"] if index.exists() else []
    return found


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _hex(digest: str) -> str:
    return digest.partition(":")[2]


def _architecture() -> str:
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
