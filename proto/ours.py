"""What we add to Pachyderm's API, as facts of the same shape as `facts.py`.

Clients that do not know these fields ignore them. Field numbers are far above Pachyderm's.
"""

from __future__ import annotations

from typing import Any

from facts import Facts

NUMBER = "2001"


def _field(name: str, kind: str, *, repeated: bool = False, oneof: str = "", key: str = "") -> dict[str, Any]:
    return {"name": name, "type": kind, "repeated": repeated, "oneof": oneof, "optional": False, "key": key}


def _many(name: str, kind: str) -> dict[str, Any]:
    return _field(name, kind, repeated=True)


def _texts(name: str) -> dict[str, Any]:
    return _field(name, "string", key="string")


def _method(
    request: str, response: str, *, package: str = "calf_pps_v1", streams: bool = False
) -> dict[str, Any]:
    return {
        "request": f".{package}.{request}",
        "response": f".{package}.{response}",
        "client_streaming": False,
        "server_streaming": streams,
    }


def _of_nothing(response: str, *, streams: bool = False) -> dict[str, Any]:
    asked = _method("", response, package="calf_v1", streams=streams)
    return {**asked, "request": ".google.protobuf.Empty"}


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
            # `detached`: a job on commits of the past, whose own commits are on no branch.
            "JobNote": {
                "1": _field("image", ".calf_v1.Image"),
                "2": _field("isolation", "string"),
                "3": _field("detached", "bool"),
                "4": _many("limits", ".calf_v1.Limit"),
            },
            # What a stage may take, in words, and what holds it to that here.
            "Limit": {
                "1": _field("name", "string"),
                "2": _field("value", "string"),
                "3": _field("by", "string"),
            },
            "DatumNote": {"1": _field("reason", "string"), "2": _field("hash", "string")},
            # Why so many datums would run: `part` is what of their identity differs (`new`, `inputs`,
            # `image`, `command`, ...), `detail` from what to what.
            "PlanReason": {
                "1": _field("part", "string"),
                "2": _field("detail", "string"),
                "3": _field("datums", "int64"),
            },
            # What a job would do: `run` datums and `skip` others, which are as in `base_job`; `remove` the
            # output of those that are no more. `commits` are the inputs; `unknown` is why nobody
            # knows, and what the figures must be read with.
            "PlanSummary": {
                "1": _field("version", "int64"),
                "2": _field("base_job", "string"),
                "3": _field("total", "int64"),
                "4": _field("run", "int64"),
                "5": _field("skip", "int64"),
                "6": _field("remove", "int64"),
                "7": _many("reasons", ".calf_v1.PlanReason"),
                "8": _many("commits", ".pfs_v2.Commit"),
                "9": _field("unknown", "string"),
            },
            # What is signed about an output: a DSSE envelope in JSON; `sha256` (hex) is that of its payload.
            "StatementRequest": {"1": _field("commit", ".pfs_v2.Commit")},
            "StatementResponse": {"1": _field("envelope", "bytes"), "2": _field("sha256", "string")},
            # `again` is a run of the job that made `recorded`: how it came out, compared by the engine.
            "SignReplayRequest": {
                "1": _field("recorded", ".pfs_v2.Commit"),
                "2": _field("again", ".pfs_v2.Commit"),
            },
            # What the engine has signed of replays of the jobs that made `commits`, or of any; newest first.
            "ReplaysRequest": {"1": _many("commits", ".pfs_v2.Commit")},
            "ReplaysResponse": {"1": _many("replays", ".calf_v1.KeptReplay")},
            # `result`: reproduced, within tolerance or differs; `envelope` is JSON, and was checked.
            "KeptReplay": {
                "1": _field("commit", ".pfs_v2.Commit"),
                "2": _field("result", "string"),
                "3": _field("signed", ".google.protobuf.Timestamp"),
                "4": _field("envelope", "bytes"),
            },
            # `key` (PEM) must have signed, by default that of the data folder; `summarise`: the verdict is to
            # name the files of the commit, signed.
            "VerifyRequest": {
                "1": _field("commit", ".pfs_v2.Commit"),
                "2": _field("key", "string"),
                "3": _field("summarise", "bool"),
            },
            # Findings, and commits that were read to their end, as they come; the verdict last.
            "VerifyResponse": {
                "1": _field("finding", ".calf_v1.Finding", oneof="body"),
                "2": _field("checked", ".calf_v1.Checked", oneof="body"),
                "3": _field("verdict", ".calf_v1.Verdict", oneof="body"),
            },
            # `damaged`, or else only not to be known any more: dropped, forgotten, older than statements.
            "Finding": {
                "1": _field("uri", "string"),
                "2": _field("text", "string"),
                "3": _field("damaged", "bool"),
            },
            "Checked": {
                "1": _field("uri", "string"),
                "2": _field("statement", "string"),
                "3": _field("files", "int64"),
                "4": _field("size_bytes", "int64"),
            },
            "Verdict": {
                "1": _field("commit", ".pfs_v2.Commit"),
                "2": _field("ok", "bool"),
                "3": _field("statements", "int64"),
                "4": _field("files", "int64"),
                "5": _field("size_bytes", "int64"),
                "6": _field("keyid", "string"),
                "7": _field("summary", "bytes"),
            },
            # `dry_run`: only say what would go, what stays, and why.
            "CollectRequest": {"1": _field("dry_run", "bool")},
            "CollectResponse": {
                "1": _field("reached", ".calf_v1.Reached", oneof="body"),
                "2": _field("line", ".calf_v1.CollectLine", oneof="body"),
                "3": _field("freed", ".calf_v1.Freed", oneof="body"),
            },
            # So many objects are known to be needed, after so many of all trees.
            "Reached": {
                "1": _field("objects", "int64"),
                "2": _field("trees", "int64"),
                "3": _field("of", "int64"),
            },
            # What goes, or stays, and why: so many of a kind (`packs`, `logs`, ...), so many bytes.
            "CollectLine": {
                "1": _field("what", "string"),
                "2": _field("why", "string"),
                "3": _field("goes", "bool"),
                "4": _field("items", "int64"),
                "5": _field("objects", "int64"),
                "6": _field("garbage", "int64"),
                "7": _field("size_bytes", "int64"),
                "8": _field("freed_bytes", "int64"),
            },
            # Done so far in all: bytes less on the disk, packs gone and made, packs that had to stay.
            "Freed": {
                "1": _field("size_bytes", "int64"),
                "2": _field("packs", "int64"),
                "3": _field("made", "int64"),
                "4": _field("objects", "int64"),
                "5": _field("kept", "int64"),
                "6": _field("logs", "int64"),
            },
            "PublicKey": {"1": _field("pem", "string"), "2": _field("keyid", "string")},
            # Many small requests in one message: a message costs more than a small file.
            # Then `files`, each replacing what is there; then the file at `handed`, which replaces too, and
            # whose bytes are those of an open file that came along (over the local socket only).
            "ModifyFilesRequest": {
                "1": _many("requests", ".pfs_v2.ModifyFileRequest"),
                "2": _field("files", ".calf_v1.SmallFiles"),
                "3": _field("handed", "string"),
                "4": _field("unchanged", ".calf_v1.Unchanged"),
            },
            # What is below `path` was not looked at by the server, nor sent: it is as in `commit`, or the
            # call fails with FAILED_PRECONDITION or NOT_FOUND.
            "Unchanged": {"1": _field("path", "string"), "2": _field("commit", ".pfs_v2.Commit")},
            # `commit` is set if the call made it, and nobody else can have changed it.
            "ModifyFilesResponse": {"1": _field("commit", ".pfs_v2.Commit")},
            # Whole files of at most 128 KiB each: `data` is theirs, one after another.
            "SmallFiles": {
                "1": _many("paths", "string"),
                "2": _many("sizes", "int64"),
                "3": _field("data", "bytes"),
            },
            # What has changed since the last answer, by project (empty: whatever stands above projects); with
            # none it only says that the server is there.
            "Changes": {"1": _many("changes", ".calf_v1.Change")},
            # `kinds`: `projects`, `repos`, `pipelines`, `jobs`.
            "Change": {"1": _field("project", "string"), "2": _many("kinds", "string")},
            # Figures of the server as Prometheus has them: a name, labels, a number.
            "Samples": {"1": _many("samples", ".calf_v1.Sample")},
            "Sample": {
                "1": _field("name", "string"),
                "2": _texts("labels"),
                "3": _field("value", "double"),
            },
            "GetFilesRequest": {"1": _field("file", ".pfs_v2.File")},
            # Everything that a path or a glob matches, in order: a folder, or a piece of a file (the first
            # names its path, the others go on with it), or many small files.
            "GetFilesResponse": {
                "1": _field("folder", "string"),
                "2": _field("path", "string"),
                "3": _field("piece", "bytes"),
                "4": _field("files", ".calf_v1.SmallFiles"),
            },
        },
        "enums": {},
        "services": {
            "Storage": {
                "Collect": _method("CollectRequest", "CollectResponse", package="calf_v1", streams=True)
            },
            "Watching": {
                "Changes": _of_nothing("Changes", streams=True),
                "Measure": _of_nothing("Samples"),
            },
            "Files": {
                "ModifyFiles": {
                    "request": ".calf_v1.ModifyFilesRequest",
                    "response": ".calf_v1.ModifyFilesResponse",
                    "client_streaming": True,
                    "server_streaming": False,
                },
                "GetFiles": _method("GetFilesRequest", "GetFilesResponse", package="calf_v1", streams=True),
            },
            "Attestation": {
                "Statement": _method("StatementRequest", "StatementResponse", package="calf_v1"),
                "SignReplay": _method("SignReplayRequest", "StatementResponse", package="calf_v1"),
                "Replays": _method("ReplaysRequest", "ReplaysResponse", package="calf_v1"),
                "Verify": _method("VerifyRequest", "VerifyResponse", package="calf_v1", streams=True),
                "PublicKey": _of_nothing("PublicKey"),
            },
        },
    },
    # A package of its own, since it needs pps_v2, which needs calf_v1.
    "calf_pps_v1": {
        "messages": {
            # A spec as it would be given to CreatePipelineV2, or a pipeline as it is; `commits` stand in for
            # the heads of input branches.
            "PlanRequest": {
                "1": _field("create_pipeline_request_json", "string"),
                "2": _field("pipeline", ".pps_v2.Pipeline"),
                "3": _many("commits", ".pfs_v2.Commit"),
                "4": _field("reprocess", "bool"),
            },
            # The summary comes first, then each datum, by id.
            "PlanResponse": {
                "1": _field("summary", ".calf_v1.PlanSummary", oneof="body"),
                "2": _field("datum", ".calf_pps_v1.PlannedDatum", oneof="body"),
            },
            "PlannedDatum": {
                "1": _field("id", "string"),
                "2": _field("hash", "string"),
                "3": _field("run", "bool"),
                "4": _many("differences", ".calf_pps_v1.Difference"),
                "5": _many("inputs", ".calf_pps_v1.DatumPart"),
            },
            # Part of an identity: `name` the variable or path, `kind` added, removed or changed.
            "Difference": {
                "1": _field("part", "string"),
                "2": _field("name", "string"),
                "3": _field("kind", "string"),
                "4": _field("before", "string"),
                "5": _field("after", "string"),
            },
            # One input of a datum: a file, or a directory (its path ends in /), seen below /pfs/<name>.
            "DatumPart": {
                "1": _field("name", "string"),
                "2": _field("file", ".pfs_v2.File"),
                "3": _field("hash", "bytes"),
                "4": _field("size_bytes", "int64"),
                "5": _field("branch", "string"),
                "6": _field("join_on", "string"),
                "7": _field("group_by", "string"),
                "8": _field("lazy", "bool"),
                "9": _field("empty_files", "bool"),
                "10": _field("reference", "bool"),
            },
            "WhyRequest": {"1": _field("file", ".pfs_v2.File")},
            # Where a file comes from: from a datum (`datum` and `job` are the run that wrote it, which may be
            # older than the commit), or, `commit`, from whoever wrote to the repo. `logs` asks for its log.
            "Origin": {
                "1": _field("file", ".pfs_v2.File"),
                "2": _field("hash", "bytes"),
                "3": _field("size_bytes", "int64"),
                "4": _field("datum", ".pps_v2.DatumInfo"),
                "5": _many("inputs", ".calf_pps_v1.DatumPart"),
                "6": _field("job", ".pps_v2.JobInfo"),
                "7": _field("image", ".calf_v1.Image"),
                "8": _field("spec_commit", ".pfs_v2.Commit"),
                "9": _field("pipeline_version", "uint64"),
                "10": _field("effective_spec_json", "string"),
                "11": _field("salt", "string"),
                "12": _texts("env"),
                "13": _field("logs", ".pps_v2.GetLogsRequest"),
                "14": _field("commit", ".pfs_v2.CommitInfo"),
                # SHA-256 (hex) of the statement about the output of `job`.
                "15": _field("statement", "string"),
            },
            "DebugDatumRequest": {"1": _field("datum", ".pps_v2.Datum")},
            # What it takes to run a datum by hand. `output` is the folder of what it wrote, also when it
            # failed, in the meta repo; unset as long as the job runs.
            "DebugDatumResponse": {
                "1": _field("datum", ".pps_v2.DatumInfo"),
                "2": _field("job", ".pps_v2.JobInfo"),
                "3": _field("image", ".calf_v1.Image"),
                "4": _many("cmd", "string"),
                "5": _many("stdin", "string"),
                "6": _many("err_cmd", "string"),
                "7": _many("err_stdin", "string"),
                "8": _texts("env"),
                "9": _field("working_dir", "string"),
                "10": _field("user", "string"),
                "11": _many("inputs", ".calf_pps_v1.DatumPart"),
                "12": _field("output", ".pfs_v2.File"),
                "13": _many("accept_return_code", "int64"),
                "14": _field("datum_batching", "bool"),
                "15": _field("timeout", ".google.protobuf.Duration"),
            },
            # `job_id` names a job whose inputs, version and code are taken; `provenance` names commits that
            # take the place of others.
            "RunPipelineRequest": {
                "1": _field("pipeline", ".pps_v2.Pipeline"),
                "2": _many("provenance", ".pfs_v2.Commit"),
                "3": _field("job_id", "string"),
            },
            "RunPipelineResponse": {"1": _field("job", ".pps_v2.Job")},
            # `packages`: whether to read every file of the image's packages, too.
            "PlanReplayRequest": {"1": _field("job", ".pps_v2.Job"), "2": _field("packages", "bool")},
            # What a job ran on, what it made, and what of that is not as it was. `newest_version` is that of
            # the pipeline now.
            "PlanReplayResponse": {
                "1": _field("job", ".pps_v2.JobInfo"),
                "2": _many("inputs", ".pfs_v2.Commit"),
                "3": _field("newest_version", "uint64"),
                "4": _texts("annotations"),
                "5": _field("files", "int64"),
                "6": _field("size_bytes", "int64"),
                "7": _many("faults", ".calf_pps_v1.ReplayFault"),
            },
            # `part`: `image`, `input`, ...; `what`: a file or commit; without what is `gone` it cannot run.
            "ReplayFault": {
                "1": _field("part", "string"),
                "2": _field("what", "string"),
                "3": _field("words", "string"),
                "4": _field("gone", "bool"),
            },
        },
        "enums": {},
        "services": {
            "API": {
                "Plan": _method("PlanRequest", "PlanResponse", streams=True),
                "Why": _method("WhyRequest", "Origin", streams=True),
                "DebugDatum": _method("DebugDatumRequest", "DebugDatumResponse"),
                # RunPipeline of Pachyderm, with an answer that says which job it is.
                "RunPipeline": _method("RunPipelineRequest", "RunPipelineResponse"),
                # The same in scratch: job and commits are there until the client ends the call.
                "TryPipeline": _method("RunPipelineRequest", "RunPipelineResponse", streams=True),
                "PlanReplay": _method("PlanReplayRequest", "PlanReplayResponse"),
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
            # Of a dry run: what the job would do.
            "CreatePipelineV2Response": _note("PlanSummary"),
        },
        "enums": {},
        "services": {},
    },
}
