"""Derives the schemas of foreign resources from the declarations of their npm packages: `make conf-schemas`.

The published validators let unknown fields pass, as the API server does, which prunes them in silence. A
field that nobody knows is a typing mistake, so the schemas written here forbid it. Only facts are kept:
names, types, and what is required.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
_SECRETS = "@kubernetes-models/external-secrets/external-secrets.io/v1"
KINDS = {
    "Application": "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application.d.ts",
    "AppProject": "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/AppProject.d.ts",
    "ServiceMonitor": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor.d.ts",
    "PrometheusRule": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule.d.ts",
    "ClusterSecretStore": f"{_SECRETS}/ClusterSecretStore.d.ts",
    "ExternalSecret": f"{_SECRETS}/ExternalSecret.d.ts",
}
PLAIN: dict[str, Schema] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "unknown": {},
    "any": {},
    "object": {"type": "object"},
}
LEFT_OUT = {"status", "operation", "managedFields"}
"""Fields that controllers write."""
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$.]*|\?:|[\[\]{}<>|&();:,=?]')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
IMPORT = re.compile(r'import \{([^}]*)\} from "([^"]+)";')
DECLARED = re.compile(r"export (?:interface (I\w+)(?: extends [\w, ]+)? |type (I\w+)(?:<[^>]*>)? = )")


@dataclass
class Deriver:
    """Reads declarations on from one kind, and gathers a definition for each type that it meets."""

    modules: Path
    definitions: dict[str, Schema] = field(default_factory=dict)

    def read(self, path: Path) -> str:
        """Define the type that a file declares; gives the definition's name."""
        name = re.sub(r"\W+", ".", str(path.relative_to(self.modules)).removesuffix(".d.ts")).strip(".")
        if name in self.definitions:
            return name
        self.definitions[name] = {}
        text = COMMENT.sub("", path.read_text())
        found = DECLARED.search(text)
        if found is None:
            raise SystemExit(f"{path} declares nothing")
        imports = {
            word.strip(): source for words, source in IMPORT.findall(text) for word in words.split(",")
        }
        reader = Reader(TOKEN.findall(text[found.end() :]), self, path, imports)
        self.definitions[name] = reader.type()
        return name

    def locate(self, path: Path, source: str) -> Path:
        """The file that an import leads to."""
        base = path.parent / source if source.startswith(".") else self.modules / source
        return Path(str(base.resolve()).removesuffix(".js") + ".d.ts")


@dataclass
class Reader:
    """Descends through one declaration's words."""

    words: list[str]
    deriver: Deriver
    path: Path
    imports: dict[str, str]
    at: int = 0

    def take(self, wanted: str = "") -> str:
        """The next word, which must be `wanted` if that is given."""
        word = self.words[self.at]
        if wanted and word != wanted:
            raise SystemExit(f"{self.path}: {word!r} where {wanted!r} was expected")
        self.at += 1
        return word

    def next_is(self, word: str) -> bool:
        """Take the next word if it is this one."""
        found = self.at < len(self.words) and self.words[self.at] == word
        self.at += found
        return found

    def type(self) -> Schema:
        """A type: one of several, or a single one."""
        self.next_is("|")
        options = [self.single()]
        while self.next_is("|"):
            options.append(self.single())
        if len(options) == 1:
            return options[0]
        if all("const" in option for option in options):
            return {"enum": [option["const"] for option in options]}
        return {"anyOf": options}

    def single(self) -> Schema:
        """A literal, a list, an object, a plain type, or one that another file declares."""
        word = self.take()
        if word.startswith('"'):
            return {"const": json.loads(word)}
        if word == "{":
            return self.object()
        if word == "Array":
            self.take("<")
            items = self.type()
            self.take(">")
            return {"type": "array", "items": items}
        if word in PLAIN:
            return dict(PLAIN[word])
        if word in self.imports:
            name = self.deriver.read(self.deriver.locate(self.path, self.imports[word]))
            return {"$ref": f"#/$defs/{name}"}
        raise SystemExit(f"{self.path}: what is {word!r}?")

    def object(self) -> Schema:
        """Fields by name, or a map."""
        properties: dict[str, Schema] = {}
        required: list[str] = []
        rest: Schema | bool = False
        while not self.next_is("}"):
            word = self.take()
            if word == "[":
                while self.take() != "]":
                    pass
                self.take(":")
                rest = self.type()
            elif json.loads(word) in LEFT_OUT:
                self.at += 1
                self.type()
            else:
                name = json.loads(word)
                if self.take() == ":":
                    required.append(name)
                properties[name] = self.type()
            self.next_is(";")
        if not properties and rest is False:
            return {"type": "object"}  # what a declaration leaves open
        schema: Schema = {"type": "object", "additionalProperties": rest}
        return (
            schema
            | ({"properties": properties} if properties else {})
            | ({"required": required} if required else {})
        )


def main(modules: Path, into: Path) -> None:
    """Write one schema a kind."""
    for kind, source in KINDS.items():
        deriver = Deriver(modules.resolve())
        root = deriver.read(deriver.modules / source)
        schema = {"$ref": f"#/$defs/{root}", "$defs": dict(sorted(deriver.definitions.items()))}
        (into / f"{kind}.json").write_text(json.dumps(schema, indent=1) + "\n")
        print(f"{kind}: {len(deriver.definitions)} types")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
