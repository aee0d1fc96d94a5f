"""What we add to Pachyderm's API, as facts of the same shape as `facts.py`.

Clients that do not know these fields ignore them. Field numbers are far above Pachyderm's.
"""

from __future__ import annotations

from typing import Any

from facts import Facts

NUMBER = "2001"


def _field(name: str, kind: str, *, repeated: bool = False) -> dict[str, Any]:
    return {"name": name, "type": kind, "repeated": repeated, "oneof": "", "optional": False, "key": ""}


def _note(kind: str) -> dict[str, Any]:
    return {NUMBER: _field("calf", f".calf_v1.{kind}")}


OURS: Facts = {
    "calf_v1": {
        "messages": {
            # What a stage runs in, pinned.
            "Image": {
                "1": _field("name", "string"),
                "2": _field("digest", "string"),
                "3": _field("kind", "string"),
            },
            "PipelineNote": {"1": _field("image", ".calf_v1.Image")},
            "JobNote": {"1": _field("image", ".calf_v1.Image"), "2": _field("isolation", "string")},
            "DatumNote": {"1": _field("reason", "string"), "2": _field("hash", "string")},
            # Many small requests in one message: a message costs more than a small file.
            "ModifyFilesRequest": {"1": _field("requests", ".pfs_v2.ModifyFileRequest", repeated=True)},
        },
        "enums": {},
        "services": {
            "Files": {
                "ModifyFiles": {
                    "request": ".calf_v1.ModifyFilesRequest",
                    "response": ".google.protobuf.Empty",
                    "client_streaming": True,
                    "server_streaming": False,
                }
            }
        },
    },
    "pfs_v2": {
        "messages": {
            # Whether to read every stored object, too.
            "FsckRequest": {NUMBER: _field("verify", "bool")},
        },
        "enums": {},
        "services": {},
    },
    "pps_v2": {
        "messages": {
            "PipelineInfo": _note("PipelineNote"),
            "JobInfo": _note("JobNote"),
            "DatumInfo": _note("DatumNote"),
        },
        "enums": {},
        "services": {},
    },
}
