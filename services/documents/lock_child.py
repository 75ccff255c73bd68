"""Tells whether a PDF can be opened without a password, in a process of its own that may be killed.

The file comes on standard input; the exit code is `OPEN`, `LOCKED`, or any other where it cannot be told.
"""

import io
import resource
import sys

OPEN, LOCKED = 0, 3
MEMORY = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 10


def main() -> int:
    """Try the empty password."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(sys.stdin.buffer.read()), suppress_warnings=True):
            return OPEN
    except pikepdf.PasswordError:
        return LOCKED


if __name__ == "__main__":
    sys.exit(main())
