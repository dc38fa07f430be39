"""host.json: what of it this worker honours, with the defaults of the Functions host.

https://learn.microsoft.com/azure/azure-functions/functions-host-json
"""

from funcapp.model.host_json.options import (
    BlobOptions,
    HostOptions,
    HstsOptions,
    HttpOptions,
    LoggingOptions,
    QueueOptions,
)
from funcapp.model.host_json.parsing import OVERRIDE_PREFIX, parse

__all__ = [
    "OVERRIDE_PREFIX",
    "BlobOptions",
    "HostOptions",
    "HstsOptions",
    "HttpOptions",
    "LoggingOptions",
    "QueueOptions",
    "parse",
]
