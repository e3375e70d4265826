"""The resident of the demo: what they sent, what they support, and the mails they really get."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.actions.models import Action
from civic.actions.operations import link, post_update
from civic.comments.operations import add_comment
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.contributions.operations import Draft, move
from civic.contributions.workflow import Party
from civic.database.clock import replaying
from civic.demo.pictures import Album
from civic.demo.town import People
from civic.follows.operations import follow_along
from civic.incidents.workflow import IncidentStatus
from civic.participation.submission.operations import Sender, submit
from civic.places.geometry import Position
from civic.places.queries import get_outlines
from civic.taxonomy.models import Category
from civic.votes.operations import vote
from civic.votes.policies import may_vote

AGENT: Final = {Party.AGENT}


@dataclass(frozen=True, slots=True)
class _Sent:
    key: str
    kind: str
    title: str
    body: str
    category: str
    lat: float
    lon: float
    address: str
    days_ago: float
    picture: str = ""
    alt: str = ""


_SENT: Final = (
    _Sent("bench", "incident", "Banc cassé devant le square",
          "Une planche pend, un clou dépasse. Les enfants s'y assoient à la sortie de l'école.",
          "mobilier-urbain", 48.8877, 2.3155, "146 rue Cardinet, 75017 Paris", 33,
          "bench_broken", "Un banc dont une planche pend"),
    _Sent("lamp", "incident", "Lampadaire éteint au coin de la rue",
          "Il s'éteint vers 19 heures et ne se rallume plus.", "eclairage", 48.8868, 2.3182,
          "20 rue des Moines, 75017 Paris", 12, "lamp_out", "Un lampadaire éteint, le soir"),
    _Sent("boxes", "incident", "Cartons et sacs au pied de l'arbre",
          "Déposés cette nuit. Le camion est passé sans les prendre.", "objets-abandonnes",
          48.8850, 2.3201, "70 rue Legendre, 75017 Paris", 5, "boxes", "Des cartons et des sacs"),
    _Sent("pothole", "incident", "Trou dangereux pour les vélos",
          "Juste après le passage piéton, on ne le voit pas quand il pleut.", "voirie", 48.8836,
          2.3232, "2 rue Nollet, 75017 Paris", 0.9, "pothole", "Un trou plein d'eau"),
    _Sent("garden", "idea", "Un potager partagé derrière la gare",
          "La bande de terre est vide depuis trois ans. On pourrait y faire :\n\n"
          "- **douze bacs** à hauteur de fauteuil\n- un composteur\n- une cabane à outils\n\n"
          "Vingt voisins sont prêts à s'en occuper.",
          "environnement", 48.8893, 2.3128, "10 rue de La Jonquière, 75017 Paris", 21,
          "shared_garden", "Un jardin partagé et sa cabane"),
)  # fmt: skip


class Resident:
    """Plays the last month of « Camille »; ``recently`` is what they are told of by mail."""

    def __init__(
        self, session: Session, random: Random, people: People, now: datetime, album: Album
    ) -> None:
        self.session, self.random, self.people = session, random, people
        self.now, self.album = now, album
        self.me = people["habitant"]
        self.sent: dict[str, Contribution] = {}

    def earlier(self) -> None:
        """What is old enough for its mails to be forgotten."""
        for item in _SENT[:2]:
            self._send(item)
        self._send(_SENT[4])
        bench = self.sent["bench"]
        self._move(bench, IncidentStatus.ACKNOWLEDGED, 31)
        self._move(bench, IncidentStatus.PLANNED, 27)
        change = self._move(
            bench,
            IncidentStatus.RESOLVED,
            17,
            sentence="La planche est remplacée et le clou enlevé. Merci de nous avoir prévenus.",
            claimed_by="department",
        )
        at = self.now - timedelta(days=17)
        self.album.give(bench, "bench_mended", "Le banc, réparé", at, change=change)
        with replaying(self.now - timedelta(days=15)):
            move(
                self.session,
                bench,
                IncidentStatus.CONFIRMED,
                actor=self.me,
                standing={Party.AUTHOR},
                claimed_by="department",
                verified_by="author",
            )
        self._move(self.sent["lamp"], IncidentStatus.ACKNOWLEDGED, 11)
        supporters = self.random.sample(self.people.speakers[:50], 31)
        for place, actor in enumerate(supporters):
            at = self.now - timedelta(days=20 - place * 0.5)
            with replaying(at):
                vote(self.session, self.sent["garden"], actor=actor, at=at)
        self._support()

    def recently(self, actions: list[Action]) -> None:
        """What Camille hears of: mails are written as they would be."""
        for item in _SENT[2:4]:
            self._send(item)
        self._move(self.sent["boxes"], IncidentStatus.ACKNOWLEDGED, 4.6)
        words = "L'équipe du secteur est passée ce matin : tout est enlevé."
        self._move(
            self.sent["boxes"],
            IncidentStatus.RESOLVED,
            1.1,
            sentence=words,
            claimed_by="department",
        )
        garden = self.sent["garden"]
        with replaying(self.now - timedelta(days=2.2)):
            body = "Belle idée ! Je garde les bacs le mercredi avec le centre de loisirs."
            add_comment(self.session, garden, actor=self.people.speakers[7], body=body)
        with replaying(self.now - timedelta(hours=20)):
            add_comment(
                self.session,
                garden,
                actor=self.people["agent"],
                body="Le service a vérifié : le terrain appartient bien à la ville. Nous revenons "
                "vers vous avec un plan.",
                as_department=True,
            )
        self._join(actions[0])

    def _join(self, action: Action) -> None:
        """The lamp becomes part of the first action, whose news Camille then hears."""
        agent = self.people["agent"]
        with replaying(self.now - timedelta(days=3.1)):
            link(self.session, action, [self.sent["lamp"]], actor=agent)
        with replaying(self.now - timedelta(hours=26)):
            post_update(
                self.session,
                action,
                actor=agent,
                body="La rue des Moines est ajoutée au programme : elle sera éclairée avant la fin "
                "de la semaine prochaine.",
                progress=60,
            )

    def _send(self, item: _Sent) -> None:
        category = self.session.scalars(
            select(Category).where(Category.code == item.category)
        ).one()
        position = Position(item.lat, item.lon)
        areas = get_outlines(self.session).areas_at(position)
        at = self.now - timedelta(days=item.days_ago)
        draft = Draft(
            title=item.title,
            body=item.body,
            category=category,
            position=position,
            area_id=areas[0] if areas else None,
            address=item.address,
        )
        with replaying(at):
            received = submit(
                self.session,
                kinds[item.kind],
                draft,
                sender=Sender(self.me),
                form_key=f"demo-{item.key}",
            )
        contribution = received.contribution
        self.album.give(contribution, item.picture, item.alt, at)
        self.sent[item.key] = contribution

    def _move(
        self,
        contribution: Contribution,
        to: str,
        days_ago: float,
        *,
        sentence: str = "",
        claimed_by: str = "",
    ) -> StatusChange:
        with replaying(self.now - timedelta(days=days_ago)):
            return move(
                self.session,
                contribution,
                to,
                actor=self.people["agent"],
                standing=AGENT,
                sentence=sentence,
                claimed_by=claimed_by,
            )

    def _support(self) -> None:
        """Camille supports what many support, and some of what is new nearby."""
        popular = (
            select(Contribution)
            .where(
                Contribution.moderation_state == ModerationState.PUBLISHED,
                Contribution.duplicate_of_id.is_(None),
                Contribution.author_id.is_distinct_from(self.me.account_id),
            )
            .order_by(Contribution.vote_count.desc(), Contribution.id)
            .limit(40)
        )
        open_ones = [row for row in self.session.scalars(popular) if may_vote(self.me, row)]
        for row in open_ones[:14]:
            room = (self.now - row.submitted_at).total_seconds()
            at = row.submitted_at + timedelta(seconds=room * self.random.uniform(0.3, 0.9))
            with replaying(at):
                vote(self.session, row, actor=self.me, at=at)
                follow_along(self.session, row, account_id=self.me.account_id or 0, at=at)
