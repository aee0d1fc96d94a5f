"""Numbers as protobuf writes them, for the few places that do without its library."""

from __future__ import annotations

_LONGEST = 10


def encode(number: int) -> bytes:
    """A number in protobuf's way: seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read(data: bytes, at: int) -> tuple[int, int]:
    """Where the number that begins at `at` ends, and the number. Raises `ValueError` where there is none."""
    number = 0
    for place, byte in enumerate(data[at : at + _LONGEST]):
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return at + place + 1, number
    raise ValueError(f"no number begins at byte {at}")
