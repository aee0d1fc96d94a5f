"""In python-pachyderm's own environment: put or get, and say as JSON what it took."""

import io
import json
import random
import sys
import time

import python_pachyderm

BRANCH = ("bench", "master")


def main(what: str, address: str, count: int, size: int, seed: int) -> None:
    """Do it; the data is made before the clock runs."""
    host, _, port = address.rpartition(":")
    client = python_pachyderm.Client(host, int(port))
    client.get_remote_version()
    noise = random.Random(f"{what} {seed}")
    if what == "get":
        do = lambda: _get(client, size)  # noqa: E731 - one of three
    elif what == "put":
        data = io.BytesIO(_bytes(noise, size))
        do = lambda: client.put_file_bytes(BRANCH, "/big", data)  # noqa: E731 - one of three
    else:
        files = {f"/files{seed}/{number:05}.bin": noise.randbytes(size) for number in range(count)}
        do = lambda: _put_all(client, files)  # noqa: E731 - one of three
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    print(json.dumps({"wall": time.perf_counter() - wall, "client": time.process_time() - cpu}))


def _put_all(client, files) -> None:
    with client.modify_file_client(BRANCH) as commit:
        for path, data in files.items():
            commit.put_file_from_bytes(path, data)


def _get(client, size) -> None:
    got = 0
    file = client.get_file(BRANCH, "/big")
    while piece := file.read(1 << 20):
        got += len(piece)
    assert got == size


def _bytes(noise: random.Random, size: int) -> bytes:
    piece = 1 << 20
    return b"".join(noise.randbytes(min(piece, size - start)) for start in range(0, size, piece))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
