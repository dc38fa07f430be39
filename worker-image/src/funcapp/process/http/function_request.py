"""The `func.HttpRequest` that a function sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from funcapp.process.http.request import Request


def to_function(request: Request, query: Mapping[str, str], route: Mapping[str, str]) -> object:
    """A `func.HttpRequest` of the app's SDK."""
    return _maker()(request, query, route)


@cache
def _maker() -> Callable[[Request, Mapping[str, str], Mapping[str, str]], object]:
    """Not at import: the app's path has to be there first."""
    import azure.functions as func

    class LazyRequest(func.HttpRequest):  # type: ignore[misc]
        """Made only as far as it is looked at: most functions look at little, and the whole takes longer than they do.

        What is asked for most is answered here. Anything else of the SDK's class misses an attribute that its
        constructor sets, and then that constructor runs.
        """

        def __init__(self, request: Request, query: Mapping[str, str], route: Mapping[str, str]) -> None:
            self.__request = request
            self.__query = query
            self.__route = route
            self.__whole = False

        @property
        def method(self) -> str:
            return self.__request.method

        @property
        def url(self) -> str:
            return self.__request.url()

        @property
        def params(self) -> Mapping[str, str]:
            return MappingProxyType(self.__query)

        @property
        def route_params(self) -> Mapping[str, str]:
            return MappingProxyType(self.__route)

        def get_body(self) -> bytes:
            return self.__request.body

        def __getattr__(self, name: str) -> Any:
            if self.__dict__.get("_LazyRequest__whole", True):
                raise AttributeError(f"'HttpRequest' object has no attribute {name!r}")
            self.__whole = True
            super().__init__(
                self.method,
                self.url,
                headers=self.__request.joined_headers(),
                params=self.__query,
                route_params=self.__route,
                body=self.__request.body,
            )
            return getattr(self, name)

    LazyRequest.__name__ = LazyRequest.__qualname__ = func.HttpRequest.__name__
    return LazyRequest
