from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from stagekit.release.manifests import Identity, kserve, seldon
from stagekit.release.params import Limit, ReleaseParams

ROOT = Path(__file__).parents[3]
NAME = "pets-unet-" + "5" * 32
PARAMS = ReleaseParams(
    v=2,
    seed=1,
    model_name="pets-unet",
    optimise="mean_iou",
    limits=(Limit(metric="mean_iou", at_least=0.5),),
    serve_image="calf/serve",
    storage_uri="s3://models",
)


def pod_of(kind: Any) -> dict[str, Any]:
    spec: dict[str, Any] = kind(Identity("7" * 32, "5" * 32), PARAMS)["spec"]
    if kind is kserve:
        return dict(spec["predictor"])
    (predictor,) = spec["predictors"]
    assert predictor["graph"]["name"] == predictor["componentSpecs"][0]["spec"]["containers"][0]["name"]
    return dict(predictor["componentSpecs"][0]["spec"])


@pytest.mark.parametrize(("kind", "name"), [(kserve, NAME), (seldon, "segmenter")])
def test_a_manifest_starts_the_service_as_its_command_line_understands(
    monkeypatch: pytest.MonkeyPatch, kind: Any, name: str
) -> None:
    (container,) = pod_of(kind)["containers"]
    assert container["command"] == ["python", "/stage/main.py"]
    monkeypatch.setattr(sys, "argv", ["main.py", *container["args"]])
    asked = runpy.run_path(str(ROOT / "stages" / "serve" / "main.py"))["_arguments"]()
    assert (asked.model, asked.name, asked.host) == (Path("/mnt/models"), name, "0.0.0.0")
    (port,) = container["ports"]
    probes = [container[each]["httpGet"]["port"] for each in ("readinessProbe", "livenessProbe")]
    assert {asked.port, port["containerPort"], *probes} == {8080}


def test_the_model_comes_to_where_the_service_looks_for_it() -> None:
    (container,) = pod_of(kserve)["containers"]
    assert {"name": "STORAGE_URI", "value": f"s3://models/{NAME}"} in container["env"]
    pod = pod_of(seldon)
    (fetch,), (container,) = pod["initContainers"], pod["containers"]
    assert fetch["args"] == [f"s3://models/{NAME}", "/mnt/models"]
    (mount,), (seen,) = fetch["volumeMounts"], container["volumeMounts"]
    assert seen == mount | {"readOnly": True}
    assert [volume["name"] for volume in pod["volumes"]] == [mount["name"]]
