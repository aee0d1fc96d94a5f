from __future__ import annotations

from calf.model.limits import Limit
from calf.model.pps_infos import Counts, DatumInfo, DatumInput, Image, JobInfo, LogLine, PipelineInfo, Stats
from calf.model.refs import Branch, Commit, Datum, Job, Pipeline, Repo
from calf.model.spec import parse
from calf.model.states import DatumState, JobState, PipelineState, PipelineType
from calf.wire import convert_pps
from calf.wire.messages import calf, pfs, pps

EDGES = Pipeline("default", "edges")
IMAGES = Repo("default", "images")
ID = "a" * 12 + "4" + "b" * 19
IMAGE = Image("edges:1", "sha256:77", "stage")
SPEC = parse(
    {
        "pipeline": {"name": "edges"},
        "transform": {"image": "edges:1", "cmd": ["python", "main.py"], "env": {"A": "b"}},
        "input": {
            "cross": [
                {
                    "pfs": {
                        "project": "default",
                        "repo": "images",
                        "repo_type": "user",
                        "branch": "master",
                        "glob": "/*",
                    }
                },
                {"pfs": {"project": "default", "repo": "other", "branch": "master", "glob": "/"}},
            ]
        },
        "output_branch": "master",
        "datum_timeout": "20s",
        "parallelism_spec": {"constant": "3"},
        "egress": {"URL": "s3://bucket"},
    }
)
PIPELINE = PipelineInfo(
    EDGES,
    2,
    Commit(EDGES.spec_repo, ID),
    PipelineType.TRANSFORM,
    PipelineState.CRASHING,
    SPEC,
    "salt",
    reason="image is not known",
    image=IMAGE,
    created=1.0,
)


def test_a_pipeline_has_details_only_when_asked() -> None:
    assert not convert_pps.write_pipeline_info(PIPELINE).HasField("details")
    message = convert_pps.write_pipeline_info(PIPELINE, details=True)
    assert (message.version, message.parallelism) == (2, 3)
    assert pps.PipelineState.Name(message.state) == "PIPELINE_CRASHING"
    assert message.type == pps.PipelineInfo.PIPELINE_TYPE_TRANSFORM
    details = message.details
    assert list(details.transform.cmd) == ["python", "main.py"]
    assert details.transform.env["A"] == "b"
    assert details.input.cross[0].pfs.glob == "/*"
    assert details.datum_timeout.seconds == 20
    assert details.egress.URL == "s3://bucket"
    assert (details.salt, details.reason, details.created_at.seconds) == ("salt", "image is not known", 1)
    assert message.calf.image.digest == "sha256:77"


def test_a_job_shows_counts_and_the_commits_that_it_reads() -> None:
    info = JobInfo(
        Job(EDGES, ID),
        2,
        Commit(EDGES.repo, ID),
        JobState.UNRUNNABLE,
        reason="no",
        counts=Counts(1, 2, 3, 4, 10),
        stats=Stats(0.5, 1.5, 2.5, 3, 4),
        image=IMAGE,
        isolation="sandbox/bubblewrap",
        limits=(Limit("cpu", "2", "nothing"),),
        created=1.0,
        started=2.0,
    )
    plain = convert_pps.write_job_info(info)
    assert not plain.HasField("details")
    assert not plain.HasField("finished")
    assert (plain.data_processed, plain.data_skipped, plain.data_failed) == (1, 2, 3)
    assert (plain.data_recovered, plain.data_total, plain.state) == (4, 10, pps.JOB_UNRUNNABLE)
    assert (plain.stats.process_time.ToJsonString(), plain.stats.upload_bytes) == ("1.500s", 4)
    assert list(plain.calf.limits) == [calf.Limit(name="cpu", value="2", by="nothing")]
    assert (plain.calf.isolation, plain.calf.image.kind) == ("sandbox/bubblewrap", "stage")
    commits = {Branch(IMAGES, "master"): Commit(IMAGES, "c" * 32)}
    detailed = convert_pps.write_job_info(info, SPEC, commits, branch="master")
    assert [member.pfs.commit for member in detailed.details.input.cross] == ["c" * 32, ""]
    assert detailed.output_commit.branch.name == "master"
    assert list(convert_pps.write_job_set_info(ID, [plain, detailed]).jobs) == [plain, detailed]


def test_a_datum_names_its_files_and_its_record() -> None:
    parts = (
        DatumInput("images", IMAGES, "master", Commit(IMAGES, "1"), "/cat.jpg", b"h", 5),
        DatumInput("labels", IMAGES, "master", Commit(IMAGES, "1"), "/labels/", b"d", 9),
    )
    info = DatumInfo(Datum(Job(EDGES, ID), "d" * 64), DatumState.FAILED, "99", parts, reason="exit code 1")
    message = convert_pps.write_datum_info(info)
    assert convert_pps.read_datum(message.datum) == info.datum
    assert [(file.file.path, file.file_type) for file in message.data] == [
        ("/cat.jpg", pfs.FILE),
        ("/labels/", pfs.DIR),
    ]
    assert (message.pfs_state.commit.repo.type, message.pfs_state.path) == ("meta", f"/pfs/{'d' * 64}")
    assert (message.state, message.calf.reason, message.calf.hash) == (pps.FAILED, "exit code 1", "99")
    listed = DatumInfo(Datum(Job(EDGES, ""), "d"), DatumState.UNKNOWN, "", parts)
    assert not convert_pps.write_datum_info(listed).HasField("pfs_state")


def test_a_log_line_carries_its_datum_and_inputs() -> None:
    line = LogLine("default", "edges", ID, "d", 1.25, user=True, message="hello")
    part = DatumInput("images", IMAGES, "master", Commit(IMAGES, "1"), "/cat.jpg", b"h")
    message = convert_pps.write_log_message(line, [part])
    assert (message.message, message.user, message.pipeline_name, message.job_id) == (
        "hello",
        True,
        "edges",
        ID,
    )
    assert message.ts.ToJsonString() == "1970-01-01T00:00:01.250Z"
    assert message.data[0].path == "/cat.jpg"


def test_a_record_of_a_job_is_the_callers_own() -> None:
    info = JobInfo(Job(EDGES, ID), 1, Job(EDGES, ID).output, JobState.SUCCESS)
    first = convert_pps.write_job_info(info, branch="master")
    first.output_commit.ClearField("branch")
    first.details.worker_status.add()
    again = convert_pps.write_job_info(info, branch="master")
    assert again.output_commit.branch.name == "master"
    assert not again.HasField("details")
