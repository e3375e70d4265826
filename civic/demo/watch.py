"""What waits for moderators, what they decided, and the appeals: through the real verbs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Actor
from civic.accounts.models import Account
from civic.comments.models import Comment, Stance
from civic.comments.operations import add_comment
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.operations import Draft, move, store
from civic.contributions.screening_registry import screen
from civic.contributions.workflow import Party
from civic.database.clock import replaying
from civic.demo.sayings import (
    FLAGS,
    HELD,
    HELD_COMMENTS,
    NOTES,
    PUBLISHED,
    REMOVED,
    REPLIES,
    Said,
)
from civic.demo.town import People
from civic.demo.wording import CONTESTED
from civic.desk.operations import add_note, save_reply
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.incidents.workflow import IncidentStatus
from civic.moderation.models import AppealOutcome, Decision, Origin
from civic.moderation.operations import (
    Grounds,
    answer_appeal,
    hide,
    lock,
    merge_as_duplicate,
    publish,
    submit_appeal,
    suspend,
)
from civic.participation.submission.operations import READ_FIRST
from civic.places.geometry import Position, haversine_m
from civic.places.queries import get_outlines
from civic.taxonomy.models import Category, PublicationPolicy


class Watch:
    """Plays the moderators' weeks and leaves them a queue."""

    def __init__(self, session: Session, random: Random, people: People, now: datetime) -> None:
        self.session, self.random, self.people, self.now = session, random, people, now
        self.moderator = people["moderation"]

    def play(self) -> None:
        """All of it, the past first."""
        self._merge()
        self._contest()
        self._decide()
        self._hold()
        self._flag()
        self._prepare_desk()

    # ------------------------------------------------------------------ the past

    def _merge(self) -> None:
        """Reports of the same thing, a few metres and days apart, are put together."""
        rows = self._published("incident", days=40)
        done: set[int] = set()
        for source in rows:
            twin = next((row for row in rows if self._is_twin(source, row, done)), None)
            if twin is None:
                continue
            done |= {source.id, twin.id}
            grounds = Grounds("7", "Même endroit, même problème, à quelques jours près.")
            with replaying(min(source.status_since + timedelta(hours=3), self.now)):
                merge_as_duplicate(
                    self.session, source, twin, actor=self.moderator, grounds=grounds
                )
            if len(done) >= 14:
                return

    def _contest(self) -> None:
        """Somebody says of the latest repair that it does not hold, whatever the day of loading."""
        fixed = (
            row
            for row in self._published("incident", days=60)
            if row.status == IncidentStatus.RESOLVED
        )
        case = next((row for row in fixed if row.author_id is not None), None)
        if case is not None:
            with replaying(max(case.status_since, self.now - timedelta(hours=2))):
                move(
                    self.session,
                    case,
                    IncidentStatus.CONTESTED,
                    actor=SYSTEM,
                    standing={Party.AUTHOR},
                    sentence=CONTESTED[0],
                )

    def _is_twin(self, source: Contribution, row: Contribution, done: set[int]) -> bool:
        if not done.isdisjoint({source.id, row.id}) or row.category_id != source.category_id:
            return False
        if not row.submitted_at < source.submitted_at or not source.is_open or not row.is_open:
            return False
        near = haversine_m(_position(source), _position(row)) < 35
        return near and source.submitted_at - row.submitted_at < timedelta(days=12)

    def _decide(self) -> None:
        """Decisions of the last weeks: removals with reasons, a closed discussion, appeals."""
        advert, quarrel, rumour = (
            self._store(said, author, held=False)
            for said, author in zip(REMOVED, self.people.speakers[40:43], strict=True)
        )
        self._hide(advert, "4", "Publicité pour un déménageur, publiée six fois.", days=24)
        second = self._hide(
            quarrel, "5", "Conflit entre deux voisins, sans lien avec l'espace public.", days=11
        )
        third = self._hide(
            rumour, "2", "Le texte désigne une personne par son étage et son métier.", days=6
        )
        advertiser = self.session.get_one(Account, advert.author_id)
        with replaying(self._ago(24)):
            grounds = Grounds("4", "Six publicités en une heure, après un rappel.", Origin.RULE)
            suspend(self.session, advertiser, actor=self.moderator, grounds=grounds, days=30)
        with replaying(self._ago(9)):
            appeal = submit_appeal(
                self.session,
                second,
                actor=self.people.speakers[41],
                text="Le mur est bien dans la rue : tout le monde le longe pour aller à l'école.",
            )
        with replaying(self._ago(5)):
            answer_appeal(
                self.session,
                appeal,
                actor=self.people["mediation"],
                outcome=AppealOutcome.UPHELD,
                answer="Le mur donne sur la rue : le signalement est remis en ligne.",
            )
        with replaying(self._ago(1.4)):
            submit_appeal(
                self.session,
                third,
                actor=self.people.speakers[42],
                text="Je ne nomme personne. Je peux enlever l'étage, si c'est cela qui gêne.",
            )
        self._quieten()

    def _hide(
        self, contribution: Contribution, clause: str, facts: str, *, days: float
    ) -> Decision:
        with replaying(self._ago(days)):
            return hide(
                self.session,
                contribution,
                actor=self.moderator,
                grounds=Grounds(clause, facts, Origin.FLAG),
            )

    def _quieten(self) -> None:
        """Close one heated discussion and remove one of its comments."""
        idea = self.session.scalars(
            select(Contribution)
            .where(Contribution.kind == "idea", Contribution.comment_count > 4)
            .order_by(Contribution.id)
        ).first()
        if idea is None:
            return
        angry = self._comment(idea, self.people.speakers[43], "Vous n'y comprenez rien.", days=15)
        with replaying(self._ago(14)):
            grounds = Grounds("1", "Attaque une personne au lieu de l'idée.", Origin.FLAG)
            hide(self.session, angry.contribution, angry, actor=self.moderator, grounds=grounds)
            grounds = Grounds("1", "La discussion ne portait plus que sur les personnes.")
            lock(self.session, idea, actor=self.moderator, grounds=grounds)

    # ------------------------------------------------------------------ what waits

    def _hold(self) -> None:
        for said, author in zip(HELD, self.people.speakers[20:26], strict=True):
            self._store(said, author, held=True)
        talked = [row for row in self._published("idea", days=320) if not row.is_locked][:2]
        for idea, body in zip(talked, HELD_COMMENTS, strict=False):
            self._comment(idea, self.random.choice(self.people.speakers[:20]), body, days=0.5)
        read = self._store(PUBLISHED, self.people.speakers[27], held=True)
        with replaying(self._ago(1)):
            publish(self.session, read, actor=self.moderator, grounds=Grounds())

    def _flag(self) -> None:
        recent = [row for row in self._published("incident", days=9) if row.author_id]
        for (reason, text), row in zip(FLAGS, self.random.sample(recent, 4), strict=True):
            flagger = self._other(row.author_id)
            at = self._ago(self.random.uniform(0.1, 2.5))
            # Nobody flags what is not there yet.
            with replaying(min(max(at, row.submitted_at + timedelta(minutes=20)), self.now)):
                raise_flag(self.session, row, actor=flagger, reason=reason, text=text)
        comment = self.session.scalars(
            select(Comment)
            .where(
                Comment.stance == Stance.AGAINST,
                Comment.moderation_state == ModerationState.PUBLISHED,
            )
            .order_by(Comment.created_at.desc())
        ).first()
        if comment is None:
            return
        at = max(self._ago(0.3), comment.created_at + timedelta(minutes=20))
        with replaying(min(at, self.now)):
            raise_flag(
                self.session,
                comment.contribution,
                actor=self._other(comment.author_id),
                reason=FlagReason.INSULTING,
                text="Le ton est blessant.",
                comment_id=comment.id,
            )

    def _prepare_desk(self) -> None:
        agent = self.people["agent"]
        for title, body, kind, status in REPLIES:
            save_reply(
                self.session,
                None,
                actor=agent,
                title=title,
                body=body,
                department_id=None,
                kind=kind,
                status=status,
            )
        waiting = [row for row in self._published("incident", days=12) if row.is_open]
        for note, row in zip(NOTES, self.random.sample(waiting, len(NOTES)), strict=True):
            with replaying(max(self._ago(1.2), row.submitted_at)):
                add_note(self.session, row, note, actor=agent)
            row.assigned_to_id = agent.account_id
        self.session.flush()

    # ------------------------------------------------------------------ small verbs

    def _store(self, said: Said, author: Actor, *, held: bool) -> Contribution:
        category = self.session.scalars(
            select(Category).where(Category.code == said.category)
        ).one()
        position = Position(said.lat, said.lon)
        areas = get_outlines(self.session).areas_at(position)
        holds = []
        if held:
            holds = screen(self.session, f"{said.title}\n\n{said.body}", actor=author)
            if category.policy is PublicationPolicy.BEFORE:
                holds = [READ_FIRST, *holds]
        moment = self.now - timedelta(hours=said.hours_ago)
        with replaying(moment):
            return store(
                self.session,
                kinds[said.kind],
                Draft(
                    title=said.title,
                    body=said.body,
                    category=category,
                    position=position,
                    area_id=areas[0] if areas else None,
                    address=said.address,
                ),
                actor=author,
                held=held,
                author_id=author.account_id,
                follow_hash=None,
                holds=holds,
            )

    def _comment(self, row: Contribution, author: Actor, body: str, *, days: float) -> Comment:
        with replaying(self._ago(days)):
            return add_comment(self.session, row, actor=author, body=body)

    def _published(self, kind: str, *, days: float) -> Sequence[Contribution]:
        return self.session.scalars(
            select(Contribution)
            .where(
                Contribution.kind == kind,
                Contribution.moderation_state == ModerationState.PUBLISHED,
                Contribution.submitted_at > self._ago(days),
                Contribution.lat.is_not(None),
            )
            .order_by(Contribution.submitted_at.desc(), Contribution.id)
        ).all()

    def _other(self, account_id: int | None) -> Actor:
        others = [actor for actor in self.people.speakers[:20] if actor.account_id != account_id]
        return self.random.choice(others)

    def _ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)


def _position(row: Contribution) -> Position:
    return Position(row.lat or 0.0, row.lon or 0.0)
