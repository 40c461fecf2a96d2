"""The program: `python -m netrunner`, and the command `netrunner`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

try:
    from netrunner.process.interrupt import EXIT_INTERRUPTED, ended_by_interrupt
except KeyboardInterrupt:  # nothing that could handle it is imported yet
    try:
        os.write(2, b"interrupted\n")
    finally:
        os._exit(130)


GARBAGE = 2_000_000  # new objects, after which Python looks for garbage; a network has half of them


def main() -> None:
    """Run the command line; Ctrl-C ends it at any time, even during imports."""
    # What a file becomes is kept: to search it again and again takes a tenth of reading it.
    gc.set_threshold(GARBAGE)
    try:
        with ended_by_interrupt():
            from netrunner.commands import cli

            code = cli.main(at_the_end=_last_words_to_standard_error)
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
        print("interrupted", file=sys.stderr)
    if code == EXIT_INTERRUPTED:
        # If Ctrl-C comes while text is executed, as when a dataclass is made, Python ends with a
        # signal and not with this code, although the exception was caught.
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)
    sys.exit(code)


def _last_words_to_standard_error() -> None:
    """Send what a plugin prints while Python exits to standard error, not after the data."""
    with suppress(OSError):  # one of the two streams is closed
        os.dup2(2, 1)


if __name__ == "__main__":
    main()
