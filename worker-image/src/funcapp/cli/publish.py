"""Publishes the app of the current folder: packs it, pushes the package, creates or updates the FunctionApp, and
follows the rollout until it is Ready, or says why it is not.

Of a FunctionApp that exists, the source alone changes (and runtime.version with --python-version); without --to, it
goes where the last package went. What serves goes on until the new revision is verified and ready.

  funcapp publish orders --to oci://registry.example.com/team/orders     the first time
  funcapp publish orders                                                from then on
  funcapp publish orders --to oci://… --dry-run -o yaml > orders.yaml    for Git

Exit code 0: it is Ready; 1: something failed, and the message says what was done and how to go on; 2: the call itself
has to be another."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from funcapp.cli import follow, kubectl, local, manifest, packing, readiness, targets
from funcapp.cli.kubectl import FUNCTION_APP, Kubectl, Object
from funcapp.cli.packing import Package
from funcapp.cli.readable import safe
from funcapp.cli.targets import Source, Target
from funcapp.errors import CommandFailed, ConfigurationError
from funcapp.prepare import wheels


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", help="the FunctionApp")
    add("--to", metavar="URL", help=f"where the package goes: {targets.FORMS}")
    add("--source-secret", metavar="NAME", help="the Secret with which the cluster reads it there (secretRef)")
    add("--set-setting", action="append", default=[], metavar="NAME=VALUE", help="an app setting of a new FunctionApp")
    add("--script-root", metavar="DIR", help="the app's folder; without it, as `funcapp start` finds it")
    add("--no-wait", action="store_true", help="do not follow the rollout")
    follow.configure(parser)
    add("--dry-run", action="store_true", help="print the manifest, for Git; push nothing and ask no cluster")
    add("-o", "--output", choices=("yaml", "json"), help="with --dry-run: in which form (yaml)")
    packing.configure(parser)
    targets.configure(parser)
    kubectl.configure(parser)


def run(options: argparse.Namespace) -> int:
    manifest.check_name(options.name)
    timeout = follow.timeout(options)
    wanted = manifest.settings(options.set_setting)
    packing.check(options)
    if options.output and not options.dry_run:
        raise ConfigurationError("--output goes with --dry-run: add it, or leave --output out")
    root = local.find_app(options.script_root, os.environ)
    with tempfile.TemporaryDirectory(prefix="funcapp-publish-") as folder:
        zip_file = Path(folder, f"{options.name}.zip")
        listed = packing.listed(root, zip_file, options)
        if listed is not None:
            print(*listed, sep="\n")
            return 0
        if options.dry_run:
            target = _target(options, None, root)
            _print_manifest(options, target, packing.make(root, zip_file, options), wanted)
            return 0
        cluster = kubectl.of(options)
        app = cluster.find(FUNCTION_APP, options.name)
        _check(app, options.name, wanted)
        target = _target(options, app, root)
        current = app["spec"].get("runtime", {}).get("version") if app is not None else None
        package = packing.make(root, zip_file, options, current)
        _tell(f"packed {package.size} bytes, sha256 {package.sha256}")
        publication = _Publication(cluster, app, options, target, package, wanted)
        publication.try_out()
        publication.push()
        publication.apply()
    if options.no_wait:
        return 0
    if app is not None and app["spec"].get("suspend"):
        _tell(f"{options.name} has suspend: true, so the operator leaves it as it is: nothing rolls out")
        return 0
    _show(follow.until_ready(cluster, options.name, timeout))
    return 0


class _Publication:
    """What is going to be written, in steps that each leave the cluster as it was until the last."""

    def __init__(
        self,
        cluster: Kubectl,
        app: Object | None,
        options: argparse.Namespace,
        target: Target,
        package: Package,
        wanted: dict[str, str],
    ) -> None:
        self._cluster, self._app, self._target, self._package = cluster, app, target, package
        self._name: str = options.name
        pushed = target.source(package, options.name)
        self._source: Source = manifest.with_secret(pushed, options.source_secret, app)
        mode = manifest.build_mode(package, (app or {}).get("spec", {}).get("build", {}).get("mode", "Auto"))
        if app is None:
            self._document = manifest.new_app(
                options.name, None, self._source, version=_version(options), mode=mode, app_settings=wanted
            )
        else:
            self._document = manifest.changes(app, self._source, version=options.python_version, mode=mode)

    def try_out(self) -> None:
        """The API server says whether it would take it, before anything is pushed."""
        self._write(dry_run=True)

    def push(self) -> None:
        self._target.push(self._package, self._name)
        _tell(f"pushed {self._source.label}")

    def apply(self) -> None:
        try:
            if self._document:
                self._write(dry_run=False)
                _tell(f"{self._name} is {'created' if self._app is None else 'updated'}")
            elif self._app is not None and readiness.verdict(self._app) != "ready":
                # The operator does not try the same again by itself.
                moment = datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
                self._cluster.patch(self._name, {"metadata": {"annotations": {readiness.RECONCILE_AT: moment}}})
                _tell(f"{self._name} has this source already: asked to try it again")
            else:
                _tell(f"{self._name} has this source already")
        except CommandFailed as error:
            raise CommandFailed(
                f"the package is pushed, and {self._name} is not changed: {error}\n"
                f"to go on, publish again (what is pushed is not sent twice), or: {self._by_hand()}"
            ) from None

    def _write(self, *, dry_run: bool) -> None:
        if self._app is None:
            self._cluster.create(self._document, dry_run=dry_run)
        elif self._document:
            self._cluster.patch(self._name, self._document, dry_run=dry_run)

    def _by_hand(self) -> str:
        document = json.dumps(self._document)
        if self._app is None:
            return f"echo {shlex.quote(document)} | {self._cluster.shown('create', '--filename=-')}"
        return self._cluster.shown("patch", "functionapp", self._name, "--type=merge", f"--patch={document}")


def _target(options: argparse.Namespace, app: Object | None, root: Path) -> Target:
    before = (app or {}).get("spec", {}).get("source", {}).get("oci", {}).get("url")
    where = options.to or before
    if where is None:
        raise ConfigurationError(f"--to is missing: say where the package goes, {targets.FORMS}")
    return targets.parse(where, options, root)


def _check(app: Object | None, name: str, wanted: dict[str, str]) -> None:
    """What would keep the package from running is said before it is made. Raises CommandFailed."""
    if app is None:
        return
    if app["metadata"].get("deletionTimestamp"):
        raise CommandFailed(f"{name} is being deleted: wait until `kubectl get functionapp {name}` does not find it")
    pin = app["spec"].get("rollout", {}).get("pin")
    if pin:
        raise CommandFailed(
            f"{name} is pinned to revision {pin} (spec.rollout.pin), so what is published would not run:"
            f" lift the pin first, with `funcapp rollback {name} --undo`"
        )
    settings = app["spec"].get("settings", {})
    other = sorted(key for key, value in wanted.items() if settings.get(key) != value)
    if other:
        raise CommandFailed(
            f"{name} exists, and publishing changes its source alone: --set-setting {', '.join(other)} is for new apps;"
            f" edit spec.settings where the app is kept, or with `kubectl edit functionapp {name}`"
        )
    before = next(iter(app["spec"].get("source", {})), "")
    if before not in ("", "oci", "archive"):
        _tell(f"note: the source of {name} was {before}, and is the pushed package from now on")
    owner = manifest.owner(app)
    if owner:
        _tell(f"note: {owner} keeps {name} as Git says and may take this back: use --dry-run, and commit the manifest")


def _print_manifest(options: argparse.Namespace, target: Target, package: Package, wanted: dict[str, str]) -> None:
    source = manifest.with_secret(target.source(package, options.name), options.source_secret, None)
    document: dict[str, Any] = manifest.new_app(
        options.name,
        options.namespace,
        source,
        version=_version(options),
        mode=manifest.build_mode(package, "Auto"),
        app_settings=wanted,
    )
    as_json = options.output == "json"
    print(json.dumps(document, indent=2) + "\n" if as_json else manifest.to_yaml(document), end="")


def _version(options: argparse.Namespace) -> str:
    return ".".join(map(str, wheels.target(options.python_version, options.platform).version))


def _show(app: Object) -> None:
    status = app.get("status", {})
    _tell(f"{app['metadata']['name']} is ready: revision {status.get('latestReadyRevision', '?')}")
    for function in status.get("functions", []):
        print(f"{function['name']}: {function.get('url') or function.get('target') or function.get('trigger', '')}")
    for function in readiness.broken_functions(app):
        _tell(f"not running: {function['name']}: {function['reason']}: {function.get('message', '')}")


def _tell(text: str) -> None:
    print(safe(text), file=sys.stderr, flush=True)
