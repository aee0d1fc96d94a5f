"""Who signs, and which machine it is: read once, when the server starts."""

from __future__ import annotations

from dataclasses import dataclass, field

from calf.model.statement.facts import Machine
from calf.model.statement.signing import PublicKey, Signer


@dataclass(frozen=True, slots=True)
class Attestor:
    """The key of a data folder, and the machine that its jobs run on."""

    signer: Signer = field(repr=False)
    machine: Machine = field(default_factory=Machine)

    @property
    def public(self) -> PublicKey:
        """What others check signatures with."""
        return self.signer.public
