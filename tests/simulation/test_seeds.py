"""A thousand worlds of the whole actor system, each with its own bad luck.

About half of them trade on paper, the others at a venue that fails in every way known.
"""

from pathlib import Path

import pykka
import pytest

from adapters.persistence.store import open_store
from tests.simulation.__main__ import run_seed


SEEDS = 1_000
CHUNK = 10


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_seed_breaks_a_promise(first: int) -> None:
    for seed in range(first, first + CHUNK):
        run_seed(seed)


def test_the_same_seed_makes_the_same_world() -> None:
    stories: list[list[str]] = []
    for _ in range(2):
        story: list[str] = []
        run_seed(3, lambda line, story=story: story.append(line.split(":")[0]))  # type: ignore[misc]  # mypy cannot infer a lambda's default
        stories.append(story)

    assert stories[0] == stories[1]
    assert len(stories[0]) > 1_000


def test_a_world_leaves_no_actor_behind() -> None:
    before = set(pykka.ActorRegistry.get_all())

    for seed in range(10):
        run_seed(seed)

    assert set(pykka.ActorRegistry.get_all()) <= before


@pytest.mark.parametrize("seed", range(12))
def test_a_real_database_says_the_same_as_the_simulated_disk(
    seed: int, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path}/world.db")
    try:
        run_seed(seed, mirror=store)
    finally:
        store.close()
