"""In python-pachyderm's own environment: seconds of single calls, taken in turns, as JSON."""

import json
import statistics
import sys
import time

import python_pachyderm

WARM_UP = 50


def main(address: str, rounds: int) -> None:
    """Print the times of an empty call and of InspectRepo."""
    host, _, port = address.rpartition(":")
    client = python_pachyderm.Client(host, int(port))
    client.create_repo("measured")
    client.put_file_bytes(("measured", "master"), "/file", b"data")
    calls = {
        "GetVersion": client.get_remote_version,
        "InspectRepo": lambda: client.inspect_repo("measured"),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(WARM_UP + rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if number >= WARM_UP:
                times[name].append(time.perf_counter() - start)
    json.dump(
        {name: {"p50": statistics.median(took), "runs": took} for name, took in times.items()}, sys.stdout
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
