"""How a long-lived process loads what it is made of: without looking through it for garbage, then and ever after."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def for_life() -> Iterator[None]:
    """Take what the block loads or composes as staying until the process ends.

    Modules, tables and routes are a quarter of a million objects that refer to each other in circles. To look through
    them finds nothing, takes a quarter of the time that loading takes, and would be done again while requests wait.
    """
    sweeps = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if sweeps:
            gc.freeze()
            gc.enable()
