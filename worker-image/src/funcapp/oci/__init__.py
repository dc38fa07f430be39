"""Packages in OCI registries: built once, and the same bits in every stage.

`oras push --artifact-type application/vnd.functionapp.package.v1 REFERENCE app.zip:application/zip` makes the same
artifact: https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage
"""

from funcapp.oci.artifact import Pushed, pull, push
from funcapp.oci.docker_config import Credentials, credentials_for
from funcapp.oci.reference import Reference, parse

__all__ = ["Credentials", "Pushed", "Reference", "credentials_for", "parse", "pull", "push"]
