"""Keeps a group of child processes running: starts them in order, prefixes what they print, starts again what dies,
and stops them in reverse order.

A child dies with the supervisor, even one killed by SIGKILL: Linux is asked to signal it (PR_SET_PDEATHSIG).
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
STOP_S = 15
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 3.0
# A child that ran this long had started well: the next pause is short again.
STEADY_S = 20
COLOURS = {"postgres": 36, "valkey": 35, "web": 32, "worker": 33, "beat": 34, "demo": 37}

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """One process to keep running. `stop_signal` asks it to end in good order."""

    name: str
    command: list[str]
    stop_signal: signal.Signals = signal.SIGTERM
    environment: dict[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    # Ends when it has done its work; anything but exit status 0 starts it again.
    may_finish: bool = False
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0


class Supervisor:
    """Runs children until `stop` is called. Not thread safe; everything happens on one event loop."""

    def __init__(self, say: Callable[[str], None] = print) -> None:
        self.children: list[Child] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.stopping = asyncio.Event()
        self.say = say

    async def start(self, child: Child, ready: Callable[[], Awaitable[None]] | None = None) -> None:
        """Start a child and keep it running; returns once `ready` does."""
        self.children.append(child)
        await self.spawn(child)
        self.tasks.append(asyncio.create_task(self.keep(child)))
        if ready is not None:
            await ready()

    async def spawn(self, child: Child) -> None:
        owner = os.getpid()

        def die_with_supervisor() -> None:
            _libc.prctl(PR_SET_PDEATHSIG, child.stop_signal)
            if os.getppid() != owner:  # it died before we asked
                os.kill(os.getpid(), child.stop_signal)

        child.process = await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **child.environment},
            pass_fds=child.pass_fds,
            preexec_fn=die_with_supervisor,
            # Ctrl-C in the terminal must reach the supervisor alone, which stops children in order.
            start_new_session=True,
            limit=1 << 20,
        )

    async def keep(self, child: Child) -> None:
        """Print what the child prints; when it ends, start it again unless we are stopping."""
        pause = FIRST_PAUSE_S
        while True:
            assert child.process is not None
            began = time.monotonic()
            status = await self.until_ended(child)
            if self.stopping.is_set() or (child.may_finish and status == 0):
                return
            if time.monotonic() - began > STEADY_S:
                pause = FIRST_PAUSE_S
            child.restarts += 1
            self.print_line(child.name, f"ended with status {status}; starting again in {pause:.1f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause)
            if self.stopping.is_set():
                return
            pause = min(pause * 2, LONGEST_PAUSE_S)
            await self.spawn(child)

    async def until_ended(self, child: Child) -> int:
        """Print the child's lines until it ends; grandchildren that keep its pipe open are not waited for."""
        assert child.process is not None
        printing = asyncio.create_task(self.relay(child))
        status = await child.process.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(printing, 0.3)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        return status

    async def relay(self, child: Child) -> None:
        assert child.process is not None
        assert child.process.stdout is not None
        while True:
            try:
                line = await child.process.stdout.readline()
            except ValueError:  # a line longer than the limit: the buffer was dropped
                continue
            if not line:
                return
            self.print_line(child.name, line.decode("utf-8", "replace").rstrip())

    def print_line(self, name: str, line: str) -> None:
        prefix = f"{name:<8} | "
        if sys.stdout.isatty():
            colour = COLOURS.get(name.rstrip("0123456789"), 37)
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self.say(prefix + line)

    async def run(self, command: list[str], name: str) -> None:
        """Run a command to its end, printing what it prints; raises RuntimeError when it fails."""
        child = Child(name, command)
        await self.spawn(child)
        await self.relay(child)
        assert child.process is not None
        if status := await child.process.wait():
            raise RuntimeError(f"{name}: {' '.join(command[-2:])} ended with status {status}")

    async def stop(self) -> None:
        """Stop children in reverse order, each given STOP_S before SIGKILL."""
        self.stopping.set()
        for child in reversed(self.children):
            await self.end(child)
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def end(self, child: Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(child.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            self.print_line(child.name, f"did not stop within {STOP_S} s; killed")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
