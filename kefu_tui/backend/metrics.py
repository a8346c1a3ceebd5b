"""What the service counts about itself, for Prometheus."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from kefu_tui.wire import Result


class Metrics:
    """The counters of one service, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.head = Gauge("kefu_commit_head", "Number of the last commit known here", registry=self._registry)
        self.commits = Counter("kefu_commits", "Commits of this process", registry=self._registry)
        self.pushes = Counter("kefu_pushes", "Batches of operations decided", registry=self._registry)
        self.pulls = Counter("kefu_pulls", "Pages of the change feed given", registry=self._registry)
        self.received = Counter("kefu_messages_received", "Messages of customers", ["channel"], registry=self._registry)
        self.deliveries = Counter("kefu_deliveries", "Attempts to deliver a reply", ["state"], registry=self._registry)
        self.streams = Gauge("kefu_streams", "Open event streams and long polls", ["of"], registry=self._registry)
        self._operations = Counter("kefu_operations", "Operations by result", ["status"], registry=self._registry)

    def committed(self, seq: int) -> None:
        """Counts a commit."""
        self.commits.inc()
        self.head.set(seq)

    def decided(self, results: Iterable[Result]) -> None:
        """Counts a batch and its results."""
        self.pushes.inc()
        for result in results:
            self._operations.labels(result.status).inc()

    def render(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)
