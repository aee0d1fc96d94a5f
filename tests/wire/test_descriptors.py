from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from calf.wire.messages import google, message_class, pfs, pps
from calf.wire.methods import load_methods
from calf.wire.pool import load_descriptors

ROOT = Path(__file__).parents[2]


def test_committed_descriptors_are_what_the_proto_files_compile_to(tmp_path: Path) -> None:
    built = tmp_path / "api.binpb"
    script = (
        "import sys, pathlib; sys.path.insert(0, 'proto'); import build; "
        f"build.build(pathlib.Path({str(built)!r}))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    assert built.read_bytes() == (ROOT / "src/calf/wire/api.binpb").read_bytes()


def test_the_pool_is_private() -> None:
    from google.protobuf import descriptor_pool

    message_class("pfs_v2.CommitInfo")
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("pfs_v2.CommitInfo")


def test_method_table_holds_every_declared_method() -> None:
    declared = sum(len(service.method) for file in load_descriptors().file for service in file.service)
    table = load_methods()
    assert len(table) == declared > 190
    modify = table["/pfs_v2.API/ModifyFile"]
    assert (modify.client_streaming, modify.server_streaming) == (True, False)
    assert modify.request is pfs.ModifyFileRequest
    assert table["/pps_v2.API/GetLogs"].response is pps.LogMessage


def test_names_resolve_to_classes_enums_and_values() -> None:
    info = pps.JobInfo(job=pps.Job(id="1"), state=pps.JOB_SUCCESS)
    assert pps.JobInfo.FromString(info.SerializeToString()) == info
    assert pps.JobState.Name(info.state) == "JOB_SUCCESS"
    assert pps.PipelineInfo.Details(salt="s").salt == "s"
    with pytest.raises(AttributeError, match="has no Nothing"):
        _ = pfs.Nothing


def test_well_known_types_keep_their_conveniences() -> None:
    stamp = google.Timestamp()
    stamp.FromJsonString("2026-01-02T03:04:05Z")
    assert stamp.ToJsonString() == "2026-01-02T03:04:05Z"


def test_old_fields_stay_beside_new_ones() -> None:
    request = message_class("transaction_v2.TransactionRequest")
    numbers = request.DESCRIPTOR.fields_by_number
    assert numbers[9].name == "create_pipeline"
    assert numbers[11].name == "create_pipeline_v2"


def test_importing_the_names_loads_nothing_heavy() -> None:
    script = (
        "import sys; from calf.wire.messages import pfs; "
        "print([m for m in ('grpc', 'google.protobuf', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
