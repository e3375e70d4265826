"""The pages of the town as each role reaches them, and why some are not among them.

``{incident}`` and the like are filled by tests/e2e/population.py.
tests/architecture/test_walked.py compares the list with the addresses that the town answers.
"""

PAGES: dict[str, str] = {
    "": """
        / /map /map?heat=density /map/areas /incidents /ideas /areas /areas/ouest
        /search?q=lampe /search?q=zzz /ideas?sort=near /incidents?sort=near&place=chemin
        /incidents?status=resolved&q=zzz /ranking /open-data /actions /actions/{action} /status
        /incidents/{incident} /ideas/{idea} /incidents/{closed}
        /incidents/new /incidents/new/streets?letter=C /ideas/new /ideas/new/streets?letter=P
        /c/{incident}/flag /c/{long_incident}/flag /demo {refusal}
        /flags/{receipt} /sign-in /sign-in/password /ledger
        /legal/mentions /legal/privacy /legal/accessibility /legal/terms
        /demo/mail /demo/design /incidents/{long_incident} /ideas/{long_idea}
        /actions/{long_action} /search?q=anticonstitutionnellement
    """,
    "resident": """
        /account /account/settings /account/data /notifications /account/news
        /incidents/new /ideas/new /incidents/{incident} /ideas/{idea} /incidents/{closed}
        /incidents/{closed}/contest /incidents/{closed}/confirm
        /incidents/{incident}/precision
        /incidents/{long_incident} /incidents/{incident}/edit /c/{incident}/flag
        /c/{incident}/comments/new?parent=1 /comments/{comment}/edit
        /c/{incident}/messages /ideas/{fresh}/edit /incidents/{asked}/answer
        /incidents/{asked}/received
        /ideas/{fresh}/received /intents/vote/{long_idea} /account/email/{change}
        /account/email/stop/{stop}
    """,
    "offender": "/incidents/{hidden} /decisions/{decision} /decisions/{answered}",
    "agent": """
        /desk?q=lampe /desk/{incident}?view=open
        /desk /desk?view=late /desk/{incident} /desk/{idea} /desk/{closed} /desk/new /desk/bulk
        /desk/replies /desk/replies/{reply} /actions/{action}/photos
        /actions/new?contribution={incident} /actions/{action}
        /actions/{action}/edit /actions/{action}/updates /merge/{incident}
        /desk/{long_incident} /merge/{long_incident}
    """,
    "moderator": """
        /moderation /moderation/{held} /moderation/{flagged} /moderation/appeals
        /moderation/decisions /moderation/accounts/{neighbour} /moderation/{long_flagged}
        /moderation?what=flagged&days=30
    """,
    "mediator": "/moderation/appeals /moderation/appeals/{appeal}",
    "administrator": """
        /administration /administration/town /administration/departments
        /administration/departments/1 /administration/departments/1/news /account/news
        /administration/departments/new /administration/categories
        /administration/categories/1 /administration/categories/new
        /administration/categories/1/questions/new /administration/areas /administration/areas/2
        /administration/people /administration/legal /administration/blocked-words
        /administration/log /administration/security /administration/questions/{question}
    """,
}
ERRORS = [
    ("", "/nowhere", 404),
    ("resident", "/desk", 403),
    ("", "/incidents/{hidden}", 410),
    ("", "/sign-in/link/nothing", 410),
]
REFUSED = [
    ("", "/incidents/new", "Envoyer"),
    ("resident", "/ideas/new", "Envoyer"),
    ("", "/sign-in", "Recevoir le lien et le code"),
    ("", "/sign-in/password", "Me connecter"),
    ("", "/c/{incident}/flag", "Envoyer mon alerte"),
    ("resident", "/incidents/{closed}/contest", "Contester"),
    ("agent", "/desk/new", "Ouvrir le dossier"),
    ("agent", "/actions/{action}/updates", "Publier"),
    ("mediator", "/moderation/appeals/{appeal}", "Envoyer la réponse"),
    ("administrator", "/administration/departments/new", "Enregistrer"),
]


NOT_WALKED = {
    # What a browser does not show as a page.
    "/account/data/export.json": "a file",
    "/addresses": "answers a script",
    "/assets/<version>/<path:name>": "a file",
    "/c/<reference>/qr.svg": "a picture",
    "/civic.css": "a file",
    "/healthz": "answers a machine",
    "/ledger.csv": "a file",
    "/map/areas.json": "answers a script",
    "/map/card/<kind>/<key>": "a part of the map's page, which tests/e2e/test_map.py opens",
    "/map/data/<int:z>/<int:x>/<int:y>.json": "answers a script",
    "/map/outlines.json": "answers a script",
    "/map/tiles/<int:z>/<int:x>/<int:y>": "a picture",
    "/open-data/contributions.csv": "a file",
    "/open-data/comments.csv": "a file",
    "/open-data/contributions.geojson": "a file",
    "/photos/<key>/<size>.jpg": "a picture",
    "/places/at": "answers a script",
    "/readyz": "answers a machine",
    "/robots.txt": "answers a machine",
    "/similar": "a part of the forms' pages, which tests/e2e/test_reporting.py shows",
    "/sitemap-<int:part>.xml": "answers a machine",
    "/sitemap-pages.xml": "answers a machine",
    "/sitemap.xml": "answers a machine",
    "/town.css": "a file",
    "/town/logo-<name>.png": "a picture",
    "/vendor/<version>/<path:name>": "a file",
    # What leads elsewhere, or is drawn by the template of a page above.
    "/c/<reference>/photos": "the same page as /actions/<slug>/photos",
    "/c/<reference>": "leads to the page of the kind",
    "/m/<token>": "leads to the page of the contribution",
    "/s/<token>": "leads to the page of the contribution",
    # What is there for a moment only; journeys open it.
    "/account/proof": "asked of a session that has grown old: tests/e2e/test_signing_in.py",
    "/demo/mail/<name>": "a mail that has left",
    "/demo/mail/<name>/html": "a mail that has left, in its frame",
    "/intents/t/<token>": "the same page as /intents/<act>/<about>",
    "/sign-in/code": "comes after the address was given: tests/e2e/test_signing_in.py",
}
"""Addresses that are in no list above, each with why."""
