"""Why something cannot be had from another host. No message holds credentials, nor the query of a URL."""

from __future__ import annotations


class NetError(Exception):
    """The parent of them all."""


class NotFound(NetError):
    """The host says that it is not there."""


class Unauthorized(NetError):
    """The host refuses these credentials, or asks for some."""


class TooLarge(NetError):
    """It exceeds a limit; what came after the limit was not read."""


class Invalid(NetError):
    """The address must not be asked, its certificate is not trusted, or the answer makes no sense."""


class Unavailable(NetError):
    """The host cannot be reached, fails or takes too long: trying again may help."""


class Mismatch(Invalid):
    """What came is not what its digest says."""
