"""Listeners in the test's own process, with real storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funcapp.content import Content, LazyContent
from funcapp.host.storage import StorageAccounts
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers.base import Outcome, Run, Surroundings
from funcapp.model.host_json import HostOptions


async def succeed(
    function: str, body: Content | LazyContent, data: Mapping[str, Any], metadata: Mapping[str, Any]
) -> Outcome:
    return "succeeded"


def surroundings(
    environment: Mapping[str, str], host_id: str, run: Run = succeed, host: HostOptions | None = None
) -> Surroundings:
    accounts = StorageAccounts(environment)
    return Surroundings(host or HostOptions(), environment, host_id, accounts, run, Telemetry())
