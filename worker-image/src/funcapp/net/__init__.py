"""Connections to hosts that users name, with the standard library alone: HTTPS, redirects, credentials, limits."""
