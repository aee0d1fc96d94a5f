"""python-pachyderm 7.6.0: auth, enterprise and licence are off, and the client knows it."""

import sys

import grpc
import python_pachyderm
from failing import failure

host, port = sys.argv[1].rsplit(":", 1)
client = python_pachyderm.Client(host, int(port))
code, details = failure(client.who_am_i)
assert (code, details) == (grpc.StatusCode.UNIMPLEMENTED, "the auth service is not activated")
assert client.get_enterprise_state().state == 0
client.delete_all()
print("ok")
