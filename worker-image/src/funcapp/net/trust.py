"""Which certificates are trusted."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

from funcapp.net.errors import Invalid


def context(authorities: Iterable[Path] = ()) -> ssl.SSLContext:
    """Trusts the system's certificates and those in these PEM files. Raises Invalid."""
    made = ssl.create_default_context()
    # What works must not depend on the Python version: from 3.13 on, a certificate of one's own making that lacks
    # optional extensions would be refused, and before that one for a server alone, rather than for an authority.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for path in authorities:
        try:
            made.load_verify_locations(path)
        except (OSError, ssl.SSLError) as error:
            reason = "it has no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
            raise Invalid(f"the certificates in {path} cannot be read: {reason}") from None
    return made
