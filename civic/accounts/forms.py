"""The forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from civic.accounts.operations.passwords import LONGEST, SHORTEST
from civic.accounts.operations.people import NAME_LENGTH
from civic.web.forms import Form, choices

_EMAIL = 254


class SignInForm(Form):
    """The address that a link and a code are sent to."""

    email = EmailField(
        _l("Votre adresse électronique"),
        validators=[
            InputRequired(_l("Écrivez votre adresse électronique.")),
            Length(max=_EMAIL, message=_l("Cette adresse est trop longue.")),
        ],
    )


class CodeForm(Form):
    """The six digits of the mail."""

    code = StringField(
        _l("Code à six chiffres"),
        validators=[
            InputRequired(_l("Écrivez les six chiffres reçus par courriel.")),
            Length(max=20, message=_l("Écrivez les six chiffres reçus par courriel.")),
        ],
        render_kw={"autocomplete": "one-time-code"},
    )


class LinkForm(Form):
    """The one button behind the link of the mail."""


class ProofForm(Form):
    """What shows anew that the account is theirs: a code, or the password.

    Its fields have names of their own: they travel with those of another form.
    """

    proof = HiddenField()
    proof_code = StringField(
        _l("Code à six chiffres"),
        validators=[Length(max=20, message=_l("Écrivez les six chiffres reçus par courriel."))],
    )
    proof_password = PasswordField(_l("Votre mot de passe"))


class PasswordSignInForm(SignInForm):
    """Address and password."""

    password = PasswordField(
        _l("Votre mot de passe"),
        validators=[InputRequired(_l("Écrivez votre mot de passe."))],
    )


class SettingsForm(Form):
    """What the public reads, and the language of mails."""

    name = StringField(
        _l("Nom public"),
        validators=[
            InputRequired(_l("Choisissez un nom, ou gardez le pseudonyme proposé.")),
            Length(max=NAME_LENGTH, message=_l("Ce nom est trop long.")),
        ],
    )
    locale = SelectField(
        _l("Langue des courriels"),
        choices=choices([("fr", "Français"), ("en", "English")]),
    )


class EmailForm(Form):
    """A new address, confirmed by a link sent to it."""

    email = EmailField(
        _l("Nouvelle adresse électronique"),
        validators=[
            InputRequired(_l("Écrivez votre nouvelle adresse électronique.")),
            Length(max=_EMAIL, message=_l("Cette adresse est trop longue.")),
        ],
    )


class PasswordForm(Form):
    """A new password."""

    password = PasswordField(
        _l("Nouveau mot de passe"),
        validators=[
            InputRequired(_l("Écrivez un mot de passe.")),
            Length(max=LONGEST, message=_l("Ce mot de passe est trop long.")),
        ],
    )
    least = SHORTEST


class EraseForm(Form):
    """The last question before an account goes."""

    sure = BooleanField(
        _l("Oui, supprimer mon compte définitivement"),
        validators=[
            InputRequired(_l("Cochez la case pour confirmer : la suppression est définitive."))
        ],
    )
