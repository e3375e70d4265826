"""What became of each contribution of the sample: steps of the workflows, drawn, never impossible.

The open data says where and what, not what the town did. The steps are drawn here and written in
bulk (civic.demo.records), because thousands of moves one by one would keep a newcomer waiting;
what is told in detail goes through the real verbs (civic.demo.commitments, civic.demo.resident).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from civic.contributions.workflow import Party
from civic.demo import wording
from civic.demo.sample import ZONE
from civic.ideas.workflow import IdeaStatus
from civic.incidents.schedule import CONFIRM_AFTER, CONFIRMED, NO_ANSWER
from civic.incidents.workflow import IncidentStatus

DAYS_TO_FIX: Final[Mapping[str, float]] = {
    "objets-abandonnes": 2.5,
    "proprete": 3,
    "graffitis": 7,
    "voirie": 15,
    "mobilier-urbain": 16,
    "eclairage": 5,
    "arbres-animaux": 14,
    "vehicules": 11,
    "eau": 3.5,
    "commerces": 16,
}
"""Median days from acknowledgement to repair."""
THRESHOLD: Final = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One step to come, in the words of StatusChange."""

    to: str
    at: datetime
    party: Party
    sentence: str = ""
    reason: str = ""
    recipient: str = ""
    claimed_by: str = ""
    verified_by: str = ""


@dataclass(slots=True)
class Case:
    """One contribution of the sample, and what is drawn for it."""

    id: int
    kind: str
    category: str
    department: str
    department_id: int | None
    area_id: int | None
    lat: float | None
    lon: float | None
    submitted_at: datetime
    author_id: int | None = None
    steps: list[Step] = field(default_factory=list)
    votes: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def closed_at(self) -> datetime | None:
        """When it was first closed, in whatever way."""
        ends = {"resolved", "declined", "forwarded", "watched", "done"}
        return next((step.at for step in self.steps if step.to in ends), None)


class Life:
    """Draws the steps of one case, one after the other, until they would lie in the future."""

    def __init__(self, random: Random, case: Case, now: datetime) -> None:
        self.random, self.case, self.now = random, case, now
        self.at = case.submitted_at

    def step(self, to: str, days: float, party: Party = Party.AGENT, **words: str) -> bool:
        """Take it so many days later, agents in office hours; False when it is yet to come."""
        at = self.at + timedelta(days=days)
        if party is Party.AGENT:
            at = self._office_hours(max(at, self.at + timedelta(minutes=20)))
        if at >= self.now:
            return False
        self.case.steps.append(Step(to, at, party, **words))
        self.at = at
        return True

    def _office_hours(self, at: datetime) -> datetime:
        local = at.astimezone(ZONE)
        if local.weekday() >= 5 or local.hour >= 17:
            days = {4: 3, 5: 2}.get(local.weekday(), 1)
            local = datetime.combine(local.date() + timedelta(days=days), time(8), tzinfo=ZONE)
        if local.hour < 8:
            local = local.replace(hour=8)
        return local + timedelta(minutes=self.random.uniform(5, 50))

    # ------------------------------------------------------------------ incidents

    def of_incident(self) -> None:
        """Draw what the town and its residents did about an incident."""
        random, speed = self.random, DAYS_TO_FIX[self.case.category]
        takes = random.lognormvariate(math.log(speed), 0.55)
        if not self.step(IncidentStatus.ACKNOWLEDGED, random.lognormvariate(math.log(0.8), 0.7)):
            return
        fate = random.random()
        if fate < 0.06:
            takes *= 5
        elif fate < 0.13:
            reason = random.choice(tuple(wording.DECLINED))
            self.step(
                IncidentStatus.DECLINED,
                takes * 0.6,
                sentence=wording.DECLINED[reason],
                reason=reason,
            )
            return
        elif fate < 0.165:
            recipient, sentence = random.choice(wording.FORWARDED)
            self.step(IncidentStatus.FORWARDED, takes * 0.4, sentence=sentence, recipient=recipient)
            return
        elif fate < 0.18:
            self.step(IncidentStatus.WATCHED, takes * 0.6, sentence=wording.WATCHED)
            return
        elif fate < 0.23 and not self._question():
            return
        self._repair(takes)

    def _question(self) -> bool:
        """Ask the author; True when an answer came and the case goes on."""
        random = self.random
        if not self.step(
            IncidentStatus.QUESTION_ASKED, 0.5, sentence=random.choice(wording.QUESTIONS)
        ):
            return False
        if random.random() < 0.7:
            reply = random.choice(wording.REPLIES)
            wait = random.uniform(0.3, 5)
            return self.step(IncidentStatus.ACKNOWLEDGED, wait, Party.AUTHOR, sentence=reply)
        self.step(
            IncidentStatus.DECLINED, 16.1, Party.SYSTEM, sentence=NO_ANSWER, reason="no_answer"
        )
        return False

    def _repair(self, takes: float) -> None:
        random = self.random
        parts = [0.25, 0.35] if takes > 4 else [0.4]
        if (
            takes > 4
            and random.random() < 0.6
            and not self.step(IncidentStatus.PLANNED, takes * parts[0])
        ):
            return
        if random.random() < 0.5 and not self.step(IncidentStatus.IN_PROGRESS, takes * parts[-1]):
            return
        if not self._resolve(takes * 0.4, random.choice(wording.ANSWERS[self.case.department])):
            return
        if random.random() < 0.05:
            sentence = random.choice(wording.CONTESTED)
            back = self.step(
                IncidentStatus.CONTESTED, random.uniform(0.3, 5), Party.AUTHOR, sentence=sentence
            )
            redone = back and self.step(IncidentStatus.IN_PROGRESS, random.uniform(0.4, 3))
            if not redone or not self._resolve(takes * 0.5, wording.AGAIN):
                return
        self._confirm()

    def _resolve(self, days: float, sentence: str) -> bool:
        return self.step(IncidentStatus.RESOLVED, days, sentence=sentence, claimed_by="department")

    def _confirm(self) -> None:
        random, claim = self.random, {"claimed_by": "department"}
        if self.case.author_id and random.random() < 0.4:
            days = random.uniform(0.2, 7)
            self.step(IncidentStatus.CONFIRMED, days, Party.AUTHOR, verified_by="author", **claim)
        elif random.random() < 0.15:
            days = random.uniform(1, 9)
            self.step(
                IncidentStatus.CONFIRMED, days, Party.SYSTEM, verified_by="neighbour", **claim
            )
        else:
            days = CONFIRM_AFTER.days + random.uniform(0.001, 0.02)
            words = {"sentence": CONFIRMED, "verified_by": "silence"}
            self.step(IncidentStatus.CONFIRMED, days, Party.SYSTEM, **words)

    # ------------------------------------------------------------------ ideas

    def of_idea(self, *, is_reserved: bool) -> None:
        """Draw what the town said of an idea; one kept for an action is only put under review."""
        random = self.random
        moments = sorted(at for _, at in self.case.votes)
        if len(moments) < THRESHOLD:
            if not is_reserved and random.random() < 0.1:
                self._decline(random.uniform(25, 60))
            return
        self.at = moments[THRESHOLD - 1]
        if not self.step(IdeaStatus.UNDER_REVIEW, 0, Party.SYSTEM) or is_reserved:
            return
        fate, wait = random.random(), random.uniform(8, 30)
        if fate < 0.16:
            self._decline(wait)
        elif fate < 0.22:
            self.step(
                IdeaStatus.FORWARDED, wait, sentence=wording.IDEA_FORWARDED, recipient="Région"
            )
        elif fate < 0.75 and self.step(
            IdeaStatus.ACCEPTED, wait, sentence=random.choice(wording.IDEA_ACCEPTED)
        ):
            self._realise()

    def _realise(self) -> None:
        random = self.random
        goes_on = random.random() < 0.75
        if goes_on and self.step(IdeaStatus.IN_PROGRESS, random.uniform(15, 50)):
            self.step(
                IdeaStatus.DONE, random.uniform(30, 90), sentence=random.choice(wording.IDEA_DONE)
            )

    def _decline(self, days: float) -> None:
        reason = self.random.choice(tuple(wording.IDEA_DECLINED))
        self.step(IdeaStatus.DECLINED, days, sentence=wording.IDEA_DECLINED[reason], reason=reason)


def draw_incident_votes(random: Random, case: Case, people: list[int], now: datetime) -> None:
    """Most have none or one or two, a few have dozens; none once it is over."""
    if random.random() < 0.5:
        return
    number = min(45, int(random.paretovariate(1.05)))
    end = min(case.closed_at or now, now)
    _vote(random, case, people, number, end, days=4)


def draw_idea_votes(random: Random, case: Case, people: list[int], now: datetime) -> None:
    """A long tail: a few ideas have hundreds of supporters."""
    age = (now - case.submitted_at).days
    number = int(9 * random.paretovariate(0.72) * min(1, 0.25 + age / 50))
    most = random.randint(len(people) // 2, len(people) - 10)
    _vote(random, case, people, min(number, most), now, days=9 + age / 7)


def _vote(
    random: Random, case: Case, people: list[int], number: int, end: datetime, *, days: float
) -> None:
    room = (end - case.submitted_at).total_seconds()
    for account_id in random.sample(people, min(number, len(people))):
        wait = random.expovariate(1 / (days * 86_400))
        if wait >= room:
            wait = random.uniform(0, room)
        if account_id != case.author_id:
            case.votes.append((account_id, case.submitted_at + timedelta(seconds=wait)))
