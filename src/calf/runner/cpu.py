"""What bits may depend on here: the processor, as numerical libraries look at it, and the kernel."""

from __future__ import annotations

import platform
import re
from pathlib import Path

from calf.model.statement.facts import Machine

CPUINFO = Path("/proc/cpuinfo")
_CHOSEN_BY = re.compile(
    "sse3|pni|ssse3|sse4_[12]|avx|avx2|avx_vnni|avx512.*|amx_.*|fma|fma4|f16c|bmi1|bmi2"
    "|asimd|asimdhp|asimddp|asimdfhm|sve|sve2|i8mm|bf16|svei8mm|svebf16"
)
"""The features by which numerical libraries choose their code, of x86 and of ARM processors."""
_MODEL = ("model name", "cpu model", "hardware")
_FEATURES = ("flags", "features")


def read_machine(engine: str, cpuinfo: Path = CPUINFO) -> Machine:
    """This machine, with the version of the `engine`; what the kernel does not tell of stays empty."""
    told = _first_processor(cpuinfo.read_text(errors="replace") if cpuinfo.exists() else "")
    model = next((told[key] for key in _MODEL if key in told), "") or _of_arm(told) or platform.processor()
    features = " ".join(told.get(key, "") for key in _FEATURES).split()
    chosen = sorted({feature for feature in features if _CHOSEN_BY.fullmatch(feature)})
    return Machine(model, tuple(chosen), f"{platform.system()} {platform.release()}", engine)


def _first_processor(text: str) -> dict[str, str]:
    block = text.strip().partition("\n\n")[0]
    pairs = (line.partition(":") for line in block.splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _of_arm(told: dict[str, str]) -> str:
    """ARM names a processor by numbers."""
    numbers = [told[key] for key in ("cpu implementer", "cpu part") if key in told]
    return f"ARM {' '.join(numbers)}" if numbers else ""
