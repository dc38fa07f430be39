"""What host.json says, as data. Durations are in seconds."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _empty() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class QueueOptions:
    """`extensions.queues`, or what one function has of its own."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: float = 0.0
    max_polling_interval: float = 60.0
    message_encoding: str = "base64"

    @property
    def concurrency(self) -> int:
        """Messages of one function that a pod works on at a time."""
        return self.batch_size + self.new_batch_threshold


@dataclass(frozen=True)
class BlobOptions:
    """`extensions.blobs`. `max_degree_of_parallelism` counts the blobs that a pod works on at a time."""

    max_degree_of_parallelism: int = 8
    poison_blob_threshold: int = 5


@dataclass(frozen=True)
class HstsOptions:
    """`extensions.http.hsts`, as ASP.NET's HstsOptions: the header is for encrypted requests to other hosts."""

    max_age: float = 30 * 86_400.0
    include_sub_domains: bool = False
    preload: bool = False
    excluded_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")

    @property
    def header(self) -> str:
        """The value of Strict-Transport-Security."""
        parts = [f"max-age={int(self.max_age)}"]
        parts += ["includeSubDomains"] if self.include_sub_domains else []
        parts += ["preload"] if self.preload else []
        return "; ".join(parts)


@dataclass(frozen=True)
class HttpOptions:
    """`extensions.http`. `route_prefix` has no slashes at its ends.

    `max_outstanding_requests` counts running and waiting requests of a pod, `max_concurrent_requests` the running
    ones; None for no limit. `hsts` is None where it is off. `custom_headers` are added to every response.
    """

    route_prefix: str = "api"
    max_outstanding_requests: int | None = None
    max_concurrent_requests: int | None = None
    dynamic_throttles_enabled: bool = False
    custom_headers: Mapping[str, str] = field(default_factory=_empty)
    hsts: HstsOptions | None = None


@dataclass(frozen=True)
class LoggingOptions:
    """`logging.logLevel`: Python levels by category; `default` holds for the rest."""

    levels: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    default: int = logging.INFO

    def level_of(self, category: str) -> int:
        """The level of the longest category that is `category` or the start of it, in whole parts between dots.

        Letter case does not matter. https://learn.microsoft.com/azure/azure-functions/configure-monitoring
        """
        parts = category.lower().split(".")
        for length in range(len(parts), 0, -1):
            level = self.levels.get(".".join(parts[:length]))
            if level is not None:
                return level
        return self.default


@dataclass(frozen=True)
class HostOptions:
    """The whole app's options. `function_timeout` None: no limit. `functions` None: all of the app's."""

    function_timeout: float | None = 1800.0
    functions: tuple[str, ...] | None = None
    http: HttpOptions = field(default_factory=HttpOptions)
    queues: QueueOptions = field(default_factory=QueueOptions)
    queues_by_function: Mapping[str, QueueOptions] = field(default_factory=lambda: MappingProxyType({}))
    blobs: BlobOptions = field(default_factory=BlobOptions)
    logging: LoggingOptions = field(default_factory=LoggingOptions)

    def queues_of(self, function: str) -> QueueOptions:
        """The queue options of one function: its own where it has some, else the app's."""
        return self.queues_by_function.get(function.lower(), self.queues)
