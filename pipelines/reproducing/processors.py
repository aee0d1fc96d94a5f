"""The same tiny training on this machine's processor and on emulated ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from driver.checkout import ROOT, StepFailedError, run_command

PYTHON = ROOT / ".cache/envs/stages/bin/python"
QEMU = "qemu-x86_64-static"
HERE = "this machine"
AT_ONCE = 2
_LONGEST = 3600

SEEDED = (
    "train.encoder_weights=seeded",
    "train.frozen_blocks=0",
    "train.decoder_filters=[16,16,16,16]",
    "train.epochs=2",
    "train.warmup_epochs=0.5",
    "train.batch_size=4",
)
"""What makes the training tiny; no weights file is needed."""


@dataclass(frozen=True, slots=True)
class Case:
    """A profile of determinism on a processor: `HERE`, or a model that qemu knows."""

    profile: str
    processor: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The digests that a training printed, or why there are none."""

    case: Case
    digests: dict[str, str]
    refusal: str
    seconds: float

    @property
    def short(self) -> str:
        """For a cell of a table."""
        return " ".join(digest[:10] for digest in self.digests.values()) or self.refusal


def emulator() -> str:
    """The path of qemu's user-mode emulator, which is installed where root may. Raises `StepFailedError`."""
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "qemu-user-static")
    if shutil.which(QEMU) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        run_command(*install, env={"DEBIAN_FRONTEND": "noninteractive"})
    found = shutil.which(QEMU)
    if found is None:
        raise StepFailedError(f"{QEMU} is needed to be another processor: as root, {' '.join(install)}")
    return found


def write_params(folder: Path, profiles: Sequence[str]) -> None:
    """Resolve the parameters of train once a profile, into `folder/<profile>/train.yaml`."""
    for profile in profiles:
        words = [word for override in (*SEEDED, f"shared.determinism={profile}") for word in ("-o", override)]
        resolve = (PYTHON, "-m", "stagekit.parameters", "resolve", "--out", folder / profile)
        run_command(*resolve, *words, env={"PYTHONPATH": str(ROOT / "src")})


def run_all(
    cases: Sequence[Case], params: Path, qemu: str, tell: Callable[[Outcome], None]
) -> dict[Case, Outcome]:
    """Run the cases, a few at once; `tell` hears of each as it ends."""

    def one(case: Case) -> Outcome:
        outcome = train(case, params, qemu)
        tell(outcome)
        return outcome

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {outcome.case: outcome for outcome in pool.map(one, cases)}


def train(case: Case, params: Path, qemu: str) -> Outcome:
    """Train once. A stage's own error is a refusal, anything else raises `StepFailedError`."""
    emulated = () if case.processor == HERE else (qemu, "-cpu", case.processor)
    script = Path(__file__).with_name("tiny_training.py")
    command = [str(word) for word in (*emulated, PYTHON, script, params / case.profile / "train.yaml")]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "0"}
    began = time.monotonic()
    try:
        ended = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise StepFailedError(f"training on {case.processor} took more than {_LONGEST} s") from error
    seconds = time.monotonic() - began
    if ended.returncode == 0:
        return Outcome(case, json.loads(ended.stdout.splitlines()[-1]), "", seconds)
    last = ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else f"code {ended.returncode}"
    if "NotPortableError" in last:
        return Outcome(case, {}, last.partition(": ")[2], seconds)
    raise StepFailedError(f"training on {case.processor} ({case.profile}) failed: {last}")
