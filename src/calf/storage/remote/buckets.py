"""Object stores: S3 and what speaks its language, Google Cloud Storage, Azure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, S3Store

from calf.model.errors import CalfError, NotFound
from calf.model.statement.redacting import holds_password, redact_text
from calf.storage.remote.errors import malformed, missing, refused, unreachable
from calf.storage.remote.values import RemoteFile

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PART = 8 << 20
_PATIENCE: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_SETTINGS = {
    "s3": (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_SKIP_SIGNATURE",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    ),
    "gs": ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
    "az": (
        "AZURE_STORAGE_ACCOUNT_NAME",
        "AZURE_STORAGE_ACCOUNT_KEY",
        "AZURE_STORAGE_SAS_KEY",
        "AZURE_STORAGE_TOKEN",
        "AZURE_STORAGE_ENDPOINT",
        "AZURE_STORAGE_USE_EMULATOR",
        "AZURE_STORAGE_CLIENT_ID",
        "AZURE_STORAGE_CLIENT_SECRET",
        "AZURE_STORAGE_TENANT_ID",
    ),
}
_KINDS = {"s3": "s3", "gs": "gs", "gcs": "gs", "az": "az", "azblob": "az", "azure": "az"}


def open_bucket(url: str, settings: Mapping[str, str]) -> Bucket:
    """The place `scheme://bucket/prefix`; raises `InvalidArgument` when bucket or settings make no sense.

    The library also reads the variables of its process's environment; `settings` goes before them.
    """
    scheme, _, rest = url.partition("://")
    bucket, _, prefix = rest.partition("/")
    if "@" in bucket or holds_password(url):
        raise malformed(
            url,
            "a user or password in a URL would be stored and shown",
            "object stores are used with the credentials in the server's environment; leave it out",
        )
    if not _NAME.fullmatch(bucket):
        raise malformed(
            url,
            f"{bucket!r} is no name of a bucket",
            "write s3://bucket/path; where the store is and who"
            " may use it are settings of the server, such as AWS_ENDPOINT_URL",
        )
    kind = _KINDS[scheme]
    config = {name.lower(): settings[name] for name in _SETTINGS[kind] if settings.get(name)}
    with _translated(url, kind):
        return Bucket(url, kind, _open_store(kind, bucket, config), prefix.strip("/"))


def _open_store(kind: str, bucket: str, config: Mapping[str, str]) -> ObjectStore:
    plain = any(value.startswith("http://") for value in config.values())
    options: Any = {"allow_http": plain, "connect_timeout": "5s", "timeout": "10m"}
    make: Any = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}[kind]
    store: ObjectStore = make(bucket, config=dict(config), client_options=options, retry_config=_PATIENCE)
    return store


@dataclass(frozen=True, slots=True)
class Bucket:
    """A `Remote` in an object store."""

    url: str
    kind: str
    store: ObjectStore
    prefix: str

    def list(self) -> Iterator[RemoteFile]:
        """The objects below the prefix, taken as a folder; not the markers that stand for folders."""
        above = f"{self.prefix}/" if self.prefix else ""
        with _translated(self.url, self.kind):
            for batch in obstore.list(self.store, self.prefix or None):
                for meta in batch:
                    if meta["size"] or self._is_object(meta["path"]):
                        yield RemoteFile(meta["path"].removeprefix(above), meta["size"])

    def read(self, name: str = "") -> Iterator[bytes]:
        """The bytes of one object."""
        with _translated(self._address(name), self.kind):
            for piece in obstore.get(self.store, self._key(name)).stream():
                yield bytes(piece)

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Small ones in one request, large ones in parts, which appear together."""
        key = self._key(name)
        source = _Watched(pieces)
        first, rest = _first_part(source)
        try:
            if rest is None:
                obstore.put(self.store, key, first, use_multipart=False)
            else:
                obstore.put(self.store, key, chain([first], rest), chunk_size=_PART)
        except (BaseError, OSError, ValueError) as error:
            if source.error is not None:
                raise source.error from error
            raise _translate(error, self._address(name), self.kind) from error

    def _is_object(self, key: str) -> bool:
        """Whether an empty object has this very key: the library lists `folder/` as `folder`."""
        try:
            obstore.head(self.store, key)
        except FileNotFoundError:
            return False
        return True

    def _key(self, name: str) -> str:
        key = "/".join(part for part in (self.prefix, name) if part)
        if not key:
            raise malformed(self.url, "it names a bucket and no object in it", "name one, or put with -r")
        return key

    def _address(self, name: str) -> str:
        return f"{self.url.rstrip('/')}/{name}" if name else self.url


class _Watched:
    """An iterable that remembers what it raised, which the library may wrap."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except Exception as error:
            self.error = error
            raise


def _first_part(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes] | None]:
    """The first bytes, as many as make a part, and what follows them, None when that was all."""
    source = iter(pieces)
    gathered: list[bytes] = []
    size = 0
    for piece in source:
        gathered.append(piece)
        size += len(piece)
        if size >= _PART:
            return b"".join(gathered), source
    return b"".join(gathered), None


@contextmanager
def _translated(url: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise _translate(error, url, kind) from error


def _translate(error: Exception, url: str, kind: str) -> CalfError:
    """The library's error in our words. It tells the cases apart by class, a missing bucket by text only."""
    text = str(error).partition("\n\nDebug source:")[0]
    if "NoSuchBucket" in text:
        return NotFound(f"{redact_text(url)}: there is no such bucket", "make it first, or check its name")
    if isinstance(error, FileNotFoundError):
        return missing(url)
    hint = (
        f"set {', '.join(_SETTINGS[kind][:2])} (and others) in the server's environment, and start it again"
    )
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return refused(url, "the object store refuses it", hint)
    if "169.254.169.254" in text or "Account must be specified" in text:
        return refused(url, "this server has no credentials for it", hint)
    if isinstance(error, ValueError):
        return malformed(url, text)
    return unreachable(url, " ".join(text.split()))
