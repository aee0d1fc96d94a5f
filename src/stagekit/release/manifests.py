"""Manifests that serve a released model on Kubernetes. Their names carry the full commit that was evaluated.

So a name leads straight to what is behind it (`pachctl inspect commit evaluate@<commit>`), a roll-back is a
name, and applying the same release twice changes nothing. The digest of the model's content is a label: equal
for two commits that hold the same model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stagekit.release.params import ReleaseParams

_MODEL = "calf.dev/model"
_COMMIT = "calf.dev/commit"
_MOUNT = "/mnt/models"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a released model is called: by its content, and by the commit of evaluate that it was taken from.

    `commit` is empty where the policy let a model pass without a proof, so that nobody knows it.
    """

    model: str
    commit: str

    def served_name(self, params: ReleaseParams) -> str:
        """Give the name under which it is served: a DNS label of at most 53 characters."""
        return f"{params.model_name}-{self.commit or self.model}"


def kserve(identity: Identity, params: ReleaseParams) -> dict[str, Any]:
    """Give KServe's InferenceService with a custom predictor."""
    name = identity.served_name(params)
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": _metadata(identity, params),
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


def seldon(identity: Identity, params: ReleaseParams) -> dict[str, Any]:
    """Give Seldon Core's SeldonDeployment with one predictor."""
    name = identity.served_name(params)
    container = {
        "name": "segmenter",
        "image": params.serve_image,
        "args": ["--model", _MOUNT, "--name", name],
    }
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": _metadata(identity, params),
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


def _metadata(identity: Identity, params: ReleaseParams) -> dict[str, Any]:
    annotations = {_MODEL: identity.model} | ({_COMMIT: identity.commit} if identity.commit else {})
    labels = {"app.kubernetes.io/name": params.model_name, "app.kubernetes.io/version": identity.model}
    return {"name": identity.served_name(params), "labels": labels, "annotations": annotations}


def _uri(name: str, params: ReleaseParams) -> str:
    return f"{params.storage_uri}/{name}"
