"""What the owner of a server decides about its pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from calf.model.spec import IdentityRule


@dataclass(frozen=True, slots=True)
class Settings:
    """The server's settings for pipelines.

    `workers` is the most stages that run at once on this machine, over all pipelines. `datum_identity` says
    what makes a datum new: `calf` counts the code (image, command, environment), `pachyderm` only inputs
    and salt; a pipeline's annotation `calf.dev/datum-identity` has the last word. `default_image` stands in
    for none. `isolation` names the only backend allowed, or "" for the best there is. `port` is the one that
    the server itself listens on, 0 if that is not known beforehand.
    """

    workers: int = 2
    datum_identity: IdentityRule = "calf"
    default_image: str = "ubuntu:20.04"
    isolation: str = ""
    port: int = 0
