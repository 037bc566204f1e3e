"""What one web process knows about itself."""

import gc


class Process:
    """`draining` is set once the process was told to stop: /readyz says so and a balancer looks elsewhere."""

    draining = False


this = Process()


def calm_collector() -> None:
    """Call it once everything is imported: what is loaded lives for ever, and what comes is rarely a cycle.

    A batch of a hundred events is a thousand dicts; at Python's own threshold the collector went through them twice
    for nothing, a tenth of what a batch costs.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
