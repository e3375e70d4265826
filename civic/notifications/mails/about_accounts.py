"""Mails about signing in and about one's own account."""

from typing import Any

from flask_babel import gettext as _

from civic.notifications.mails.words import Code, Facts, Mail, Paragraph, day, moment, translated


def sign_in(data: dict[str, Any]) -> Mail:
    """A link and a code. Expects token, code, minutes."""
    return Mail(
        subject=_("%(code)s est votre code de connexion", code=data["code"]),
        title=_("Votre connexion"),
        blocks=[
            Paragraph(_("Ouvrez le lien, ou écrivez ce code sur la page de connexion :")),
            Code(data["code"]),
            Paragraph(
                _(
                    "L’un et l’autre valent %(minutes)s minutes, une seule fois.",
                    minutes=data["minutes"],
                )
            ),
        ],
        action=(_("Me connecter"), f"/sign-in/link/{data['token']}"),
        reason=_(
            "Quelqu’un, vous sans doute, a demandé à se connecter avec cette adresse. Si ce n’est "
            "pas vous, ne faites rien : personne n’entre sans ce courriel."
        ),
    )


def email_change(data: dict[str, Any]) -> Mail:
    """The link that confirms a new address. Expects token."""
    return Mail(
        subject=_("Confirmez votre nouvelle adresse"),
        blocks=[
            Paragraph(
                _(
                    "Ouvrez le lien pour utiliser désormais cette adresse. Il vaut "
                    "vingt-quatre heures."
                )
            )
        ],
        action=(_("Confirmer cette adresse"), f"/account/email/{data['token']}"),
        reason=_(
            "Quelqu’un, vous sans doute, a indiqué cette adresse dans ses réglages. Si ce n’est "
            "pas vous, ne faites rien."
        ),
    )


def proof(data: dict[str, Any]) -> Mail:
    """A code asked of somebody who is signed in. Expects code, minutes."""
    return Mail(
        subject=_("%(code)s est votre code de confirmation", code=data["code"]),
        title=_("Confirmez que c’est vous"),
        blocks=[
            Paragraph(_("Écrivez ce code sur la page qui vous le demande :")),
            Code(data["code"]),
            Paragraph(_("Il vaut %(minutes)s minutes, une seule fois.", minutes=data["minutes"])),
        ],
        reason=_(
            "Quelqu’un, vous sans doute, est connecté à votre compte et veut y changer quelque "
            "chose d’important. Si ce n’est pas vous, ne donnez ce code à personne et déconnectez "
            "tous vos appareils dans vos réglages."
        ),
    )


def email_change_asked(data: dict[str, Any]) -> Mail:
    """To the address of now, while a change is not confirmed yet. Expects stop."""
    return Mail(
        subject=_("Un changement d’adresse est demandé"),
        blocks=[
            Paragraph(
                _(
                    "Quelqu’un, vous sans doute, a demandé que votre compte utilise une autre "
                    "adresse que celle-ci. Rien ne change avant que la nouvelle soit confirmée."
                )
            ),
            Paragraph(
                _("Si ce n’est pas vous, arrêtez-le : tous vos appareils sont alors déconnectés.")
            ),
        ],
        action=(_("Arrêter ce changement"), f"/account/email/stop/{data['stop']}"),
        reason=_("Ce courriel est envoyé à l’adresse actuelle de votre compte, par précaution."),
    )


def password_guessed(data: dict[str, Any]) -> Mail:
    """To the owner of an account whose password somebody tries to guess. Expects failures."""
    return Mail(
        subject=_("Quelqu’un essaie de deviner votre mot de passe"),
        blocks=[
            Paragraph(
                _(
                    "%(failures)s mots de passe faux ont été essayés pour votre compte. Personne "
                    "n’est entré ; les essais sont maintenant ralentis.",
                    failures=data["failures"],
                )
            ),
            Paragraph(
                _(
                    "Vous n’avez rien à faire si votre mot de passe ne sert qu’ici. Vous pouvez "
                    "toujours vous connecter par courriel."
                )
            ),
        ],
        action=(_("Ouvrir mes réglages"), "/account/settings"),
        reason=_("Vous recevez ce courriel parce que vous avez un compte ici."),
    )


def new_device(data: dict[str, Any]) -> Mail:
    """To the owner, after a sign-in from somewhere new. Expects device, at."""
    return Mail(
        subject=_("Connexion depuis un nouvel appareil"),
        blocks=[
            Paragraph(_("Votre compte vient d’être ouvert sur un appareil encore inconnu.")),
            Facts(
                [
                    (_("Appareil"), data["device"] or _("Appareil inconnu")),
                    (_("Date"), moment(data["at"])),
                ]
            ),
            Paragraph(_("C’est vous ? Vous n’avez rien à faire. Sinon, déconnectez cet appareil.")),
        ],
        action=(_("Voir mes appareils"), "/account/settings#devices"),
        reason=_("Vous recevez ce courriel parce que vous avez un compte ici."),
    )


def email_changed(data: dict[str, Any]) -> Mail:
    """To the former address."""
    return Mail(
        subject=_("Votre adresse a été changée"),
        blocks=[
            Paragraph(
                _(
                    "Votre compte n’utilise plus cette adresse : une autre a été confirmée. Si ce "
                    "n’est pas vous, écrivez à la mairie."
                )
            )
        ],
        reason=_("Ce courriel est envoyé à l’ancienne adresse, par précaution."),
    )


def inactivity(data: dict[str, Any]) -> Mail:
    """An account is about to be erased. Expects erase_at."""
    return Mail(
        subject=_("Votre compte va être supprimé"),
        blocks=[
            Paragraph(
                _(
                    "Vous ne vous êtes pas connecté depuis deux ans. Pour ne pas garder vos "
                    "données sans raison, votre compte sera supprimé le %(day)s.",
                    day=day(data["erase_at"], "long"),
                )
            ),
            Paragraph(
                _(
                    "Pour le garder, connectez-vous avant cette date. Vos contributions publiées "
                    "restent en ligne dans tous les cas, sans votre nom."
                )
            ),
        ],
        action=(_("Garder mon compte"), "/sign-in"),
        reason=_("Vous recevez ce courriel parce que vous avez un compte ici."),
    )


def role_given(data: dict[str, Any]) -> Mail:
    """What the town entrusts a person with. Expects role_label, department, area, path."""
    role = translated(data)["role_label"]
    return Mail(
        subject=_("La ville vous confie un rôle : %(role)s", role=role),
        blocks=[
            Paragraph(
                _(
                    "Connectez-vous avec cette adresse : un courriel vous donne chaque fois un "
                    "lien et un code, sans mot de passe."
                )
            ),
            Facts(
                [
                    (_("Rôle"), role),
                    (_("Service"), data["department"]),
                    (_("Quartier"), data["area"]),
                ]
            ),
        ],
        action=(_("Commencer"), data["path"]),
        reason=_("L’administration du site a donné un rôle à cette adresse."),
    )
