"""Actors die all the time while clients trade: a few seconds of ``kill_actors``."""

from tests.system.processes import Program


SECONDS = 4


def test_service_keeps_its_invariants_while_its_actors_die() -> None:
    module = ("-m", "tests.system.kill_actors")
    with Program(*module, "--seconds", str(SECONDS), "--seed", "11") as program:
        exit_code = program.wait(SECONDS + 100)

    assert exit_code == 0, f"{program.out.text}\n{program.err.text}"
    assert "faults: none" in program.out.text
