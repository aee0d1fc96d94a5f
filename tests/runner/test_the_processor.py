from __future__ import annotations

from pathlib import Path

from calf.model.statement.facts import Machine
from calf.runner.cpu import read_machine

X86 = """\
processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) CPU @ 2.20GHz
flags\t\t: fpu vme sse sse2 pni ssse3 fma sse4_1 avx avx2 avx512f avx512_vnni hypervisor

processor\t: 1
model name\t: another
"""
ARM = """\
processor\t: 0
BogoMIPS\t: 50.00
Features\t: fp asimd evtstrm sve
CPU implementer\t: 0x41
CPU part\t: 0xd40
"""


def read(tmp_path: Path, text: str) -> Machine:
    (tmp_path / "cpuinfo").write_text(text)
    return read_machine("1.2", tmp_path / "cpuinfo")


def test_an_x86_processor(tmp_path: Path) -> None:
    found = read(tmp_path, X86)
    assert found.cpu_model == "Intel(R) Xeon(R) CPU @ 2.20GHz"
    assert found.cpu_features == ("avx", "avx2", "avx512_vnni", "avx512f", "fma", "pni", "sse4_1", "ssse3")
    assert found.engine == "1.2"


def test_an_arm_processor(tmp_path: Path) -> None:
    found = read(tmp_path, ARM)
    assert (found.cpu_model, found.cpu_features) == ("ARM 0x41 0xd40", ("asimd", "sve"))


def test_a_kernel_that_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "").cpu_features == ()
    assert read_machine("1", tmp_path / "missing").kernel.startswith("Linux ")
