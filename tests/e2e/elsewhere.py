"""Stages that learn, run by hand in other surroundings on what the engine had, and what all of them leave."""

from __future__ import annotations

import json
import subprocess
from hashlib import sha256
from pathlib import Path

from calf.client.connection import Client
from calf.client.get import get_tree
from calf.wire.messages import pfs
from driver.checkout import ROOT
from driver.repos import branch_head
from tests.stages.laid_out import lay_out

PYTHON = ROOT / ".cache/envs/stages/bin/python"
SURROUNDINGS = {
    "TZ": "Asia/Tokyo",
    "LANG": "C",
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "USER": "somebody",
    "PYTHONHASHSEED": "7",
    "SOURCE_DATE_EPOCH": "1",
}
INPUTS = {
    "tune": ("split", "train", "weights", "params"),
    "evaluate": ("split", "calibrate", "train", "params"),
}
OUTPUTS = {
    "train": {
        "checks.json",
        "curves.png",
        "history.csv",
        "importance.csv",
        "members",
        "metrics.json",
        "model",
    },
    "tune": {
        "best.json",
        "curves.png",
        "history.csv",
        "importance.png",
        "model",
        "optimisation.png",
        "range_test.csv",
        "range_test.png",
        "trial_epochs.csv",
        "trials.csv",
    },
    "calibrate": {
        "calibration.json",
        "model",
        "reliability.png",
        "reliability_classes_after.png",
        "reliability_classes_before.png",
        "scores.json",
    },
    "evaluate": {
        "Report.html",
        "Report.ipynb",
        "evaluation_result.csv",
        "figures",
        "latency.json",
        "metrics.json",
        "model",
    },
}
SECTIONS = (
    "Scores per class",
    "Against simpler answers",
    "Where it is strong and where it is weak",
    "Can its confidence be trusted?",
    "Does it behave?",
    "Robustness",
    "The same training from other seeds",
    "The worst photos",
)
CONVERT = """
import sys
from pathlib import Path
from stagekit.tensorboard.convert import convert
print(*convert(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def fetch(client: Client, folder: Path, set_id: str, *repos: str) -> None:
    """Get the commit of this set, or without one the newest, of each repo, below a folder of its name."""
    for repo in repos:
        commit = branch_head(repo)
        if set_id:
            commit = pfs.Commit(repo=commit.repo, id=set_id)
        get_tree(client, pfs.File(commit=commit, path="/"), folder / repo)


def run_by_hand(stage: str, fetched: Path, folder: Path) -> Path:
    """Run a stage's image elsewhere on fetched inputs; gives its output."""
    root = folder / "pfs" / stage
    root.mkdir(parents=True)
    for name in INPUTS[stage]:
        (root / name).symlink_to(fetched / name)
    done = lay_out(stage, folder / "images" / stage, PYTHON).run(root, **SURROUNDINGS)
    assert done.returncode == 0, done.stderr
    assert ("latency of one photo: median " in done.stderr) is (stage == "evaluate")
    return root / "out"


def digests(folder: Path) -> dict[str, str]:
    """What an output holds, but for the one file that tells how long something took."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "latency.json")
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def look_at_training(train: Path, split: Path) -> None:
    """Train left a member, which differs from the model, and a line of importance a sample."""
    (member,) = (train / "members").iterdir()
    assert digests(member).keys() == digests(train / "model").keys()
    assert digests(member) != digests(train / "model")
    samples = list((split / "training").iterdir())
    assert len((train / "importance.csv").read_text().splitlines()) == 1 + len(samples)


def look_at_the_report(evaluated: Path, folder: Path) -> None:
    """The report has all its parts, and nothing of where it was made."""
    metrics = json.loads((evaluated / "metrics.json").read_text())
    assert 0 < metrics["mean_iou"] <= 1
    assert metrics["spread"]["members"] == 2
    files = {path.name for path in (evaluated / "model").iterdir()}
    assert files >= {"weights.safetensors", "calibration.json", "signature.json"}
    page = (evaluated / "Report.html").read_text(encoding="utf-8")
    assert "<title>A &lt;tiny&gt; report</title>" in page
    for absent in ("latency of one photo", str(folder), "<script", "http:", "https:", "<tiny>"):
        assert absent not in page
    for section in SECTIONS:
        target = section.replace(" ", "-")
        assert f'href="#{target}"' in page
        assert f'id="{target}"' in page


def shown_in_tensorboard(tuned: Path, logs: Path) -> list[str]:
    """The runs that the tensorboard service makes of an output of tune."""
    command = [PYTHON, "-c", CONVERT, tuned, logs]
    env = {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.split()
