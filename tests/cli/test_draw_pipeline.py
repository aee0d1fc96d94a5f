"""`pachctl draw pipeline`: the DAG of a project as it stands on a server."""

from __future__ import annotations

import json
from typing import Any


def spec(name: str, source: dict[str, Any]) -> str:
    transform = {"image": "host", "cmd": ["true"]}
    return json.dumps({"pipeline": {"name": name}, "transform": transform, "input": source})


def test_a_project_is_drawn_with_its_sources_and_states(pachctl: Any, answer: Any) -> None:
    pachctl("create", "project", "other")
    pachctl("create", "repo", "far", "--project", "other")
    pachctl("create", "repo", "in")
    near = {"pfs": {"repo": "in", "glob": "/*"}}
    far = {"pfs": {"repo": "far", "project": "other", "glob": "/"}}
    cron = {"cron": {"name": "tick", "spec": "@daily"}}
    meta = {"pfs": {"repo": "one", "repo_type": "meta", "glob": "/"}}
    one, two = spec("one", {"cross": [near, far]}), spec("two", {"union": [cron, {"join": [near, meta]}]})
    two = two.replace('"glob": "/*"', '"glob": "/(*)", "join_on": "$1"')
    answer(f"{one}\n{two}")
    pachctl("create", "pipeline")
    for name in ("one", "two"):
        pachctl("wait", "commit", f"{name}@master")
    dot = pachctl("draw", "pipeline", "-o", "dot").out
    arrows = (line.strip(" ;").replace('"', "") for line in dot.splitlines() if "->" in line)
    edges = {tuple(arrow.split(" -> ")) for arrow in arrows}
    assert edges == {
        ("default/in", "default/one"),
        ("other/far", "default/one"),
        ("default/in", "default/two"),
        ("default/two_tick", "default/two"),
        ("default/one.meta", "default/two"),
    }
    text = pachctl("draw", "pipeline").out
    for word in ("| running / success |", "other/far", "@daily", "one.meta"):
        assert word in text
    narrow = pachctl("draw", "pipeline", "--box-width", "11", "--edge-height", "2").out
    assert len(narrow) < len(text)
    assert "|running..|" in narrow
    assert pachctl("draw", "pipeline", "-o", "mermaid").out.startswith("flowchart LR\n")
    assert "<svg" in pachctl("draw", "pipeline", "-o", "svg").out
    job = pachctl("list", "job", "-p", "one").rows[0][2]
    run = pachctl("draw", "pipeline", "-c", job).out
    assert "success" in run
    assert "two" not in run
    assert pachctl("draw", "pipeline", "--project", "other").out == ""
