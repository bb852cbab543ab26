"""A monotonic clock that is moved by hand."""


class Seconds:
    """Gives `now`, in seconds."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
