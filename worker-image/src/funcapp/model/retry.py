"""`retry` of a function: how often, and after how long, a failed invocation is run again.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from funcapp.errors import FunctionError
from funcapp.model import timespan

Strategy = Literal["fixedDelay", "exponentialBackoff"]

_MOST_RETRIES = 2**31 - 1
_LONGEST_DELAY = 7 * 86_400.0


@dataclass(frozen=True)
class RetryPolicy:
    """`max_retry_count` is -1 for no limit. Delays are in seconds; a fixed delay has equal ends."""

    strategy: Strategy
    max_retry_count: int
    minimum_interval: float
    maximum_interval: float

    def allows(self, retry_count: int) -> bool:
        """Whether there may be another retry after `retry_count` of them."""
        return self.max_retry_count == -1 or retry_count < self.max_retry_count

    def delay(self, retry_count: int, source: random.Random) -> float:
        """Seconds to wait after `retry_count` retries have failed.

        Exponential backoff is that of the WebJobs SDK: the minimum first, then the minimum and its doubled
        multiples, each up to a fifth shorter or longer, never above the maximum.
        """
        if self.strategy == "fixedDelay" or retry_count == 0:
            return self.minimum_interval
        # From here on the maximum is reached by any minimum that counts.
        doubled = self.minimum_interval * 2.0 ** min(retry_count - 1, 64)
        return min(self.minimum_interval + source.uniform(0.8, 1.2) * doubled, self.maximum_interval)


def parse(declared: object) -> RetryPolicy | None:
    """`declared` is function.json's object, or the settings of a decorator (names with underscores, values as text).

    None where nothing is declared. Raises FunctionError.
    """
    if declared is None:
        return None
    if not isinstance(declared, Mapping):
        raise _invalid("retry", declared, 'must be an object, as in {"strategy": "fixedDelay", …}')
    values = {str(key).replace("_", "").lower(): value for key, value in declared.items()}
    count = _count(values.get("maxretrycount"))
    strategy = str(values.get("strategy")).replace("_", "").lower()
    if strategy == "fixeddelay":
        delay = _interval(values, "delayInterval")
        return RetryPolicy("fixedDelay", count, delay, delay)
    if strategy == "exponentialbackoff":
        least, most = _interval(values, "minimumInterval"), _interval(values, "maximumInterval")
        if least > most:
            raise _invalid("retry.minimumInterval", values["minimuminterval"], "is longer than maximumInterval")
        return RetryPolicy("exponentialBackoff", count, least, most)
    raise _invalid("retry.strategy", values.get("strategy"), "must be fixedDelay or exponentialBackoff")


def _count(value: Any) -> int:
    try:
        number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or not -1 <= number <= _MOST_RETRIES:
        raise _invalid("retry.maxRetryCount", value, "must be a whole number, or -1 for no limit")
    return number


def _interval(values: Mapping[str, Any], name: str) -> float:
    value = values.get(name.lower())
    if not isinstance(value, str):
        raise _invalid(f"retry.{name}", value, "must be a duration: write it as hh:mm:ss")
    try:
        seconds = timespan.parse(value)
    except ValueError as error:
        raise _invalid(f"retry.{name}", value, str(error)) from None
    if seconds > _LONGEST_DELAY:
        raise _invalid(f"retry.{name}", value, "must be at most 7 days")
    return seconds


def _invalid(path: str, value: object, rule: str) -> FunctionError:
    return FunctionError("FunctionJsonInvalid", f"{path}: {value!r} {rule}")
