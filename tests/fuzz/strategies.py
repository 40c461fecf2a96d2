"""The fuzzer's inputs for hypothesis.

Valid networks it shrinks. A mutation it draws by a seed alone, since each choice that hypothesis
can take back costs a hundred times as much as one of `random`.
"""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from . import mutate, networks, seeds

randoms = st.randoms(use_true_random=False)

seeded = st.integers(0, 2**32 - 1).map(Random)

plans = st.builds(networks.plan, randoms)
"""Valid networks, before they are written."""

valid = st.builds(networks.text, randoms, plans)
"""Valid network files."""

made = st.builds(lambda random: networks.text(random, networks.plan(random)), seeded)

typed = made | st.sampled_from(seeds.yaml_seeds())

nearly_valid = st.builds(mutate.encoded, seeded, st.builds(mutate.text, seeded, typed, typed))
"""Network files a few steps away from one that is valid, or is known to be invalid; as bytes."""

mutated_bytes = st.builds(mutate.raw, seeded, made.map(str.encode))


def array_files(suffix: str) -> st.SearchStrategy[bytes]:
    """Files of arrays, mutated in their parts or their bytes."""
    given = st.sampled_from(seeds.array_seeds(suffix))
    return given | st.builds(mutate.array_file, seeded, st.just(suffix), given)


def reference_files(suffix: str) -> st.SearchStrategy[bytes]:
    """Traces in files, mutated in their parts or their bytes."""
    given = st.sampled_from(seeds.reference_seeds(suffix))
    return given | st.builds(mutate.array_file, seeded, st.just(suffix), given)


def import_files(suffix: str) -> st.SearchStrategy[bytes]:
    """Other tools' files, mutated in their parts or their bytes."""
    given = st.sampled_from(seeds.import_seeds(suffix))
    return given | st.builds(mutate.import_file, seeded, st.just(suffix), given)
