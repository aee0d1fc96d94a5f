"""F6: deleting everything there is, on a server of its own."""

from __future__ import annotations

import python_pachyderm
from python_pachyderm.proto.v2.pps import pps_pb2


def test_077_delete_all_leaves_the_project_default_and_nothing_else(own_pachd):
    host, _, port = own_pachd.rpartition(":")
    client = python_pachyderm.Client(host, int(port))
    client.create_project("other")
    client.create_repo("in")
    client.create_repo("in", project_name="other")
    client.put_file_bytes(("in", "master"), "/f", b"x")
    client.create_pipeline(
        "p",
        transform=pps_pb2.Transform(image="host", cmd=["sh"], stdin=["cp /pfs/in/* /pfs/out/"]),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="in", glob="/*")),
    )
    client.start_transaction()
    client.delete_all()
    assert [info.project.name for info in client.list_project()] == ["default"]
    assert list(client.list_repo(type="")) == []
    assert list(client.list_pipeline()) == []
    assert list(client.list_job()) == []
    assert list(client.list_transaction()) == []
    assert list(client.fsck()) == []
    client.create_repo("in")
