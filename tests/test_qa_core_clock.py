from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from qa_core.clock import stamp, utc_now


def test_a_moment_is_written_in_utc_to_the_millisecond():
    summer = timezone(timedelta(hours=2))
    assert stamp(datetime(2026, 7, 1, 12, 0, 0, 5_900, summer)) == "2026-07-01T10:00:00.005+00:00"
    assert datetime.fromisoformat(stamp(utc_now())).tzinfo is UTC


@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), max_size=20))
def test_stamps_sort_as_the_moments_do(moments):
    aware = [moment.replace(tzinfo=UTC) for moment in moments]
    assert sorted(map(stamp, aware)) == [stamp(moment) for moment in sorted(aware)]
