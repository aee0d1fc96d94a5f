"""Layers and layouts: the same bytes for the same files, and digests that are really of what is there."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from pathlib import Path
from typing import Any

from building.layers import Entry, write_layer
from building.layout import Layout


def entries(folder: Path) -> dict[str, Entry]:
    folder.mkdir()
    (folder / "program").write_bytes(b"#!/bin/sh\n")
    return {
        "usr/bin/program": Entry(0o755, folder / "program"),
        "etc/passwd": Entry(0o644, data=b"root\n"),
        "bin": Entry(link="usr/bin"),
        "tmp": Entry(0o1777),
    }


def blob(layout: Path, digest: str) -> bytes:
    data = (layout / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()
    assert f"sha256:{hashlib.sha256(data).hexdigest()}" == digest
    return data


def manifest(layout: Path, name: str) -> dict[str, Any]:
    for entry in json.loads((layout / "index.json").read_text())["manifests"]:
        if entry["annotations"]["org.opencontainers.image.ref.name"] == name:
            found: dict[str, Any] = json.loads(blob(layout, entry["digest"]))
            return found
    raise KeyError(name)


def test_a_layer_depends_on_nothing_but_its_files(tmp_path: Path) -> None:
    first, second = entries(tmp_path / "a"), entries(tmp_path / "b")
    os.utime(tmp_path / "b/program", (1, 1))
    (tmp_path / "b/program").chmod(0o600)
    write_layer(first, tmp_path / "first.tar")
    write_layer(dict(reversed(second.items())), tmp_path / "second.tar")
    assert (tmp_path / "first.tar").read_bytes() == (tmp_path / "second.tar").read_bytes()
    with tarfile.open(tmp_path / "first.tar") as tar:
        members = {member.name: member for member in tar}
    assert {(member.uid, member.gid, member.mtime) for member in members.values()} == {(0, 0, 1565827200)}
    assert members["usr"].isdir()
    assert members["tmp"].mode == 0o1777
    assert members["bin"].linkname == "usr/bin"


def saved_image(folder: Path, layers: list[bytes]) -> dict[str, Any]:
    """An image as podman writes it to a folder, layers not compressed."""
    folder.mkdir()
    told = []
    for data in [b'{"os":"linux"}', *layers]:
        digest = hashlib.sha256(data).hexdigest()
        (folder / digest).write_bytes(data)
        told.append({"digest": f"sha256:{digest}", "size": len(data)})
    config, *rest = told
    kind = "application/vnd.oci.image.layer.v1.tar"
    value = {"schemaVersion": 2, "config": config, "layers": [{**layer, "mediaType": kind} for layer in rest]}
    (folder / "manifest.json").write_text(json.dumps(value, indent=3))
    return value


def test_a_saved_image_keeps_its_id_and_has_one_digest(tmp_path: Path) -> None:
    layers = [b"base" * 100_000, b"code" * 100]
    saved = saved_image(tmp_path / "saved", layers)
    digests = set()
    for name in ("first", "second"):
        layout = Layout(tmp_path / name)
        published = layout.add_saved("train", tmp_path / "saved")
        layout.close()
        digests.add(published.digest)
        assert published.id == saved["config"]["digest"]
        assert published.unpacked == sum(map(len, layers))
        assert published.compressed < published.unpacked
    assert len(digests) == 1
    found = manifest(tmp_path / "second", "train")
    assert found["config"]["digest"] == saved["config"]["digest"]
    for layer in found["layers"]:
        assert len(blob(tmp_path / "second", layer["digest"])) == layer["size"]


def test_what_images_share_is_there_once(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "oci")
    for name in ("train", "tune"):
        saved_image(tmp_path / name, [b"base" * 1000, name.encode()])
        layout.add_saved(name, tmp_path / name)
    layout.close()
    train, tune = (manifest(tmp_path / "oci", name)["layers"] for name in ("train", "tune"))
    assert train[0] == tune[0]
    assert train[1] != tune[1]


def test_a_new_image_s_id_is_the_digest_of_its_configuration(tmp_path: Path) -> None:
    ids = set()
    for name in ("a", "b"):
        write_layer(entries(tmp_path / f"{name}-files"), tmp_path / "layer.tar")
        layout = Layout(tmp_path / name)
        ids.add(layout.add_new("root", tmp_path / "layer.tar", {"Env": ["PATH=/bin"]}))
        layout.close()
        assert manifest(tmp_path / name, "root")["config"]["digest"] in ids
    assert len(ids) == 1


def test_images_that_are_kept_stay_and_what_nobody_has_any_more_goes(tmp_path: Path) -> None:
    found = {}
    layout = Layout(tmp_path / "oci")
    for name in ("train", "tune", "split"):
        saved_image(tmp_path / name, [b"base" * 1000, name.encode()])
        found[name] = layout.add_saved(name, tmp_path / name).digest
    assert layout.close() == set(found.values())
    again = Layout(tmp_path / "oci", [found["tune"], "sha256:of-another-machine"])
    saved_image(tmp_path / "new", [b"base" * 1000, b"edited"])
    digest = again.add_saved("train", tmp_path / "new").digest
    assert again.close() == {found["tune"], digest}
    needed = set[str]()
    for name in ("train", "tune"):
        told = manifest(tmp_path / "oci", name)
        needed |= {part["digest"] for part in (told["config"], *told["layers"])}
    blobs = {f"sha256:{path.name}" for path in (tmp_path / "oci/blobs/sha256").iterdir()}
    assert blobs == needed | {found["tune"], digest}
