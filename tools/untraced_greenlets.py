"""Coverage looks away while SQLAlchemy works in its greenlets: what happens there is the library's own work.

Coverage's `concurrency = ["greenlet"]` would keep one stack of calls for each greenlet, at the price of a look-up for
every call of every library. Here tracing stops where a greenlet is entered and goes on where it is left, so the stack
of calls stays whole. What runs inside of them (listeners and column types of `services.records`) counts as not covered:
the figure may be lower than the truth, never higher.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import greenlet
from coverage.plugin_support import Plugins
from coverage.tracer import CTracer

_tracers = threading.local()


def coverage_init(_: Plugins, __: dict[str, Any]) -> None:
    """Watch the greenlets of this thread and of every later one; coverage calls this in each process it measures."""
    run = threading.Thread.run

    def watched(thread: threading.Thread) -> None:
        greenlet.settrace(_switched)
        run(thread)

    threading.Thread.run = watched  # type: ignore[method-assign, assignment]  # greenlets are watched by thread
    greenlet.settrace(_switched)


def _switched(event: str, between: tuple[greenlet.greenlet, greenlet.greenlet]) -> None:
    """Called by greenlet after each switch, untraced."""
    if event not in {"switch", "throw"}:
        return
    tracer: object = sys.gettrace()
    if between[1].parent is None:
        left = getattr(_tracers, "left", None)
        if left is not None:
            # Not `sys.settrace`: returns from frames that are under way would be lost, and the stack be one too high.
            _tracers.left = None
            _surely(left.start, left)
    elif isinstance(tracer, CTracer):
        _tracers.left = tracer
        _surely(partial(sys.settrace, None), None)


TRIES = 100


def _surely(put: Callable[[], object], wanted: object) -> None:
    """Put a trace function in place. Python refuses while another thread is at that very call, and not the next time.

    A thread left without its tracer would go on unmeasured, so a refusal is tried again, and never fails a test. A
    tracer that starts is not told of it, so what is in place is looked at.
    """
    for _ in range(TRIES):
        with suppress(RuntimeError):
            put()
            if sys.gettrace() is wanted:
                return
