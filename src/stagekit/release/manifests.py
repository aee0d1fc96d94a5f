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
_PORT = 8080
_NODE = "segmenter"
_FETCH = "docker.io/seldonio/rclone-storage-initializer:1.18.2"
"""What Seldon fetches models of its own servers with; for a server of ours it has to be asked for."""


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
    """Give KServe's InferenceService with a custom predictor.

    KServe copies what `STORAGE_URI` names to where the server finds it; clients ask for the service's name.
    """
    name = identity.served_name(params)
    environment = {"STORAGE_URI": _uri(name, params), "PROTOCOL": "v2"}
    container = _container("kserve-container", name, params) | {
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "ports": [{"containerPort": _PORT, "protocol": "TCP"}],
    }
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": _metadata(identity, params),
        "spec": {"predictor": {"containers": [container]}},
    }


def seldon(identity: Identity, params: ReleaseParams) -> dict[str, Any]:
    """Give Seldon Core's SeldonDeployment with one predictor, which asks for the model by the node's name."""
    mount = {"name": "model", "mountPath": _MOUNT}
    container = _container(_NODE, _NODE, params) | {
        "ports": [{"name": "http", "containerPort": _PORT, "protocol": "TCP"}],
        "volumeMounts": [mount | {"readOnly": True}],
    }
    fetch = {
        "name": "fetch-model",
        "image": _FETCH,
        "args": [_uri(identity.served_name(params), params), _MOUNT],
        "envFrom": [{"secretRef": {"name": "seldon-init-container-secret", "optional": True}}],
        "volumeMounts": [mount],
    }
    pod = {
        "initContainers": [fetch],
        "containers": [container],
        "volumes": [{"name": "model", "emptyDir": {}}],
    }
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": _metadata(identity, params),
        "spec": {
            "name": params.model_name,
            "protocol": "v2",
            "predictors": [
                {
                    "name": "default",
                    "replicas": 1,
                    "graph": {"name": _NODE, "type": "MODEL"},
                    "componentSpecs": [{"spec": pod}],
                }
            ],
        },
    }


def _container(name: str, served: str, params: ReleaseParams) -> dict[str, Any]:
    """Give the container of `stages/serve`, whose image has no command of its own."""
    return {
        "name": name,
        "image": params.serve_image,
        "command": ["python", "/stage/main.py"],
        "args": ["--model", _MOUNT, "--name", served, "--host", "0.0.0.0", "--port", str(_PORT)],  # noqa: S104 - the pod's address
        "readinessProbe": _probe("ready"),
        "livenessProbe": _probe("live") | {"initialDelaySeconds": 120},
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "3Gi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }


def _probe(what: str) -> dict[str, Any]:
    return {"httpGet": {"path": f"/v2/health/{what}", "port": _PORT}, "timeoutSeconds": 5}


def _metadata(identity: Identity, params: ReleaseParams) -> dict[str, Any]:
    annotations = {_MODEL: identity.model} | ({_COMMIT: identity.commit} if identity.commit else {})
    labels = {"app.kubernetes.io/name": params.model_name, "app.kubernetes.io/version": identity.model}
    return {"name": identity.served_name(params), "labels": labels, "annotations": annotations}


def _uri(name: str, params: ReleaseParams) -> str:
    return f"{params.storage_uri}/{name}"
