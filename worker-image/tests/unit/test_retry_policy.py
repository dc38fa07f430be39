import random
from typing import Any

import pytest

from funcapp.errors import FunctionError
from funcapp.model import retry
from funcapp.model.retry import RetryPolicy


@pytest.mark.parametrize(
    ("declared", "policy"),
    [
        (None, None),
        (
            {"strategy": "fixedDelay", "maxRetryCount": 4, "delayInterval": "00:00:10"},
            RetryPolicy("fixedDelay", 4, 10.0, 10.0),
        ),
        (
            {
                "strategy": "exponential_backoff",
                "max_retry_count": "-1",
                "minimum_interval": "00:00:01.5",
                "maximum_interval": "00:15",
                "setting_name": "retry_policy",
            },
            RetryPolicy("exponentialBackoff", -1, 1.5, 900.0),
        ),
    ],
)
def test_policies_of_both_models(declared: Any, policy: RetryPolicy | None) -> None:
    assert retry.parse(declared) == policy


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strategy": "often"}, "retry.strategy: 'often' must be fixedDelay or exponentialBackoff"),
        ({"strategy": None}, "retry.strategy: None must be"),
        ({"maxRetryCount": None}, "retry.maxRetryCount: None must be a whole number, or -1 for no limit"),
        ({"maxRetryCount": -2}, "retry.maxRetryCount: -2"),
        ({"maxRetryCount": True}, "retry.maxRetryCount: True"),
        ({"delayInterval": None}, "retry.delayInterval: None must be a duration"),
        ({"delayInterval": "soon"}, "retry.delayInterval: 'soon' is not a duration"),
        ({"delayInterval": "99"}, "retry.delayInterval: '99' must be at most 7 days"),
        ({"strategy": "exponentialBackoff"}, "retry.minimumInterval: None must be a duration"),
        (
            {"strategy": "exponentialBackoff", "minimumInterval": "00:02", "maximumInterval": "00:01"},
            "retry.minimumInterval: '00:02' is longer than maximumInterval",
        ),
    ],
)
def test_a_policy_that_cannot_be_used_says_why(change: dict[str, Any], message: str) -> None:
    declared = {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "00:00:01", **change}
    with pytest.raises(FunctionError) as caught:
        retry.parse(declared)
    assert caught.value.message.startswith(message)
    with pytest.raises(FunctionError, match="retry: 'x' must be an object"):
        retry.parse("x")


def test_how_often_and_how_long() -> None:
    fixed = RetryPolicy("fixedDelay", 2, 3.0, 3.0)
    assert [fixed.allows(count) for count in range(4)] == [True, True, False, False]
    assert {fixed.delay(count, random.Random(1)) for count in range(9)} == {3.0}
    backoff = RetryPolicy("exponentialBackoff", -1, 1.0, 60.0)
    assert backoff.allows(10**9)
    delays = [backoff.delay(count, random.Random(1)) for count in range(2000)]
    assert delays[0] == 1.0
    assert all(1 + 0.8 * 2**n <= delay <= 1 + 1.2 * 2**n for n, delay in enumerate(delays[1:6]))
    assert delays[8:] == [60.0] * 1992
