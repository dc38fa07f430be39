"""What a branch or a tag stands for now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from funcapp.errors import AppError
from funcapp.net.guard import Guard
from funcapp.prepare import places
from funcapp.prepare.sources import access
from funcapp.prepare.sources.source import VARIABLE, GitRef, parse_ref

_log = logging.getLogger("funcapp.prepare")


async def resolve(environment: Mapping[str, str], guard: Guard | None = None) -> dict[str, str]:
    """`{"commit": "<hex>"}`. Raises AppError; anything else can be retried.

    `guard` judges the addresses of the repository; None: as the environment says.
    """
    if VARIABLE not in environment:
        raise AppError("SourceInvalid", f"{VARIABLE} is not set: there is nothing to resolve")
    return await asyncio.to_thread(_resolve, parse_ref(environment[VARIABLE]), environment, guard)


def _resolve(ref: GitRef, environment: Mapping[str, str], guard: Guard | None) -> dict[str, str]:
    from funcapp.prepare.sources.git_repository import resolve_ref

    with access.opened(environment, places.find(environment).credentials, guard) as opened:
        commit = resolve_ref(ref, opened)
    _log.info("%s %s is %s", ref.kind, ref.name, commit)
    return {"commit": commit}
