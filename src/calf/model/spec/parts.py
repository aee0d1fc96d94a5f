"""The parts of a spec.

Names, types and defaults are those of Pachyderm's messages, so that a document fits both. Fields that only
a cluster can honour are kept word for word: the same spec must work on a real Pachyderm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

Seconds = Annotated[float, "seconds"]
"""A duration; documents spell it `20s`."""
Unsigned = Annotated[int, "unsigned"]
"""An integer that is not negative."""


@dataclass(frozen=True, slots=True)
class SecretMount:
    """A secret that the stage sees as a file below `mount_path` or as the variable `env_var`."""

    name: str = ""
    key: str = ""
    mount_path: str = ""
    env_var: str = ""


@dataclass(frozen=True, slots=True)
class Transform:
    """What runs: an image, a command (argv, no shell), its standard input line by line, its environment."""

    image: str = ""
    cmd: tuple[str, ...] = ()
    err_cmd: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[SecretMount, ...] = ()
    image_pull_secrets: tuple[str, ...] = ()
    stdin: tuple[str, ...] = ()
    err_stdin: tuple[str, ...] = ()
    accept_return_code: tuple[int, ...] = ()
    debug: bool = False
    user: str = ""
    working_dir: str = ""
    dockerfile: str = ""
    memory_volume: bool = False
    datum_batching: bool = False


@dataclass(frozen=True, slots=True)
class ParallelismSpec:
    """How many workers a pipeline has; 0 counts as 1."""

    constant: Unsigned = 0


@dataclass(frozen=True, slots=True)
class DatumSetSpec:
    """How datums are batched for a worker: by number, by bytes (which wins), or so many sets a worker."""

    number: Unsigned = 0
    size_bytes: Unsigned = 0
    per_worker: Unsigned = 0


@dataclass(frozen=True, slots=True)
class GPUSpec:
    """So many accelerators of a kind."""

    type: str = ""
    number: Unsigned = 0


@dataclass(frozen=True, slots=True)
class ResourceSpec:
    """What a worker may use; `memory` and `disk` as `512Mi` or `1Gi`."""

    cpu: float = 0.0
    memory: str = ""
    gpu: GPUSpec | None = None
    disk: str = ""


@dataclass(frozen=True, slots=True)
class SchedulingSpec:
    """On which nodes of a cluster workers may run."""

    node_selector: Mapping[str, str] = field(default_factory=dict)
    priority_class_name: str = ""


@dataclass(frozen=True, slots=True)
class Toleration:
    """Which taints of cluster nodes workers put up with."""

    key: str = ""
    operator: Literal["EMPTY", "EXISTS", "EQUAL"] = "EMPTY"
    value: str = ""
    effect: Literal["ALL_EFFECTS", "NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"] = "ALL_EFFECTS"
    toleration_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A long-running server instead of a batch stage."""

    internal_port: int = 0
    external_port: int = 0
    ip: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Spout:
    """A stage that runs all the time and writes commits by itself."""

    service: Service | None = None


@dataclass(frozen=True, slots=True)
class ObjectStorageEgress:
    """Output is copied to an object store."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How the files of an egress to a database are read."""

    type: Literal["UNKNOWN", "CSV", "JSON", "PARQUET"] = "UNKNOWN"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SqlSecret:
    """Where the password of an egress to a database is kept."""

    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class SQLDatabaseEgress:
    """Output is loaded into the tables of a database."""

    url: str = ""
    file_format: FileFormat | None = None
    secret: SqlSecret | None = None


@dataclass(frozen=True, slots=True)
class Egress:
    """Where output goes after success; `URL` is the old key for an object store."""

    url: str = field(default="", metadata={"key": "URL"})
    object_storage: ObjectStorageEgress | None = None
    sql_database: SQLDatabaseEgress | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """Annotations and labels; the annotation `calf.dev/datum-identity` chooses the identity rule."""

    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Determined:
    """Workspaces of a training platform; kept, not used."""

    workspaces: tuple[str, ...] = ()
