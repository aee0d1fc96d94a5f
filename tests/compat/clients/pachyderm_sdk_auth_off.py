"""pachyderm-sdk 2.12.2: auth, enterprise and licence are off, and the client knows it."""

import sys

from pachyderm_sdk import Client
from pachyderm_sdk.api.enterprise import State
from pachyderm_sdk.errors import AuthServiceNotActivated

client = Client.from_pachd_address(sys.argv[1])
try:
    client.auth.who_am_i()
    raise AssertionError("auth must be off")
except AuthServiceNotActivated:
    pass
assert client.enterprise.get_state().state == State.NONE
assert client.admin.inspect_cluster().deployment_id
print("ok")
