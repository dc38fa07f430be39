"""Names of artifacts: `oci://host[:port]/repository[:tag|@digest]`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from funcapp.net.errors import Invalid

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
_REPOSITORY = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
_REFERENCE = re.compile(
    r"oci://(?P<host>[a-zA-Z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>\d{1,5}))?/"
    rf"(?P<repository>{_REPOSITORY})(?::(?P<tag>\w[\w.-]{{0,127}}))?(?:@(?P<digest>sha256:[0-9a-f]{{64}}))?",
    re.ASCII,
)
_CREDENTIALS = re.compile(r"(?:(?<=//)|^)[^/@]*@")
# Docker Hub's registry has another name than its images say.
_HUB = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}


@dataclass(frozen=True)
class Reference:
    registry: str
    """Host, and port where it is not 443, as credentials are kept by."""
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def host(self) -> str:
        """Where the registry's API is."""
        return _HUB.get(self.registry, self.registry)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"oci://{self.registry}/{self.repository}{tag}{digest}"


def parse(text: str) -> Reference:
    """Raises Invalid."""
    match = _REFERENCE.fullmatch(text)
    if match is None or int(match["port"] or 443) not in range(1, 65536):
        raise Invalid(
            f"{_CREDENTIALS.sub('', text)!r} is not the name of an artifact: it must look like oci://registry.example.com/team/orders:1.4,"
            " with the repository in lower case"
        )
    port = f":{match['port']}" if match["port"] else ""
    return Reference(match["host"].lower() + port, match["repository"], match["tag"], match["digest"])
