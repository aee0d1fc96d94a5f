"""From a URL to the place that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calf.storage.remote.errors import unknown_scheme
from calf.storage.remote.folders import open_folder
from calf.storage.remote.values import Remote
from calf.storage.remote.web import open_page

_BUCKETS = {"s3", "gs", "gcs", "az", "azblob", "azure"}


@dataclass(frozen=True, slots=True)
class Remotes:
    """What this server may reach.

    `settings` holds the credentials and addresses of object stores, under the names that they have in an
    environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, `GOOGLE_SERVICE_ACCOUNT`, …). `folders` are the
    folders of this machine that clients may read and write through `file://`; what lies in `closed` stays
    shut even there.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()
    closed: tuple[Path, ...] = ()

    def open(self, url: str) -> Remote:
        """The place that `url` names; an absolute path is one of this machine. Nothing is asked of it yet.

        Raises `InvalidArgument` for a URL that is none of ours, `Denied` for a folder that is not open.
        """
        scheme, separator, _ = url.partition("://")
        if (url.startswith("/") and not separator) or scheme == "file":
            return open_folder(url, self.folders, self.closed)
        if scheme in ("http", "https"):
            return open_page(url)
        if not separator or scheme not in _BUCKETS:
            raise unknown_scheme(url)
        from calf.storage.remote.buckets import open_bucket

        return open_bucket(url, self.settings)
