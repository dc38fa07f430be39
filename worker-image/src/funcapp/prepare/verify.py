"""The second step: loads the app as a worker will, and stores the index."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from funcapp import store
from funcapp.host import settings as host_settings
from funcapp.host.loading import load_index
from funcapp.prepare import places

_log = logging.getLogger("funcapp.prepare")


async def verify(environment: Mapping[str, str], log_lock: int) -> None:
    """Raises AppError; anything else can be retried. Broken functions are not an error: the index tells of them."""
    where = places.find(environment)
    package = json.loads(where.package_file.read_bytes())
    settings = host_settings.parse(environment, root=str(where.root))
    index = await load_index(
        settings,
        log_lock,
        environment.get("FUNCAPP_REVISION"),
        {"sha256": package["sha256"], "size": package["size"]},
    )
    path = where.workspace / "index.json"
    path.write_text(json.dumps(index, ensure_ascii=False))
    if not await store.create(places.grant(where, "index"), path):
        _log.info("the store has the index already")
    broken = [function["name"] for function in index["functions"] if function["error"]]
    _log.info("%d functions, %d broken", len(index["functions"]), len(broken))
