"""When a connection is taken for dead, on a clock moved by hand."""

from adapters.network.connection_liveness import Liveness, LivenessSettings
from adapters.network.pacing import SECOND_NS
from domain.market.updates import LATE_MAX_NS


SETTINGS = LivenessSettings(
    probe_after_seconds=5,
    probe_wait_seconds=3,
    garbage_frames_max=4,
    garbage_seconds_max=10,
)

LATER = LATE_MAX_NS + 1, LATE_MAX_NS + SECOND_NS


def liveness() -> Liveness:
    return Liveness(SETTINGS, 0)


def test_silence_is_probed_once_and_then_is_death() -> None:
    watched = liveness()

    assert not watched.wants_probe(4 * SECOND_NS)
    assert watched.wants_probe(5 * SECOND_NS)
    watched.note_probe(5 * SECOND_NS)
    assert not watched.wants_probe(6 * SECOND_NS)
    assert watched.cause_of_death(7 * SECOND_NS) == ""
    assert "silent" in watched.cause_of_death(8 * SECOND_NS)


def test_any_frame_after_the_probe_is_life() -> None:
    watched = liveness()
    watched.note_probe(5 * SECOND_NS)

    watched.heard_ns = 6 * SECOND_NS

    assert watched.cause_of_death(9 * SECOND_NS) == ""
    assert not watched.wants_probe(9 * SECOND_NS)
    assert watched.wants_probe(11 * SECOND_NS)


def test_many_unreadable_frames_in_a_row_are_death() -> None:
    watched = liveness()

    for _ in range(3):
        watched.note_garbage(0)
    assert watched.cause_of_death(0) == ""
    watched.note_garbage(0)

    assert "unreadable" in watched.cause_of_death(0)


def test_long_time_of_unreadable_frames_is_death() -> None:
    watched = liveness()

    watched.note_garbage(0)
    watched.note_garbage(10 * SECOND_NS)

    assert "unreadable" in watched.cause_of_death(10 * SECOND_NS)


def test_one_unreadable_frame_on_a_quiet_connection_is_no_death() -> None:
    watched = liveness()
    watched.note_garbage(0)

    assert watched.cause_of_death(100 * SECOND_NS) == ""


def test_a_silence_is_news_once_and_so_is_its_end() -> None:
    watched = liveness()

    news = [watched.look_for_silence(now_ns) for now_ns in (LATE_MAX_NS, *LATER)]
    watched.note_word(LATER[1])
    news += [watched.look_for_silence(LATER[1]), watched.look_for_silence(LATER[1])]

    assert news == [False, True, False, True, False]


def test_words_that_are_always_old_end_no_silence() -> None:
    watched = liveness()
    assert watched.look_for_silence(LATER[0])

    watched.note_word(LATER[0] - LATE_MAX_NS + 1)  # as of a ping that took as long

    assert not watched.look_for_silence(LATER[0])
    assert watched.is_silent
