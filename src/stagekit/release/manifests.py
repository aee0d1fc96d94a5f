"""Manifests that serve a released model on Kubernetes. Their names carry the digest of its whole content.

So two models never share a name, a roll-back is a name, and applying the same release twice changes nothing.
"""

from __future__ import annotations

from typing import Any

from stagekit.release.params import ReleaseParams

_ANNOTATION = "calf.dev/model"
_MOUNT = "/mnt/models"


def served_name(model_id: str, params: ReleaseParams) -> str:
    """Give the name under which a model is served: a DNS label of at most 53 characters."""
    return f"{params.model_name}-{model_id}"


def kserve(model_id: str, params: ReleaseParams) -> dict[str, Any]:
    """Give KServe's InferenceService with a custom predictor."""
    name = served_name(model_id, params)
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": _metadata(name, model_id, params),
        "spec": {
            "predictor": {
                "containers": [
                    {
                        "name": "kserve-container",
                        "image": params.serve_image,
                        "env": [{"name": "STORAGE_URI", "value": _uri(name, params)}],
                        "args": ["--model", _MOUNT, "--name", name],
                    }
                ]
            }
        },
    }


def seldon(model_id: str, params: ReleaseParams) -> dict[str, Any]:
    """Give Seldon Core's SeldonDeployment with one predictor."""
    name = served_name(model_id, params)
    container = {
        "name": "segmenter",
        "image": params.serve_image,
        "args": ["--model", _MOUNT, "--name", name],
    }
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": _metadata(name, model_id, params),
        "spec": {
            "name": params.model_name,
            "predictors": [
                {
                    "name": "default",
                    "replicas": 1,
                    "graph": {"name": "segmenter", "type": "MODEL", "modelUri": _uri(name, params)},
                    "componentSpecs": [{"spec": {"containers": [container]}}],
                }
            ],
        },
    }


def _metadata(name: str, model_id: str, params: ReleaseParams) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": params.model_name, "app.kubernetes.io/version": model_id}
    return {"name": name, "labels": labels, "annotations": {_ANNOTATION: model_id}}


def _uri(name: str, params: ReleaseParams) -> str:
    return f"{params.storage_uri}/{name}"
