"""Why pip failed: what it printed and logged, as a reason and a sentence that says what to do."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from funcapp.errors import AppError, InfrastructureError
from funcapp.prepare.index_access import Owner


class Interrupted(InfrastructureError):
    """Nothing is wrong with the requirements as far as one can see."""


class IndexUnreachable(Interrupted):
    """The package index failed."""


@dataclass
class Findings:
    """What pip tells in its log alone."""

    unanswered: list[str] = field(default_factory=list)
    """Requests that the index, or the way there, failed."""
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    """Status, host and text of requests that were not authorized."""
    source_only: set[str] = field(default_factory=set)
    """Projects of which source distributions were passed over."""
    other_platforms: set[str] = field(default_factory=set)
    """Files of wheels for another Python or platform."""


_MAX = 3
_FETCH = re.compile(r"Could not fetch URL (?P<url>\S+): (?P<reason>.*?)(?: - skipping)?$")
_HTTP = re.compile(r"HTTP error (?P<status>\d{3}) while getting (?P<url>\S+)")
_STATUS = re.compile(r"\b(\d{3}) (?:Client|Server) Error")
_BROKEN = re.compile(
    r"Retrying \(Retry\(.*after connection broken by|ReadTimeoutError|IncompleteRead|IncompleteDownload"
)
_SOURCES = re.compile(r"No sources permitted for ([A-Za-z0-9._-]+)")
_TAGS = re.compile(r"none of the wheel's tags .*?([^/\s#]+\.whl)")

_FULL = re.compile(r"No space left on device|\[Errno 28\]|Disk quota exceeded|\[Errno 122\]")
_KILLED = re.compile(r"Killed signal terminated program|exit (?:code|status):? ?-9\b|signal 9\b|MemoryError")
_INVALID = re.compile(
    r"Invalid requirement|Could not open (?:requirements|constraint) file|InvalidVersion|no such option"
    r"|recursively references itself|Constraints cannot|UnsupportedConstraint|UnicodeDecodeError"
)
_NOTHING = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)")
_NOT_BUILT = re.compile(r"Failed to build installable wheels|subprocess-exited-with-error|metadata-generation-failed")
_NO_TOOL = re.compile(r"Cannot find command '?(?:git|hg|svn|bzr)'?|No such file or directory: '(?:git|hg|svn|bzr)'")
_BUILT_NAME = re.compile(r"Failed to build '([^']+)'|Failed building (?:wheel|editable) for ([A-Za-z0-9._-]+)")


def search(lines: Iterable[str]) -> Findings:
    """Reads pip's log, line by line."""
    found = Findings()
    for line in lines:
        if match := _FETCH.search(line) or _HTTP.search(line):
            _note_request(found, match["url"], match.groupdict().get("reason"), match.groupdict().get("status"))
        elif _BROKEN.search(line):
            _add(found.unanswered, line.partition(" ")[2])
        elif match := _SOURCES.search(line):
            found.source_only.add(_normal(match[1]))
        elif (match := _TAGS.search(line)) and len(found.other_platforms) < 10_000:
            found.other_platforms.add(match[1])
    return found


def _note_request(found: Findings, url: str, reason: str | None, status: str | None) -> None:
    if status is None and (match := _STATUS.search(reason or "")):
        status = match[1]
    text = f"{url}: {reason or f'HTTP status {status}'}"
    if status in ("401", "403"):
        found.refused.append((status, urlsplit(url).hostname or "", text))
    elif status is None or not status.startswith("4") or status in ("408", "429"):
        _add(found.unanswered, text)


def _add(texts: list[str], text: str) -> None:
    if len(texts) < _MAX and text not in texts:
        texts.append(text)


def explain(
    status: int, output: str, found: Findings, environment: Mapping[str, str], target: str, out_of_memory: bool = False
) -> Exception:
    """`status` is pip's, `output` its last lines, `target` the worker's Python and platform in words."""
    if _FULL.search(output):
        return Interrupted(f"the disk was full while pip installed the requirements: they need more room\n{output}")
    if out_of_memory or status == -signal.SIGKILL or _KILLED.search(output):
        return Interrupted(
            "the build ran out of memory while pip installed the requirements: give builds more memory, or choose"
            f" versions that have wheels, so that nothing is compiled\n{output}"
        )
    if "DO NOT MATCH THE HASHES" in output:
        return _not_installed("a file differs from its --hash in requirements.txt", output)
    if found.refused:
        return _refused(*found.refused[0], Owner(environment), output)
    if found.unanswered:
        return IndexUnreachable(f"pip could not reach the package index: {'; '.join(found.unanswered)}\n{output}")
    if _INVALID.search(output):
        return AppError("RequirementsInvalid", f"requirements.txt cannot be read:\n{output}")
    return _not_installed(_cause(output, found, target), output)


def _refused(status: str, host: str, text: str, owner: Owner, output: str) -> Exception:
    if not owner.is_app(host):
        if status == "401":
            return IndexUnreachable(f"the package index does not accept the credentials of builds: {text}\n{output}")
        return _not_installed(f"the package index refuses access: {text}", output)
    if owner.secret:
        mend = f"correct what the Secret {owner.secret} (spec.build.pip.secretRef) holds for {host}"
    else:
        mend = f"name a Secret with the credentials for {host} in spec.build.pip.secretRef"
    return AppError(
        "PackageIndexUnauthorized",
        f"the package index refuses access: {text}: {mend}; it is tried again every ten minutes\n{output}",
    )


def _cause(output: str, found: Findings, target: str) -> str:
    """The mistake in the requirements, empty where pip's own words have to do."""
    if "Hashes are required" in output or "all requirements must have their versions pinned" in output:
        return "hashes are checked, and a requirement has none: pin each one with ==, and give each its --hash"
    if match := _NOTHING.search(output):
        name = _normal(match[1])
        if name in found.source_only:
            return (
                f"{match[1]} has no wheel for {target}, and source distributions are not built here: choose a version"
                " that has one, publish a wheel of your own, or ship .python_packages made by `funcapp pack --build"
                " local`"
            )
        if any(_normal(file.partition("-")[0]) == name for file in found.other_platforms):
            return f"no version of {match[1]} that is asked for has a wheel for {target}"
        return ""
    if _NO_TOOL.search(output):
        return "the worker's image has no git: name the URL of an archive of that commit, or publish a wheel of it"
    if "ResolutionImpossible" in output or "conflicting dependencies" in output:
        return "the requirements contradict each other"
    if (match := _BUILT_NAME.search(output)) or _NOT_BUILT.search(output):
        name = (match[1] or match[2]) if match else "a requirement"
        return f"{name} could not be built from source: choose a version that has a wheel for {target}"
    return ""


def _not_installed(cause: str, output: str) -> AppError:
    tail = f": {cause}" if cause else ""
    return AppError("RequirementsNotInstalled", f"requirements.txt cannot be installed{tail}\n{output}")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
