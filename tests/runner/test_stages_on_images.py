"""Stages whose root is an image that a container engine of this machine has; skipped where there is none.

The images are made here: one of nothing but a static busybox, so without Python, libc and loader.
"""

from __future__ import annotations

import pytest

from calf.kit.errors import Precondition
from tests.runner.image_benches import Bench


@pytest.mark.sample
def test_an_image_without_python_and_libc_is_a_stage_with_its_own_root(image_bench: Bench) -> None:
    outcome, said = image_bench.sh("pwd; ls /; [ ! -e /usr/bin/env ]; echo $?; cp /etc/passwd /pfs/out/")
    assert outcome.ok, (outcome.reason, said)
    assert said == ["/work", "bin", "dev", "etc", "home", "pfs", "proc", "run", "sys", "tmp", "work", "0"]
    assert [entry.path for entry in outcome.output] == ["/passwd"]


def test_variables_of_an_image_are_its_stages_and_not_our_own_programs(image_bench: Bench) -> None:
    _, said = image_bench.sh(
        'echo "$GREETING"; echo "$LD_PRELOAD"; echo "$FROM_SPEC"', env={"FROM_SPEC": "too"}
    )
    assert said == ["of the image", "/nonsense.so", "too"]


def test_nothing_of_an_image_can_be_written_to(image_bench: Bench) -> None:
    places = "/x /bin/x /dev/x /etc/x /home/own/x /run/x /work/x /etc/hosts /etc/hostname /etc/resolv.conf"
    script = f"for place in {places}; do touch $place 2>/dev/null && echo $place; done; touch /tmp/x"
    outcome, said = image_bench.sh(script)
    assert (outcome.ok, said) == (True, [])


def test_a_stage_is_who_the_image_says_or_who_its_spec_names_there(image_bench: Bench) -> None:
    if image_bench.engine == "docker":
        with pytest.raises(Precondition, match="docker cannot show the user 78"):
            image_bench.sh("true", user="other")
        return
    show = "id -u; stat -c %u /home/own/passwd /etc/passwd"
    assert image_bench.sh(show)[1] == ["77", "77", "0"]
    assert image_bench.sh(show, user="other")[1] == ["78", "77", "0"]
    assert image_bench.sh(show, user="0")[1] == ["0", "77", "0"]
    with pytest.raises(Precondition, match='user "nobody" does not exist in the image'):
        image_bench.sh("true", user="nobody")


def test_limits_hold_without_a_tool_of_the_image(image_bench: Bench) -> None:
    outcome, _ = image_bench.sh("dd if=/dev/zero of=/tmp/x bs=1M count=3 2>/dev/null", disk=1 << 20)
    assert "disk limit 1MiB" in outcome.reason
    _, said = image_bench.sh("cat /proc/self/limits")
    limits = {line[:26].strip(): line[26:].split()[:2] for line in said}
    assert limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max processes"][1]) <= 4096


def test_a_program_that_is_not_in_the_image_and_a_folder_that_is_not_are_told_apart(
    image_bench: Bench,
) -> None:
    outcome, _ = image_bench.run("python3", "-c", "pass")
    assert outcome.reason == f"the program python3 is not in image {image_bench.bare}"
    outcome, said = image_bench.sh("true", working_dir="/nowhere")
    assert (outcome.exit_code, said) == (1, ["cannot start in /nowhere: No such file or directory"])


def test_ways_out_and_our_pachctl_are_there_too(image_bench: Bench) -> None:
    _, said = image_bench.sh("echo $PPS_WORKER_GRPC_PORT; pachctl version --client-only", batching=True)
    assert said[0] == "1080", said
    assert len(said) > 1, said
    assert not any("Error" in line or "not found" in line for line in said), said


def test_a_volume_is_a_folder_like_any_other_or_refused(image_bench: Bench) -> None:
    image = image_bench.catalog.resolve(image_bench.volumes)
    if image_bench.engine == "docker":
        assert "declares volumes (/data)" in image_bench.catalog.changed(image)
        return
    assert image_bench.catalog.changed(image) == ""
    assert not image_bench.sh("mkdir -p /data && touch /data/x", image=image_bench.volumes)[0].ok
