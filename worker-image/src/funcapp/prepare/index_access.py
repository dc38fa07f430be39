"""What opens a package index: credentials and trusted certificates, in a private folder that only pip is told of.

Nothing of it stands on a command line, and pip's output is redacted.
"""

from __future__ import annotations

import netrc
import os
import re
import ssl
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from funcapp.errors import AppError
from funcapp.prepare.redact import Redactor, basic_authorization


class Access(NamedTuple):
    variables: dict[str, str]
    """Of pip's environment."""
    redact: Redactor


def prepare(environment: Mapping[str, str], credentials: Path, folder: Path) -> Access:
    """`credentials` has the entries of a Secret, or is not there; `folder` is private to this build.

    Raises AppError for credentials that cannot be used, OSError for certificates that cannot be read.
    """
    variables: dict[str, str] = {}
    secrets = list(_passwords_in(index_urls(environment)))
    own = credentials / "netrc"
    if own.is_file():
        secrets += _passwords_of(own)
        variables["NETRC"] = str(own)
    elif (credentials / "username").is_file() or (credentials / "password").is_file():
        username, password = _entry(credentials, "username"), _entry(credentials, "password")
        secrets += [password, basic_authorization(username, password)]
        made = folder / "netrc"
        made.touch(0o600)
        hosts = dict.fromkeys(urlsplit(url).hostname or "" for url in index_urls(environment))
        made.write_text(
            "".join(f"machine {host} login {_token(username)} password {_token(password)}\n" for host in hosts if host)
        )
        variables["NETRC"] = str(made)
    authorities = [environment[name] for name in ("FUNCAPP_CA_FILE", "PIP_CERT") if environment.get(name)]
    if authorities:
        bundle = str(_bundle(dict.fromkeys(authorities), folder / "ca.crt"))
        # The second would overrule the first, and what builds wheels from source may go by the third.
        variables.update(dict.fromkeys(("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), bundle))
    return Access(variables, Redactor(secrets))


def index_urls(environment: Mapping[str, str]) -> list[str]:
    """Those that builds are configured with; empty: pip's own."""
    return [*environment.get("PIP_INDEX_URL", "").split(), *environment.get("PIP_EXTRA_INDEX_URL", "").split()]


class Owner:
    """Whose matter it is that an index refuses access: the app's, or that of whoever runs the platform.

    `secret`: the name of the Secret with which the app opens indexes, empty without one.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.secret = environment.get("FUNCAPP_PIP_SECRET", "")
        self._all = _hosts(index_urls(environment)) or {"pypi.org"}
        self._apps = _hosts(environment.get("FUNCAPP_APP_INDEX_URLS", "").split())

    def is_app(self, host: str) -> bool:
        """Also for a host that requirements.txt names; and for any, where the app brings the credentials."""
        return bool(self.secret) or host in self._apps or host not in self._all


def _hosts(urls: Iterable[str]) -> set[str]:
    return {host for host in (urlsplit(url).hostname for url in urls) if host}


def _bundle(authorities: Iterable[str], target: Path) -> Path:
    """One file of the system's certificates and these: pip trusts those of one file alone."""
    system = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    files = [system] if system and os.path.isfile(system) else []
    texts = dict.fromkeys(Path(path).read_text("utf-8", "replace").strip() for path in (*files, *authorities))
    target.write_text("\n".join(texts) + "\n")
    return target


def _entry(credentials: Path, name: str) -> str:
    try:
        text = (credentials / name).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text:
        raise _unusable(f"the entry {name} is missing, empty or not text: it needs username and password, or netrc")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise _unusable(f"the entry {name} holds a line break or another control character")
    return text


def _token(text: str) -> str:
    """A word of a netrc file."""
    if sys.version_info >= (3, 11):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if re.search(r"\s", text):
        raise _unusable("Python 3.10 reads no credentials with a blank: choose others")
    return text


def _passwords_of(path: Path) -> list[str]:
    try:
        entries = netrc.netrc(str(path)).hosts.values()
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        where = f", line {error.lineno}" if isinstance(error, netrc.NetrcParseError) else ""
        raise _unusable(f"the entry netrc{where} is not in the format of a netrc file") from None
    secrets = []
    for login, _, password in entries:
        secrets += [password or "", basic_authorization(login or "", password or "")]
    return secrets


def _passwords_in(urls: Iterable[str]) -> Iterable[str]:
    for url in urls:
        parts = urlsplit(url)
        yield from filter(None, (parts.password, parts.username if parts.password is None else None))


def _unusable(message: str) -> AppError:
    return AppError("RequirementsNotInstalled", f"the credentials of the package index cannot be used: {message}")
