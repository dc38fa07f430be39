"""The second step: loads the app as a worker will, and stores the index."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from funcapp import store
from funcapp.host import settings as host_settings
from funcapp.host.loading import load_index
from funcapp.prepare import dependencies, places
from funcapp.prepare.places import Places

_log = logging.getLogger("funcapp.prepare")


async def verify(environment: Mapping[str, str], log_lock: int) -> None:
    """Raises AppError; anything else can be retried. Broken functions are not an error: the index tells of them."""
    where = places.find(environment)
    package = _package(where)
    settings = host_settings.parse(environment, root=str(where.root))
    index = await load_index(
        settings,
        log_lock,
        environment.get("FUNCAPP_REVISION"),
        package,
    )
    path = where.workspace / "index.json"
    path.write_text(json.dumps(index, ensure_ascii=False))
    if not await store.create(places.grant(where, "index"), path):
        _log.info("the store has the index already")
    broken = [function["name"] for function in index["functions"] if function["error"]]
    _log.info("%d functions, %d broken", len(index["functions"]), len(broken))


def _package(where: Places) -> dict[str, Any] | None:
    """The index's `package`. None where nothing was built: the app is in the image."""
    try:
        note = json.loads(where.package_file.read_bytes())
    except FileNotFoundError:
        dependencies.refuse_misfits(where.root)
        return None
    return {name: note[name] for name in ("sha256", "size", "distributions")}
