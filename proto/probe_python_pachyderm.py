"""Prints, as JSON, the wire facts that python-pachyderm carries; runs inside that client's own environment.

The client ships serialized file descriptors. Only names, numbers and types are read, which is all that two
programs must agree on to understand each other. Shape of the output: see `facts.py`.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys

import grpc_health.v1.health_pb2 as health
import python_pachyderm.proto.v2 as generated
from google.protobuf import descriptor_pb2
from read_descriptors import read_file


def main():
    """Writes {package: facts} to standard output."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(generated.__path__, f"{generated.__name__}.")
        if found.name.endswith("_pb2")
    ]
    packages = {}
    for module in [*modules, health]:
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        packages[file.package] = read_file(file)
    json.dump(packages, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
