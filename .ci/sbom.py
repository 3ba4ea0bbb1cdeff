"""The bill of materials (CycloneDX 1.6, JSON): every package of the locks, with its hashes and what asked for it.

    make sbom          writes build/sbom.json

Read from the locks alone, so that it is the same on every machine: no clock, no installed package, no registry. Scope
`required` is what the runtime image installs (requirements.txt), `optional` an extra, `excluded` what only tests use,
the npm packages of the TimescaleDB lane among it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections import defaultdict
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
_ENTRY = re.compile(r"^(?P<pin>[a-z0-9][^\\\n]*?) ?\\?\n(?P<rest>(?:[ ]+.*\n?)*)", re.MULTILINE | re.IGNORECASE)


def pins(lock: Path) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """(name, version) of each pin of a lock, to its SHA-256 values and the names of what asked for it."""
    found = {}
    for entry in _ENTRY.finditer(lock.read_text(encoding="utf-8")):
        pin = Requirement(entry["pin"].strip())
        (version,) = pin.specifier
        wanted_by = re.findall(r"^ +# +(?:via )? *([a-z0-9][\w.-]*)", entry["rest"], re.MULTILINE | re.IGNORECASE)
        key = canonicalize_name(pin.name), version.version
        found[key] = (re.findall(r"sha256:([0-9a-f]{64})", entry["rest"]), [w for w in wanted_by if w != "via"])
    return found


def npm(lock: Path) -> dict[tuple[str, str], str]:
    """(name, version) of each package of an npm lock, to its SHA-512."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {
        (path.rpartition("node_modules/")[2], about["version"]): base64.b64decode(
            about["integrity"].removeprefix("sha512-")
        ).hex()
        for path, about in packages.items()
        if path
    }


def bill(root: Path = ROOT) -> Bom:
    """The bill of the tree at `root`."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    fund = Component(name=project["name"], version=project["version"], type=ComponentType.APPLICATION)
    fund.bom_ref.value = f"{project['name']}@{project['version']}"
    made = Bom()
    made.metadata.component = fund
    made.metadata.timestamp = None
    locks = {name: pins(root / f"requirements{name}.txt") for name in ("", "-dev", "-all")}
    components: dict[str, list[Component]] = defaultdict(list)
    for (name, version), (hashes, _) in sorted(locks["-all"].items()):
        component = Component(
            name=name,
            version=version,
            purl=PackageURL("pypi", None, name, version),
            bom_ref=f"pypi/{name}@{version}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in hashes],
            scope=ComponentScope.REQUIRED
            if (name, version) in locks[""]
            else ComponentScope.EXCLUDED
            if (name, version) in locks["-dev"]
            else ComponentScope.OPTIONAL,
        )
        components[name].append(component)
        made.components.add(component)
    parents: dict[str, set[Component]] = defaultdict(set)
    for (name, _), (_, wanted_by) in locks["-all"].items():
        for parent in wanted_by:
            parents[canonicalize_name(parent)].update(components[name])
    made.register_dependency(fund, sorted(parents.get(project["name"], ()), key=str))
    for name, ones in components.items():
        for component in ones:
            made.register_dependency(component, sorted(parents.get(name, ()), key=str))
    for (name, version), sha512 in sorted(npm(root / "tests" / "timescale" / "package-lock.json").items()):
        namespace, _, short = name.rpartition("/")
        component = Component(
            name=short,
            group=namespace or None,
            version=version,
            purl=PackageURL("npm", namespace or None, short, version),
            bom_ref=f"npm/{name}@{version}",
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=sha512)],
            scope=ComponentScope.EXCLUDED,
        )
        made.components.add(component)
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(root.glob("requirements*.txt")))).hexdigest()
    made.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, f"{fund.bom_ref.value} {digest}")
    return made


def main(target: str) -> None:
    """Write the bill to `target` and say how much is in it."""
    made = bill()
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2) + "\n")
    sys.stdout.write(f"{path}: {len(made.components)} components\n")


if __name__ == "__main__":
    main(sys.argv[1])
