"""Message classes and enums by package: `pfs.CommitInfo(...)`, `pps.JobState.Name(3)`, `pfs.FINISHED`.

Loading is lazy: importing this module costs nothing, the first attribute loads the descriptors (about 20
ms). Classes come from the descriptor set, so to mypy they are `Any`; values that cross into the rest of calf
are converted at once to the dataclasses of `calf.model` (see `convert_*.py`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

# A message of the wire. Its class exists only at run time.
Message = Any


class Package:
    """One package of the API; its attributes are message classes, enums and the values of top-level enums.

    What was asked for once is kept, since records ask for some classes ten times. Raises
    AttributeError for a name that the package lacks.
    """

    __slots__ = ("__dict__", "_name")

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self.__dict__[name] = _resolve(self._name, name)
        return found

    def __repr__(self) -> str:
        return f"Package({self._name!r})"


def message_class(full_name: str) -> Any:
    """The class of a message by its full name, as in `pfs_v2.CommitInfo`; KeyError when there is none."""
    from calf.wire.classes import class_of
    from calf.wire.pool import load_pool

    return class_of(load_pool().FindMessageTypeByName(full_name))


@cache
def _resolve(package: str, name: str) -> Any:
    full_name = f"{package}.{name}"
    try:
        return message_class(full_name)
    except KeyError:
        pass
    from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

    from calf.wire.pool import load_pool

    try:
        return EnumTypeWrapper(load_pool().FindEnumTypeByName(full_name))
    except KeyError:
        pass
    for file in _files(package):
        for enum in file.enum_types_by_name.values():
            if name in enum.values_by_name:
                return enum.values_by_name[name].number
    raise AttributeError(f"package {package} of the API has no {name}")


def _files(package: str) -> list[Any]:
    from calf.wire.pool import load_descriptors, load_pool

    return [
        load_pool().FindFileByName(file.name) for file in load_descriptors().file if file.package == package
    ]


admin = Package("admin_v2")
auth = Package("auth_v2")
calf = Package("calf_v1")
calf_pps = Package("calf_pps_v1")
debug = Package("debug_v2")
enterprise = Package("enterprise_v2")
google = Package("google.protobuf")
health = Package("grpc.health.v1")
identity = Package("identity_v2")
licence = Package("license_v2")
logs = Package("logs")
metadata = Package("metadata")
pfs = Package("pfs_v2")
pps = Package("pps_v2")
snapshot = Package("snapshot")
storage = Package("storage")
taskapi = Package("taskapi")
transaction = Package("transaction_v2")
version = Package("versionpb_v2")
worker = Package("pachyderm.worker")
