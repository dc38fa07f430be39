"""FunctionApps as publishing writes them: new ones, changes of those that exist, and their text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from funcapp.cli.packing import Package
from funcapp.cli.targets import Source
from funcapp.errors import ConfigurationError

_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_MAX_NAME = 50
_SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

_PLAIN = re.compile(r"[A-Za-z]([A-Za-z0-9_./:@-]*[A-Za-z0-9_/-])?")
# YAML 1.1 takes these for something else than text.
_NOT_TEXT = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff]")

_GIT_OWNERS = {
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
    "argocd.argoproj.io/instance": "Argo CD",
    "argocd.argoproj.io/tracking-id": "Argo CD",
}


def check_name(name: str) -> None:
    """The CRD's own rule, before anything is packed. Raises ConfigurationError."""
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
        raise ConfigurationError(
            f"the name {name!r} must start with a letter, end with a letter or digit, hold only lower-case letters,"
            f" digits and hyphens, and have at most {_MAX_NAME} characters"
        )


def settings(pairs: Iterable[str]) -> dict[str, str]:
    """Of `NAME=VALUE` each. Raises ConfigurationError."""
    found = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not _SETTING.fullmatch(name):
            raise ConfigurationError(f"--set-setting {name}: it must be NAME=VALUE, the name as of a variable")
        found[name] = value
    return found


def build_mode(package: Package, current: str) -> str | None:
    """What spec.build.mode must become so that the cluster does what the package is for; None: it may stay.

    `Auto` installs where requirements.txt asks for something and the package brings nothing along.
    """
    if package.build == "remote":
        return "Auto" if current == "None" and package.has_requirements else None
    would_install = current == "Remote" or (current == "Auto" and not package.has_packages)
    return "None" if would_install and package.has_requirements else None


def new_app(
    name: str,
    namespace: str | None,
    source: Source,
    *,
    version: str,
    mode: str | None = None,
    app_settings: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    spec: dict[str, Any] = {"runtime": {"version": version}, "source": source.as_spec()}
    if mode is not None:
        spec["build"] = {"mode": mode}
    if app_settings:
        spec["settings"] = dict(app_settings)
    return {"apiVersion": "functionapp.dev/v1alpha1", "kind": "FunctionApp", "metadata": metadata, "spec": spec}


def with_secret(source: Source, secret: str | None, app: Mapping[str, Any] | None) -> Source:
    """The source with the Secret that opens it for the cluster: the one that is named, or else the one that the app
    has for the same host."""
    before = (app or {}).get("spec", {}).get("source", {}).get(source.kind, {})
    if secret is None and _host(before.get("url", "")) == _host(source.fields["url"]):
        secret = before.get("secretRef", {}).get("name")
    return source if secret is None else Source(source.kind, {**source.fields, "secretRef": {"name": secret}})


def changes(
    app: Mapping[str, Any], source: Source, *, version: str | None = None, mode: str | None = None
) -> dict[str, Any]:
    """The merge patch that gives an app this source and no other; empty when it has it."""
    spec: dict[str, Any] = {}
    before = app["spec"].get("source", {})
    if before != source.as_spec():
        cleared = dict.fromkeys(name for name in before.get(source.kind, {}) if name not in source.fields)
        others = dict.fromkeys(name for name in before if name != source.kind)
        spec["source"] = {**others, source.kind: {**cleared, **source.fields}}
    if version is not None and app["spec"].get("runtime", {}).get("version") != version:
        spec["runtime"] = {"version": version}
    if mode is not None and app["spec"].get("build", {}).get("mode") != mode:
        spec["build"] = {"mode": mode}
    return {"spec": spec} if spec else {}


def owner(app: Mapping[str, Any]) -> str | None:
    """Who keeps the app as Git says, and would take a change back."""
    marks = {**app["metadata"].get("labels", {}), **app["metadata"].get("annotations", {})}
    return next((name for mark, name in _GIT_OWNERS.items() if mark in marks), None)


def to_yaml(document: Mapping[str, Any], indent: str = "") -> str:
    """Of mappings and texts. Texts that YAML could take for something else are quoted, as JSON quotes them."""
    lines = []
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines.append(f"{indent}{_scalar(key)}:\n{to_yaml(value, indent + '  ')}")
        else:
            lines.append(f"{indent}{_scalar(key)}: {_scalar(str(value))}\n")
    return "".join(lines)


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()
