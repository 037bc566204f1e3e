"""What one web process knows about itself."""


class Process:
    """`draining` is set once the process was told to stop: /readyz says so and a balancer looks elsewhere."""

    draining = False


this = Process()
