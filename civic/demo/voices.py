"""Comments under ideas and incidents, answers, and what people found helpful."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from civic.comments.models import Comment, CommentVote, Stance
from civic.contributions.hotness import wilson_lower_bound
from civic.contributions.models import Contribution, ModerationState
from civic.database import reserve_ids, table_of
from civic.demo import wording
from civic.demo.town import People
from civic.ideas.workflow import IdeaStatus


class Voices:
    """Draws comments and writes them in bulk; the counters follow (records.settle_figures)."""

    def __init__(self, session: Session, random: Random, people: People, now: datetime) -> None:
        self.session, self.random, self.people, self.now = session, random, people, now
        self.comments: list[dict[str, Any]] = []

    def speak(self) -> None:
        """Let residents discuss ideas, remark on incidents, and departments answer."""
        rows = self.session.execute(
            select(
                Contribution.id,
                Contribution.kind,
                Contribution.status,
                Contribution.department_id,
                Contribution.submitted_at,
                Contribution.vote_count,
            ).order_by(Contribution.id)
        ).all()
        for row in rows:
            if row.kind == "idea":
                self._discuss(row)
            elif row.vote_count >= 2 and self.random.random() < 0.3:
                self._remark(row)
        self._write()

    def _discuss(self, row: Any) -> None:
        random = self.random
        number = min(16, int(random.uniform(0.4, 1.1) * row.vote_count**0.55))
        stances = random.choices((Stance.FOR, Stance.AGAINST, Stance.NEITHER), (6, 2, 2), k=number)
        said: set[str] = set()
        for stance in stances:
            pool = {
                Stance.FOR: wording.FOR,
                Stance.AGAINST: wording.AGAINST,
                Stance.NEITHER: wording.NEITHER,
            }[stance]
            body = random.choice([text for text in pool if text not in said] or list(pool))
            if body in said:
                continue
            said.add(body)
            comment = self._say(row, body, self._moment(row.submitted_at), stance)
            if stance is Stance.NEITHER and random.random() < 0.6:
                later = self._moment(comment["created_at"])
                self._say(row, random.choice(wording.REPLIES_TO), later, parent=comment)
        if number >= 3 and row.status != IdeaStatus.GATHERING and random.random() < 0.6:
            body = random.choice(wording.OFFICIAL)
            self._say(row, body, self._moment(row.submitted_at), official=True)

    def _remark(self, row: Any) -> None:
        for body in self.random.sample(wording.REMARKS, self.random.choice((1, 1, 2))):
            self._say(row, body, self._moment(row.submitted_at))

    def _moment(self, after: datetime) -> datetime:
        room = (self.now - after).total_seconds()
        wait = min(self.random.expovariate(1 / (9 * 86_400)), room * self.random.uniform(0.2, 0.98))
        return after + timedelta(seconds=wait)

    def _say(
        self,
        row: Any,
        body: str,
        at: datetime,
        stance: Stance = Stance.NEITHER,
        *,
        parent: dict[str, Any] | None = None,
        official: bool = False,
    ) -> dict[str, Any]:
        speaker = self.people["agent"] if official else self.random.choice(self.people.speakers)
        comment = {
            "contribution_id": row.id,
            "parent": parent,
            "author_id": speaker.account_id,
            "department_id": row.department_id if official else None,
            "body": body,
            "stance": stance,
            "moderation_state": ModerationState.PUBLISHED,
            "created_at": at,
        }
        self.comments.append(comment)
        return comment

    def _write(self) -> None:
        connection = self.session.connection()
        ids = reserve_ids(self.session, Comment, len(self.comments))
        rows, votes = [], []
        for id_, comment in zip(ids, self.comments, strict=True):
            comment["id"] = id_
            judged = self._judged(comment)
            helpful = sum(1 for vote in judged if vote["is_helpful"])
            parent = comment["parent"]
            counts = {
                "parent_id": parent["id"] if parent else None,
                "helpful_count": helpful,
                "unhelpful_count": len(judged) - helpful,
                "score": wilson_lower_bound(helpful, len(judged)),
            }
            rows.append({key: value for key, value in comment.items() if key != "parent"} | counts)
            votes += judged
        connection.execute(insert(table_of(Comment)), rows)
        connection.execute(insert(table_of(CommentVote)), votes)

    def _judged(self, comment: dict[str, Any]) -> list[dict[str, Any]]:
        random = self.random
        number = min(30, int(random.paretovariate(0.9)) - 1)
        people = [id_ for id_ in self.people.everyone if id_ != comment["author_id"]]
        liked = 0.6 if comment["stance"] is Stance.AGAINST else 0.9
        return [
            {
                "comment_id": comment["id"],
                "account_id": account_id,
                "is_helpful": random.random() < liked,
                "at": self._moment(comment["created_at"]),
            }
            for account_id in random.sample(people, number)
        ]
