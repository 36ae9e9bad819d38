"""What simulated visitors remember of their day: the statistics have to say the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

VISIT = timedelta(minutes=10)


@dataclass(slots=True)
class Trace:
    """One challenge, as its visitor saw it."""

    site: int
    network: str
    issued_at: datetime
    language: str
    dialect: str
    looked: bool = False
    answered_at: datetime | None = None
    passed: bool = False
    more: bool = False
    verified: bool = False

    @property
    def end(self) -> str:
        """Return what became of it."""
        if self.answered_at is not None:
            return "passed" if self.passed else "more" if self.more else "failed"
        return "expired" if self.looked else "abandoned"


@dataclass(slots=True)
class Ledger:
    """All that the visitors of one day did, and how often they were refused what."""

    traces: list[Trace] = field(default_factory=list)
    refused: Counter[tuple[int, str, str]] = field(default_factory=Counter)

    def counts(self, site: int | None = None) -> dict[str, int]:
        """Return the numbers of the day, of one site or of all."""
        traces = [trace for trace in self.traces if site in (None, trace.site)]
        ends = Counter(trace.end for trace in traces)
        refused = {key: number for key, number in self.refused.items() if site in (None, key[0])}
        first, within, visits = self._visits(traces)
        return {
            "issued": len(traces),
            "answered": ends["passed"] + ends["failed"] + ends["more"],
            **{name: ends[name] for name in ("passed", "failed", "more", "abandoned", "expired")},
            "verified": sum(trace.verified for trace in traces),
            "visits": visits,
            "first_try": first,
            "within_three": within,
            "blocked": sum(
                number
                for (_, door, code), number in refused.items()
                if door != "verify" and code in {"too_many_requests", "all_pictures_seen"}
            ),
            "replayed": sum(number for (_, door, _), number in refused.items() if door == "verify"),
        }

    def hours(self) -> dict[int, int]:
        """Return how many challenges were issued in each hour of the day."""
        return dict(Counter(trace.issued_at.hour for trace in self.traces))

    def languages(self) -> dict[str, int]:
        """Return how many challenges were issued in each language."""
        return dict(Counter(trace.language for trace in self.traces))

    @staticmethod
    def _visits(traces: list[Trace]) -> tuple[int, int, int]:
        """Return how many visits passed at once, by the third answer, and how many there were."""
        visits: list[list[Trace]] = []
        last: dict[tuple[int, str], list[Trace]] = {}
        answered = [trace for trace in traces if trace.answered_at is not None]
        for trace in sorted(answered, key=lambda one: one.answered_at or one.issued_at):
            key = (trace.site, trace.network)
            before = last.get(key)
            at = trace.answered_at
            if before and at and at - (before[-1].answered_at or at) <= VISIT:
                before.append(trace)
            else:
                last[key] = [trace]
                visits.append(last[key])
        first = sum(visit[0].passed for visit in visits)
        within = sum(any(one.passed for one in visit[:3]) for visit in visits)
        return first, within, len(visits)
