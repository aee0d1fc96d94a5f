"""What a stage is given of the secrets that its spec names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calf.db import secrets
from calf.db.tx import Tx
from calf.model.errors import NotFound
from calf.model.spec.parts import SecretMount, Transform


@dataclass(frozen=True, slots=True)
class Given:
    """Variables, and files by folder and name. Danger: these are the values; they go to the stage only."""

    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)

    @property
    def values(self) -> tuple[bytes, ...]:
        """Every value, as bytes."""
        variables = (value.encode("utf-8", "surrogateescape") for value in self.env.values())
        return (*variables, *(value for folder in self.files.values() for value in folder.values()))


def lacking(tx: Tx, transform: Transform) -> str:
    """Why the stage cannot be given its secrets, in Pachyderm's words; empty when it can."""
    return next(filter(None, (_lack(tx, wanted) for wanted in transform.secrets)), "")


def made_when(tx: Tx, transform: Transform) -> dict[str, float]:
    """When each of its secrets was made (seconds since 1970): one that was replaced is a later one."""
    found = (secrets.get(tx, wanted.name) for wanted in transform.secrets)
    return {secret.name: secret.created for secret in found if secret is not None}


def give(tx: Tx, transform: Transform) -> Given:
    """The values. Raises `NotFound` for what is lacking."""
    if reason := lacking(tx, transform):
        raise NotFound(reason, "create it with `pachctl create secret`")
    env: dict[str, str] = {}
    files: dict[str, Mapping[str, bytes]] = {}
    for wanted in transform.secrets:
        found = secrets.get(tx, wanted.name)
        if found is not None and wanted.env_var:
            env[wanted.env_var] = found.data[wanted.key].decode("utf-8", "surrogateescape")
        if found is not None and wanted.mount_path:
            files[wanted.mount_path] = {**files.get(wanted.mount_path, {}), **found.data}
    return Given(env, files)


def _lack(tx: Tx, wanted: SecretMount) -> str:
    found = secrets.get(tx, wanted.name)
    if found is None:
        return f"missing Kubernetes secret {wanted.name}"
    if not wanted.env_var:
        return ""
    if wanted.key not in found.data:
        return f"Kubernetes secret {wanted.name} missing key {wanted.key}"
    if b"\0" in found.data[wanted.key]:
        return f"key {wanted.key} of Kubernetes secret {wanted.name} has a NUL byte, no variable can hold it"
    return ""
