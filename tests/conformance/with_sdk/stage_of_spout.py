"""A spout written with pachyderm-sdk: it commits to its own output; `test_stages_with_the_sdk.py` runs it."""

from __future__ import annotations

import os
import time

import grpc
from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs

if __name__ == "__main__":
    client = Client.new_in_cluster()
    repo = pfs.Repo.from_uri(f"{os.environ['PPS_PROJECT_NAME']}/{os.environ['PPS_PIPELINE_NAME']}")
    try:
        client.pfs.create_repo(repo=pfs.Repo(name="elsewhere"))
    except grpc.RpcError as error:
        print(error.details(), flush=True)
    for name in ("first", "second"):
        with client.pfs.commit(branch=pfs.Branch(repo=repo, name="master")) as commit:
            commit.put_file_from_bytes(f"/{name}", name.encode())
    time.sleep(60)
