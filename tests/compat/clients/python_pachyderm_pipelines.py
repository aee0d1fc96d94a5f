"""python-pachyderm 7.6.0: a pipeline, its job, its datums and its logs."""

import sys

import python_pachyderm
from failing import fails
from python_pachyderm.service import pps_proto

host, port = sys.argv[1].rsplit(":", 1)
client = python_pachyderm.Client(host, int(port))
client.create_repo("in")
with client.commit("in", "master") as commit:
    client.put_file_bytes(commit, "/a", b"1")
    client.put_file_bytes(commit, "/b", b"2")

client.create_pipeline(
    "copy",
    transform=pps_proto.Transform(
        image="host", cmd=["sh"], stdin=["echo seen $(ls /pfs/in)", "cp /pfs/in/* /pfs/out/"]
    ),
    input=pps_proto.Input(pfs=pps_proto.PFSInput(repo="in", glob="/*")),
)
assert [info.pipeline.name for info in client.list_pipeline()] == ["copy"]
(job,) = client.list_job("copy")
done = next(iter(client.inspect_job(job.job.id, "copy", wait=True)))
assert done.state == pps_proto.JOB_SUCCESS, done
assert (done.data_processed, done.data_total) == (2, 2)
assert client.get_file(("copy", "master"), "/a").read() == b"1"

datums = list(client.list_datum("copy", job.job.id))
assert [datum.state for datum in datums] == [pps_proto.SUCCESS, pps_proto.SUCCESS]
assert client.inspect_datum("copy", job.job.id, datums[0].datum.id).data[0].file.path in ("/a", "/b")
lines = {line.message for line in client.get_job_logs("copy", job.job.id) if line.user}
assert lines == {"seen a", "seen b"}, lines
assert {line.message for line in client.get_pipeline_logs("copy") if line.user} == lines
assert fails("could not be found for job ID", client.restart_datum, "copy", job.job.id)

info = next(iter(client.inspect_pipeline("copy", details=True)))
assert info.details.transform.cmd == ["sh"]
client.stop_pipeline("copy")
assert next(iter(client.inspect_pipeline("copy"))).state == pps_proto.PIPELINE_PAUSED
client.start_pipeline("copy")
with client.commit("in", "master") as commit:
    client.put_file_bytes(commit, "/c", b"3")
client.wait_commit(commit)
last = next(iter(client.inspect_job(commit.id, "copy", wait=True)))
assert (last.data_processed, last.data_skipped) == (1, 2), last
again = {"transform": pps_proto.Transform(image="host", cmd=["true"]), "input": info.details.input}
assert fails('pipeline "default/copy" already exists', client.create_pipeline, "copy", **again)
client.delete_pipeline("copy")
assert list(client.list_pipeline()) == []
client.delete_all()
assert list(client.list_repo()) == []
print("ok")
