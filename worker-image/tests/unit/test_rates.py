"""Averages and throughput on a clock that tests set."""

from hypothesis import given
from hypothesis import strategies as st

from funcapp.host.scaling.rates import Average, Throughput


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_average_is_over_its_window_and_over_its_life_before() -> None:
    clock = Clock()
    average = Average(30, clock)
    assert average.value == 0
    average.set(4)
    clock.now += 10
    assert average.value == 4
    average.set(0)
    clock.now += 10
    assert average.value == 2
    clock.now += 15
    # 5 of the last 30 seconds.
    assert round(average.value, 6) == round(4 * 5 / 30, 6)
    clock.now += 30
    assert average.value == 0


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(0, 50)), max_size=50))
def test_an_average_lies_between_the_least_and_the_most(changes: list[tuple[float, int]]) -> None:
    clock = Clock()
    average = Average(30, clock)
    values = [0.0]
    for seconds, value in changes:
        average.set(value)
        values.append(value)
        clock.now += seconds
    assert min(values) - 1e-6 <= average.value <= max(values) + 1e-6


def test_throughput_counts_only_while_saturated() -> None:
    clock = Clock()
    throughput = Throughput(1, clock)
    throughput.changed(1)
    clock.now += 60
    # One at a time is not saturated: this says what there was to do.
    throughput.changed(0, settled=1)
    assert throughput.per_second is None
    for _ in range(10):
        throughput.changed(3)
        clock.now += 1
        throughput.changed(2, settled=1)
        throughput.changed(1, settled=1)
        clock.now += 5
        throughput.changed(0, settled=1)
    # Two a second in 10 seconds of the last 60.
    assert throughput.per_second == 2
    clock.now += 70
    assert throughput.per_second is None


def test_a_saturation_that_goes_on_lowers_the_throughput() -> None:
    clock = Clock()
    throughput = Throughput(0, clock)
    throughput.changed(1)
    clock.now += 1.9
    throughput.changed(1, settled=1)
    assert throughput.per_second is None
    clock.now += 0.1
    assert throughput.per_second == 0.5
    clock.now += 8
    assert throughput.per_second == 0.1


def test_throughput_of_long_functions_is_told_once_one_has_ended() -> None:
    clock = Clock()
    throughput = Throughput(0, clock)
    throughput.changed(1)
    clock.now += 120
    # Nothing was settled yet, which does not mean that no number of pods would do.
    assert throughput.per_second is None
    throughput.changed(0, settled=1)
    assert throughput.per_second == 1 / 120
