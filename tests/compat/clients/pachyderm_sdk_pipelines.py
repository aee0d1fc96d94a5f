"""pachyderm-sdk 2.12.2: a pipeline, its job, its datums and its logs."""

import json
import sys

from failing import failure
from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs, pps

client = Client.from_pachd_address(sys.argv[1])
repo = pfs.Repo(name="in", type="user")
branch = pfs.Branch(repo=repo, name="master")
client.pfs.create_repo(repo=repo)
with client.pfs.commit(branch=branch) as commit:
    commit.put_file_from_bytes("/a", b"1")
    commit.put_file_from_bytes("/b", b"2")

pipeline = pps.Pipeline(name="copy")
assert not client.pps.pipeline_exists(pipeline)
client.pps.create_pipeline(
    pipeline=pipeline,
    transform=pps.Transform(
        image="host", cmd=["sh"], stdin=["echo seen $(ls /pfs/in)", "cp /pfs/in/* /pfs/out/"]
    ),
    input=pps.Input(pfs=pps.PfsInput(repo="in", glob="/*")),
)
assert client.pps.pipeline_exists(pipeline)
info = client.pps.inspect_pipeline(pipeline=pipeline, details=True)
assert info.details.transform.cmd == ["sh"]
(listed,) = client.pps.list_job(pipeline=pipeline)
job = pps.Job(pipeline=pipeline, id=listed.job.id)
assert client.pps.job_exists(job)
done = client.pps.inspect_job(job=job, wait=True, details=True)
assert done.state == pps.JobState.JOB_SUCCESS, done
assert (done.data_processed, done.data_total) == (2, 2)
assert done.details.input.pfs.commit == commit.id
with client.pfs.pfs_file(pfs.File.from_uri("copy@master:/a")) as stream:
    assert stream.read() == b"1"

datums = list(client.pps.list_datum(job=job))
assert [datum.state for datum in datums] == [pps.DatumState.SUCCESS] * 2
assert client.pps.inspect_datum(datum=datums[0].datum).data[0].file.path in ("/a", "/b")
lines = {line.message for line in client.pps.get_logs(job=job) if line.user}
assert lines == {"seen a", "seen b"}, lines
planned = list(
    client.pps.list_datum(input=pps.Input(pfs=pps.PfsInput(repo="in", branch="master", glob="/*", name="in")))
)
assert len(planned) == 2

request = {
    "pipeline": {"name": "count"},
    "transform": {"image": "host", "cmd": ["sh"], "stdin": ["ls /pfs/copy | wc -l > /pfs/out/n"]},
    "input": {"pfs": {"repo": "copy", "glob": "/"}},
}
client.pps.create_pipeline_v2(create_pipeline_request_json=json.dumps(request))
with client.pfs.commit(branch=branch) as commit:
    commit.put_file_from_bytes("/c", b"3")
jobs = {
    each.job.pipeline.name: each
    for each in client.pps.inspect_job_set(job_set=pps.JobSet(id=commit.id), wait=True)
}
assert (jobs["copy"].data_processed, jobs["copy"].data_skipped) == (1, 2)
assert jobs["count"].state == pps.JobState.JOB_SUCCESS
commits = [
    each.commit.repo.name for each in client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=commit.id))
]
assert len(commits) == 7, commits
with client.pfs.pfs_file(pfs.File.from_uri(f"count@{commit.id}:/n")) as stream:
    assert stream.read().split() == [b"3"]
assert failure(client.pps.delete_pipeline, pipeline=pipeline)  # another pipeline reads it
client.pps.delete_pipeline(pipeline=pps.Pipeline(name="count"))
client.pps.delete_pipeline(pipeline=pipeline)
assert not client.pps.pipeline_exists(pipeline)
print("ok")
