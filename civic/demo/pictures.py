"""The demo's photos: our own drawings, stored and attached as a resident's would be."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.attachments.models import Photo
from civic.attachments.operations import (
    StoredPhoto,
    attach,
    file_key,
    keep_draft,
    release_drafts,
)
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.contributions.workflow import StatusType
from civic.database.clock import replaying
from civic.demo.town import data_file
from civic.incidents.workflow import IncidentStatus
from civic.storage.files import FileStore
from civic.storage.photos import SIZES, DecodedPhoto, decode_photo


@dataclass(frozen=True, slots=True)
class Scene:
    """Which drawing fits which titles; ``after`` is what it looks like once repaired."""

    picture: str
    alt: str
    words: tuple[str, ...]
    after: str = ""
    after_alt: str = ""


_INCIDENTS: Final = (
    Scene("lamp_out", "Une rue au crépuscule, un lampadaire éteint", ("Lampadaire", "lampadaires"),
          "lamp_mended", "Le même lampadaire, allumé"),
    Scene("mattress", "Un matelas contre un mur, sur le trottoir",
          ("Matelas", "Encombrants"), "pavement_clear", "Le trottoir, dégagé"),
    Scene("boxes", "Des cartons et des sacs sur le trottoir", ("Cartons ", "Sacs "),
          "pavement_clear", "Le trottoir, dégagé"),
    Scene("bin_full", "Une corbeille qui déborde", ("Corbeille pleine", "La corbeille déborde"),
          "bin_emptied", "La corbeille, vidée"),
    Scene("pothole", "Un trou dans la chaussée, plein d'eau",
          ("Nid-de-poule", "Trou dangereux", "Chaussée affaissée"),
          "road_mended", "La chaussée, rebouchée"),
    Scene("tagged_wall", "Un mur couvert d'un grand tag",
          ("Tag sur la façade", "Graffitis", "Grand tag", "Autocollants"),
          "wall_cleaned", "Le mur, nettoyé"),
    Scene("bench_broken", "Un banc dont une planche pend", ("Banc",),
          "bench_mended", "Le banc, réparé"),
    Scene("bollard_bent", "Un potelet couché sur le trottoir", ("Potelet ", "Barrière descellée")),
    Scene("sign_leaning", "Un panneau qui penche", ("Panneau plié", "Panneau de stop")),
    Scene("water_leak", "De l'eau qui s'écoule sur la chaussée", ("Écoulement d'eau", "Fuite")),
    Scene("tree_pit", "Des herbes au pied d'un arbre", ("Herbes hautes", "Végétation débordante")),
    Scene("scooters", "Des trottinettes en travers du trottoir", ("Trottinette", "Scooters")),
)  # fmt: skip
_IDEAS: Final = (
    Scene("book_box", "Une boîte à livres sur une place", ("boîte à livres", "bibliothèque")),
    Scene("fountain", "Une fontaine sur une place", ("fontaine",)),
    Scene("cycle_lane", "Deux cyclistes sur une piste verte", ("vélo", "cyclable", "deux-roues")),
    Scene("school_yard", "Une cour d’école avec des arbres",
          ("école", "élèves", "collège", "maternelle", "enfants")),
    Scene("sports_ground", "Un terrain de basket dans la ville",
          ("sport", "gymnase", "stade", "terrain")),
    Scene("shared_garden", "Un jardin partagé et sa cabane", ("jardin", "agriculture", "compost")),
    Scene("green_wall", "Un mur couvert de plantes", ("végétal", "mur ", "façade")),
    Scene("playground", "Une aire de jeux avec un toboggan", ("jeux", "jeu ", "parc")),
    Scene("planted_square", "Une place plantée, avec un banc",
          ("place", "embelli", "rue ", "quartier")),
)  # fmt: skip


class Album:
    """Stores drawings and gives them to contributions and to news."""

    def __init__(self, session: Session, store: FileStore) -> None:
        self.session, self.store = session, store
        self._decoded: dict[str, DecodedPhoto] = {}

    def for_news(self, picture: str, alt: str, at: datetime) -> Photo:
        """Return a photo that belongs to no contribution."""
        token = self._keep(picture, alt, at)
        return release_drafts(self.session, token)[0]

    def give(
        self,
        contribution: Contribution,
        picture: str,
        alt: str,
        at: datetime,
        *,
        change: StatusChange | None = None,
    ) -> None:
        """Attach a photo to a contribution, or to one step of it."""
        token = self._keep(picture, alt, at)
        attach(self.session, contribution, token, status_change_id=change.id if change else None)

    def _keep(self, picture: str, alt: str, at: datetime) -> str:
        token = secrets.token_hex(16)
        with replaying(at):
            photo = keep_draft(self.session, self._stored(picture), token)
        if photo is not None:
            photo.description = alt
        return token

    def _stored(self, picture: str) -> StoredPhoto:
        """Keep the files anew under a key of their own, as store_photo does; decode once."""
        if picture not in self._decoded:
            self._decoded[picture] = decode_photo(data_file(f"photos/{picture}.jpg").read_bytes())
        photo, key = self._decoded[picture], secrets.token_hex(20)
        for size in SIZES:
            variant = photo.variants[size]
            self.store.put(file_key(key, size), variant.data, variant.content_type)
        return StoredPhoto(key, photo.sha256, photo.width, photo.height, photo.colour, None)


def illustrate(session: Session, random: Random, album: Album) -> int:
    """Give photos to some incidents and ideas, before and after where both exist."""
    given = 0
    for scene in _INCIDENTS:
        for contribution in _fitting(session, random, "incident", scene, newest=6, others=1):
            _show(session, album, contribution, scene)
            given += 1
    taken: set[int] = set()
    for scene in _IDEAS:
        found = _fitting(session, random, "idea", scene, newest=1, others=2, taken=taken)
        for contribution in found:
            taken.add(contribution.id)
            _show(session, album, contribution, scene)
            given += 1
    return given


def _show(session: Session, album: Album, contribution: Contribution, scene: Scene) -> None:
    at = contribution.submitted_at + timedelta(seconds=30)
    album.give(contribution, scene.picture, scene.alt, at)
    if not scene.after:
        return
    change = session.scalars(
        select(StatusChange)
        .where(
            StatusChange.contribution_id == contribution.id,
            StatusChange.to_status == IncidentStatus.RESOLVED,
        )
        .order_by(StatusChange.at.desc())
    ).first()
    if change is not None:
        album.give(contribution, scene.after, scene.after_alt, change.at, change=change)


def _fitting(
    session: Session,
    random: Random,
    kind: str,
    scene: Scene,
    *,
    newest: int,
    others: int,
    taken: Collection[int] = (),
) -> Sequence[Contribution]:
    """Return the newest that fit, the last repaired, the most supported, and some at random."""
    rows = session.execute(
        select(
            Contribution.id,
            Contribution.title,
            Contribution.vote_count,
            Contribution.status_type,
            Contribution.status_since,
        )
        .where(
            Contribution.kind == kind,
            Contribution.photo_count == 0,
            Contribution.moderation_state == ModerationState.PUBLISHED,
        )
        .order_by(Contribution.submitted_at.desc())
    ).all()
    fitting = [
        row
        for row in rows
        if row.id not in taken and any(word.lower() in row.title.lower() for word in scene.words)
    ]
    chosen = {row.id for row in fitting[:newest]}
    fixed = [row for row in fitting if row.status_type is StatusType.FIXED]
    fixed.sort(key=lambda row: row.status_since, reverse=True)
    chosen.update(row.id for row in fixed[: newest // 2])
    if fitting:
        chosen.add(max(fitting, key=lambda row: row.vote_count).id)
    rest = [row.id for row in fitting if row.id not in chosen]
    chosen.update(random.sample(rest, min(others, len(rest))))
    return session.scalars(
        select(Contribution).where(Contribution.id.in_(chosen)).order_by(Contribution.id)
    ).all()
