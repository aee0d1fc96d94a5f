"""The meta repo of a pipeline: for each datum its record, what it read and what it wrote.

    /meta/<datum>/meta               the record, JSON
    /pfs/<datum>/.env                its environment
    /pfs/<datum>/<input>/<path>      its inputs, by reference
    /pfs/<datum>/out/<path>          its output, by reference; of a failed datum what the runner could save

Every entry is owned by (tagged with) its datum.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from calf.kit import durations
from calf.model.content import Content
from calf.model.pps_infos import DatumInfo, DatumInput
from calf.model.states import DatumState
from calf.storage import trees
from calf.storage.contents import Get, Put

_STATES = {
    DatumState.SUCCESS: "PROCESSED",
    DatumState.FAILED: "FAILED",
    DatumState.RECOVERED: "RECOVERED",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A datum that ran: its record, the files that it saw below /pfs and those that it put out, by path, and
    the latter as a stored directory.
    """

    info: DatumInfo
    inputs: Mapping[str, Content]
    output: trees.Planted | None
    files: Mapping[str, Content]


def removal(datum_id: str) -> tuple[trees.Change, ...]:
    """What takes a datum out of a meta commit."""
    return trees.DeleteBelow(f"/meta/{datum_id}", None), trees.DeleteBelow(f"/pfs/{datum_id}", None)


def texts(info: DatumInfo, env: Mapping[str, str]) -> tuple[bytes, bytes]:
    """The files of a datum that ran that are written for it: its record and its environment."""
    lines = "".join(f"{name}={value}\n" for name, value in sorted(env.items()))
    return record(info), lines.encode()


def directories(get: Get, put: Put, ran: Ran, texts: Sequence[Content]) -> Iterator[trees.Change]:
    """What puts a datum that ran into a meta commit; `texts` as they are stored."""
    datum_id = ran.info.datum.id
    record, env = texts
    files = {".env": env} | {path[1:]: content for path, content in ran.inputs.items()}
    folders = {} if ran.output is None else {"out": ran.output}
    for home, directory in (
        ("/meta", trees.plant(get, put, datum_id, {"meta": record})),
        ("/pfs", trees.plant(get, put, datum_id, files, folders)),
    ):
        if directory is not None:
            yield trees.PutTree(f"{home}/{datum_id}", directory)


def record(info: DatumInfo) -> bytes:
    """The record of a datum that ran, as JSON in the spelling of protobuf."""
    job, stats = info.datum.job, info.stats
    document = {
        "job": {
            "pipeline": {"project": {"name": job.pipeline.project}, "name": job.pipeline.name},
            "id": job.id,
        },
        "inputs": [_input(item) for item in info.inputs],
        "hash": info.hash,
        "state": _STATES[info.state],
        "reason": info.reason,
        "stats": {
            "downloadTime": durations.format_proto(stats.download_time),
            "processTime": durations.format_proto(stats.process_time),
            "uploadTime": durations.format_proto(stats.upload_time),
            "downloadBytes": str(stats.download_bytes),
            "uploadBytes": str(stats.upload_bytes),
        },
        "imageId": info.image_id,
    }
    return json.dumps(document).encode() + b"\n"


def _input(item: DatumInput) -> dict[str, object]:
    file = {
        "commit": {
            "repo": {
                "name": item.repo.name,
                "type": item.repo.type,
                "project": {"name": item.repo.project},
            },
            "id": item.commit.id,
        },
        "path": item.path,
    }
    document: dict[str, object] = {
        "fileInfo": {"file": file, "sizeBytes": str(item.size), "hash": item.hash.hex()},
        "name": item.name,
        "branch": item.branch,
    }
    optional = {"joinOn": item.join_on, "groupBy": item.group_by, "lazy": item.lazy}
    optional |= {"emptyFiles": item.empty_files, "reference": item.reference}
    return document | {key: value for key, value in optional.items() if value}
