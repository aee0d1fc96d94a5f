"""Places outside of the store, by URL: object stores, folders of this machine, and, to read only, the web.

One door for what a client may make the server read (`put file -f URL`) and write (`get file` to a URL,
egress). What it opens and what it refuses is decided in docs/adr/0006-what-a-url-may-reach.md.
"""

from calf.storage.remote.door import Remotes
from calf.storage.remote.values import Remote, RemoteFile

__all__ = ["Remote", "RemoteFile", "Remotes"]
