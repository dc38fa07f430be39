"""Signing in to Microsoft Entra ID, for connections that have no key.

Imported where a connection asks for it alone: the library takes long to import, and memory.
https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.identity.aio import (
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from funcapp.model.connections import Identity


def credential(identity: Identity, environment: Mapping[str, str]) -> AsyncTokenCredential:
    """An application, a managed identity, a Kubernetes service account, or whoever the environment offers.

    Raises ValueError where the environment lacks something for it.
    """
    options: dict[str, Any] = {}
    if environment.get("AZURE_AUTHORITY_HOST"):
        options["authority"] = environment["AZURE_AUTHORITY_HOST"]
    client = identity.client_id
    if identity.credential == "managedidentity":
        resource = identity.managed_identity_resource_id
        return ManagedIdentityCredential(
            client_id=client, identity_config={"resource_id": resource} if resource is not None else None
        )
    if identity.credential == "workloadidentity":
        return WorkloadIdentityCredential(tenant_id=identity.tenant_id, client_id=client, **options)
    if identity.client_secret is not None:
        assert identity.tenant_id is not None
        assert client is not None
        return ClientSecretCredential(identity.tenant_id, client, identity.client_secret, **options)
    if client is not None:
        options.update(managed_identity_client_id=client, workload_identity_client_id=client)
    if identity.tenant_id is not None:
        options["workload_identity_tenant_id"] = identity.tenant_id
    return DefaultAzureCredential(**options)
