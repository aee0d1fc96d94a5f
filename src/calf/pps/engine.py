"""What pipelines stand on: versioned data, a runner of stages, a finder of images, logs."""

from __future__ import annotations

from dataclasses import dataclass, field

from calf.model.ports import Images, LogStore, Runner
from calf.pfs.engine import Pfs
from calf.pps.attest.attestor import Attestor
from calf.pps.running import Running
from calf.pps.settings import Settings


@dataclass(frozen=True, slots=True)
class Pps:
    """The pipelines of one server; functions that change take a `Txn` of `pfs`, those that ask a `Tx`."""

    pfs: Pfs
    runner: Runner
    images: Images
    logs: LogStore
    settings: Settings
    attestor: Attestor
    running: Running = field(default_factory=Running)
