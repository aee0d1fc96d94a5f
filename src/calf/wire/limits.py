"""What client and server must agree on besides the messages."""

from __future__ import annotations

MAX_MESSAGE = 64 * 1024 * 1024
"""The largest message that we take or send, in bytes; Pachyderm's clients send up to 20 MiB."""

SMALL_FILE = 128 * 1024
"""The most bytes of a file that travels with others in one `SmallFiles`."""

CODE_KEY = "calf-code"
"""Trailing metadata of a failed call: the error's stable code."""

HINT_KEY = "calf-hint-bin"
"""Trailing metadata of a failed call: the error's hint, UTF-8."""

FIELD_KEY = "calf-field-bin"
"""Trailing metadata of a failed call: the field of a spec that is at fault, UTF-8."""

AUTHENTICATION_KEY = "authn-token"
"""Metadata of a request: the token that shows who calls, where the server asks for one."""

TRANSACTION_KEY = "pach-transaction"
"""Metadata of a request: the id of the client's open transaction; empty means none."""

NO_FILES = "File operations are not permitted within a pachyderm transaction."
"""What client and server say to files in a transaction."""

API_VERSION = (2, 12, 2)
"""The release of Pachyderm whose API we speak; clients compare the parts with their own."""
