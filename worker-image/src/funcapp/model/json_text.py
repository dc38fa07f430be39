"""JSON as the Functions host reads it: comments, trailing commas and a byte order mark are accepted."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Strings come first, so that what looks like a comment or a comma inside one is left alone.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*.*?\*/|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])', re.DOTALL)


class JsonTextError(ValueError):
    """Text that is not JSON. The message says where: line, column, what was expected."""


def loads(content: bytes) -> Any:
    """Parses `content`; positions in errors are those of the text as written."""
    text = _decode(content)
    try:
        document = json.loads(_TOKEN.sub(_blank, text))
        # What escapes can write and no text can hold would fail later, wherever it is written.
        json.dumps(document, ensure_ascii=False).encode()
        return document
    except json.JSONDecodeError as error:
        raise JsonTextError(f"line {error.lineno}, column {error.colno}: {_lower_first(error.msg)}") from None
    except RecursionError:
        raise JsonTextError("line 1, column 1: nested too deeply") from None
    except UnicodeEncodeError:
        raise JsonTextError("line 1, column 1: has half of a surrogate pair, such as \\ud83d alone") from None
    except ValueError:
        raise JsonTextError("line 1, column 1: has a number of too many digits") from None


def _decode(content: bytes) -> str:
    encoding = "utf-8"
    for mark, marked_encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content, encoding = content[len(mark) :], marked_encoding
            break
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise JsonTextError(f"line {line}, column {column}: not {encoding.upper()}: save the file as UTF-8") from None


def _blank(match: re.Match[str]) -> str:
    token = match.group()
    return token if token.startswith('"') else re.sub(r"[^\n]", " ", token)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
