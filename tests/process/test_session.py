"""The limit on memory that a command sets for what is read in C."""

from __future__ import annotations

import resource
import sys

import pytest

from netrunner.process.session import command, memory_limited


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much a process has taken")
def test_a_command_has_a_limit_until_the_context_ends() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with command(), memory_limited(2**26):
        inside = resource.getrlimit(resource.RLIMIT_AS)
        with pytest.raises(MemoryError):
            bytearray(2**27)
    assert inside != before
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_python_code_has_no_limit() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with memory_limited(2**26):
        assert resource.getrlimit(resource.RLIMIT_AS) == before
