"""The program: `python -m netrunner`, and the command `netrunner`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

try:
    from netrunner.process.interrupt import EXIT_INTERRUPTED, ended_by_interrupt
except KeyboardInterrupt:  # nothing of netrunner's is there yet, to end by
    try:
        os.write(2, b"interrupted\n")
    finally:
        os._exit(130)


def main() -> None:
    """Run the command line; Ctrl-C ends it at any moment, that of its imports included."""
    try:
        with ended_by_interrupt():
            from netrunner.commands import cli

            code = cli.main(at_the_end=_last_words_to_standard_error)
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
        print("interrupted", file=sys.stderr)
    if code == EXIT_INTERRUPTED:
        # Python ends with a signal, not with this code, where Ctrl-C came during an exec of text,
        # as in the making of a dataclass, even when it was caught.
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)
    sys.exit(code)


def _last_words_to_standard_error() -> None:
    """What a plugin prints as Python ends must not follow the data."""
    with suppress(OSError):  # one of the two is closed
        os.dup2(2, 1)


if __name__ == "__main__":
    main()
