"""httpTrigger and http: which annotations they take. `funcapp.process.http` makes requests and responses."""

from __future__ import annotations

from funcapp.process.bindings.base import Converter, is_subclass
from funcapp.process.http import web_extension


class HttpTriggerConverter(Converter):
    def accepts_input(self, annotation: type) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.HttpRequest) or web_extension.takes(annotation)


class HttpConverter(Converter):
    def accepts_output(self, annotation: object) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.HttpResponse, str) or web_extension.gives(annotation)
