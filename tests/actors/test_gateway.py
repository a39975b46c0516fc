import pytest

from domain.execution import ChildStatus
from tests.actors.stage import Stage
from tests.actors.venue_stage import VenueStage, child, done


A, B, C = child("A"), child("B"), child("C")


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_smallest_crew_still_asks_what_became_of_a_child(
    stage: Stage, workers: int
) -> None:
    trading = VenueStage(stage, workers)
    trading.submit(A)
    trading.venue.answers.append(done(A, (102, 4)))

    stage.pass_seconds(1)

    assert trading.result().status is ChildStatus.DONE
