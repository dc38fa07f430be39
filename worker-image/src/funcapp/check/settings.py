"""App settings: reads the forms in which they come, and tells which mean something else here, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from funcapp.check.findings import Finding
from funcapp.errors import ConfigurationError
from funcapp.model import json_text, local_settings

RESERVED = re.compile(
    "PATH|HOME|LD_PRELOAD|LD_LIBRARY_PATH|PYTHONHOME|PYTHONPATH|AzureWebJobsScriptRoot|KUBERNETES_.*|FUNCAPP_.*"
)
"""As the FunctionApp's schema refuses them."""

_REFERENCE = re.compile(r"@Microsoft\.(KeyVault|AppConfiguration)\(", re.IGNORECASE)

_NOT_NEEDED = "not needed here, and ignored"
_BUILD = "ignored here: spec.build.mode says who installs requirements.txt"
_INSIGHTS = (
    "ignored here: set OTEL_EXPORTER_OTLP_ENDPOINT to an OpenTelemetry Collector that exports to Application Insights"
)
_EASY_AUTH = "App Service authentication is not there: put an authenticating proxy or Ingress in front of the app"

# By lower-cased name; a name that ends in * stands for all that begin so.
_KNOWN: dict[str, tuple[str, bool]] = {
    "functions_extension_version": ("ignored here: the worker serves version 4 of the programming model", False),
    "website_run_from_package": ("ignored here: spec.source of the FunctionApp says where the app comes from", False),
    "website_time_zone": ("honoured by timers, with names of the tz database or of Windows", False),
    "scm_do_build_during_deployment": (_BUILD, False),
    "enable_oryx_build": (_BUILD, False),
    "website_contentazurefileconnectionstring": (_NOT_NEEDED, False),
    "website_contentshare": (_NOT_NEEDED, False),
    "website_contentovervnet": (_NOT_NEEDED, False),
    "website_vnet_route_all": ("ignored here: the cluster's network decides where pods may connect to", False),
    "website_max_dynamic_application_scale_out": ("ignored here: use spec.scaling.maxReplicas", False),
    "website_httplogging_retention_days": (_NOT_NEEDED, False),
    "azurewebjobsdashboard": (_NOT_NEEDED, False),
    "applicationinsights_connection_string": (_INSIGHTS, False),
    "appinsights_instrumentationkey": (_INSIGHTS, False),
    "azurewebjobskubernetessecretname": ("ignored here: spec.http.keys.secretRef names the Secret of keys", False),
    "azurewebjobssecretstoragetype": ("ignored here: keys come from a Secret of the cluster", False),
    "azurewebjobsfeatureflags": (_NOT_NEEDED, False),
    "python_isolate_worker_dependencies": ("not needed here: the app's packages never meet the worker's", False),
    "python_enable_init_indexing": (_NOT_NEEDED, False),
    "python_enable_worker_extensions": ("extensions of upstream's worker are not loaded here", False),
    "website_auth_enabled": (_EASY_AUTH, True),
    "website_auth_*": (_EASY_AUTH, True),
    "microsoft_provider_authentication_secret": (_EASY_AUTH, True),
}


class AppSettings(NamedTuple):
    """`slots`: names of those that belong to a deployment slot."""

    values: dict[str, str]
    slots: list[str]


def read(content: bytes, path: str) -> AppSettings:
    """What `az functionapp config appsettings list` prints, a JSON object of names and values, or local.settings.json.

    Raises ConfigurationError.
    """
    try:
        document = json_text.loads(content)
    except json_text.JsonTextError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if isinstance(document, dict) and any(key.lower() in ("values", "isencrypted") for key in document):
        return AppSettings(dict(local_settings.parse(content).variables), [])
    if isinstance(document, dict):
        return AppSettings({str(name): _text(value) for name, value in document.items()}, [])
    if isinstance(document, list) and all(isinstance(item, dict) and "name" in item for item in document):
        values = {str(item["name"]): _text(item.get("value")) for item in document}
        return AppSettings(values, [str(item["name"]) for item in document if item.get("slotSetting") is True])
    raise ConfigurationError(
        f"{path}: it must be what `az functionapp config appsettings list` prints, a JSON object of names and values,"
        " or a local.settings.json"
    )


def judge(settings: AppSettings) -> Iterator[Finding]:
    """Values are not repeated: they are secrets."""
    for name, value in sorted(settings.values.items()):
        runtime = name.upper() == "FUNCTIONS_WORKER_RUNTIME"
        if runtime and value.lower() != "python":
            yield Finding(name, f"the app is for the runtime {value!r}: only Python apps run here", blocks=True)
        reference = _REFERENCE.match(value.strip())
        if reference:
            yield Finding(
                name,
                f"references to {reference[1]} are not resolved: put the value into a Secret, for example with the"
                " External Secrets Operator, and name it in spec.settingsFrom",
                blocks=True,
            )
        known = _known(name)
        if known is not None:
            yield Finding(name, known[0], blocks=known[1] and value.strip().lower() not in ("", "0", "false"))
        if ":" in name:
            yield Finding(name, f"':' is not allowed in the name of a setting here: write {name.replace(':', '__')}")
        if RESERVED.fullmatch(name):
            yield Finding(name, "the name is reserved for the runtime: rename it", blocks=True)
    if settings.slots:
        yield Finding(", ".join(settings.slots), "settings of a deployment slot: make one FunctionApp for each slot")


def _known(name: str) -> tuple[str, bool] | None:
    lowered = name.lower()
    for pattern, told in _KNOWN.items():
        if lowered == pattern or (pattern.endswith("*") and lowered.startswith(pattern[:-1])):
            return told
    return None


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)
