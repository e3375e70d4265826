"""Departments, categories and their questions."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.administration import queries
from civic.administration.forms.taxonomy import CategoryForm, DepartmentForm, QuestionForm
from civic.administration.operations import questions, taxonomy
from civic.administration.operations.rows import Row
from civic.administration.views.blueprint import blueprint
from civic.administration.views.saving import Answer, Page, answer, versioned_answer
from civic.errors import Conflict
from civic.extensions import db
from civic.taxonomy.models import Category, CategoryQuestion, Department
from civic.taxonomy.queries import (
    get_category,
    get_department,
    list_categories,
    list_departments,
)
from civic.web.access import administrators
from civic.web.forms import Form
from civic.web.limits import write_limit

# ----------------------------------------------------------------------------------- departments


@blueprint.get("/administration/departments")
@administrators
def departments() -> str:
    """Show the departments, those out of service too."""
    return render_template(
        "administration/departments.html",
        departments=list_departments(db.session(), inactive_too=True),
    )


@blueprint.route("/administration/departments/new", methods=["GET", "POST"])
@administrators
@write_limit
def new_department() -> Answer:
    """Add a department."""
    session = db.session()
    form = DepartmentForm()

    def store() -> str:
        values = form.values(taxonomy.DEPARTMENT_FIELDS)
        taxonomy.create_department(session, values, actor=current_actor())
        return url_for(".departments")

    return answer(
        form,
        store,
        _page("department", form, department=None),
        gettext("Le service est ajouté."),
    )


@blueprint.route("/administration/departments/<int:department_id>", methods=["GET", "POST"])
@administrators
@write_limit
def edit_department(department_id: int) -> Answer:
    """Change a department."""
    session = db.session()
    row = get_department(session, department_id)
    form = DepartmentForm(data=taxonomy.department_snapshot(row) | {"version": row.version})

    def store() -> str:
        values = form.values(taxonomy.DEPARTMENT_FIELDS)
        taxonomy.edit_department(
            session, row, values, version=form.seen_version, actor=current_actor()
        )
        return url_for(".departments")

    return versioned_answer(
        form,
        row,
        store,
        _page("department", form, department=row),
        gettext("Le service est enregistré."),
        lambda: taxonomy.department_snapshot(row),
    )


@blueprint.post("/administration/departments/<int:department_id>/active")
@administrators
@write_limit
def switch_department(department_id: int) -> Response:
    """Put a department out of service, or back into it."""
    return _switch(
        get_department(db.session(), department_id),
        taxonomy.set_department_active,
        gettext("Le service est en service."),
        gettext("Le service est arrêté."),
        ".departments",
    )


# ------------------------------------------------------------------------------------ categories


@blueprint.get("/administration/categories")
@administrators
def categories() -> str:
    """Show the categories in their order, those out of service too."""
    session = db.session()
    return render_template(
        "administration/categories.html",
        categories=list_categories(session, inactive_too=True),
        counts=queries.count_by_category(session),
    )


@blueprint.route("/administration/categories/new", methods=["GET", "POST"])
@administrators
@write_limit
def new_category() -> Answer:
    """Add a category."""
    session = db.session()
    form = CategoryForm(
        data={
            "kinds": ["incident"],
            "icon": "tag",
            "colour": "#3b6e8f",
            "policy": "risk",
            "allows_anonymous": True,
            "radius_m": 50,
            "days_to_acknowledge": 2,
            "days_to_resolve": 15,
            "counts_working_days": True,
        }
    )
    form.offer(_department_choices())

    def store() -> str:
        category = taxonomy.create_category(
            session,
            form.given(taxonomy.CATEGORY_FIELDS),
            department=_chosen_department(form),
            actor=current_actor(),
        )
        return url_for(".edit_category", category_id=category.id)

    return answer(
        form,
        store,
        _page("category", form, category=None, used=0),
        gettext("La catégorie est ajoutée. Vous pouvez lui donner des questions."),
    )


@blueprint.route("/administration/categories/<int:category_id>", methods=["GET", "POST"])
@administrators
@write_limit
def edit_category(category_id: int) -> Answer:
    """Change a category, and reach its questions."""
    session = db.session()
    row = get_category(session, category_id)
    shown = taxonomy.category_snapshot(row) | {"version": row.version}
    form = CategoryForm(data=shown | {"department": row.department_id or 0})
    form.offer(_department_choices(row.department), row.icon)

    used = queries.count_by_category(session, row.id).get(row.id, 0)

    def store() -> str:
        taxonomy.edit_category(
            session,
            row,
            form.given(taxonomy.CATEGORY_FIELDS),
            department=_chosen_department(form),
            version=form.seen_version,
            actor=current_actor(),
        )
        return url_for(".categories")

    return versioned_answer(
        form,
        row,
        store,
        _page("category", form, category=row, used=used),
        gettext("La catégorie est enregistrée."),
        lambda: taxonomy.category_snapshot(row) | {"department": row.department_id or 0},
    )


@blueprint.post("/administration/categories/<int:category_id>/active")
@administrators
@write_limit
def switch_category(category_id: int) -> Response:
    """Stop offering a category, or offer it again."""
    return _switch(
        get_category(db.session(), category_id),
        taxonomy.set_category_active,
        gettext("La catégorie est en service."),
        gettext("La catégorie n’est plus proposée. Ses contributions restent en ligne."),
        ".categories",
    )


@blueprint.post("/administration/categories/<int:category_id>/move")
@administrators
@write_limit
def reorder_category(category_id: int) -> Response:
    """Move a category up or down."""
    row = get_category(db.session(), category_id)
    url = url_for(".categories", _anchor=f"category-{row.id}")
    return _reorder(row, taxonomy.move_category, url)


@blueprint.post("/administration/categories/<int:category_id>/delete")
@administrators
@write_limit
def remove_category(category_id: int) -> Response:
    """Delete a category that was never used."""
    session = db.session()
    row = get_category(session, category_id)
    return _done(
        lambda: taxonomy.delete_category(session, row, actor=current_actor()),
        gettext("La catégorie est supprimée."),
        url_for(".categories"),
    )


# ------------------------------------------------------------------------------------- questions


@blueprint.route(
    "/administration/categories/<int:category_id>/questions/new", methods=["GET", "POST"]
)
@administrators
@write_limit
def new_question(category_id: int) -> Answer:
    """Ask one more question."""
    session = db.session()
    category = get_category(session, category_id)
    form = QuestionForm(data={"version": category.version, "answer_type": "string"})
    form.offer()

    def store() -> str:
        questions.create_question(
            session,
            category,
            form.given(questions.QUESTION_FIELDS),
            version=form.seen_version,
            actor=current_actor(),
        )
        return _questions_url(category)

    return versioned_answer(
        form,
        category,
        store,
        _page("question", form, category=category, question=None),
        gettext("La question est ajoutée."),
        dict,
    )


@blueprint.route("/administration/questions/<int:question_id>", methods=["GET", "POST"])
@administrators
@write_limit
def edit_question(question_id: int) -> Answer:
    """Change a question."""
    session = db.session()
    question = queries.get_question(session, question_id)
    category = question.category
    shown = questions.question_snapshot(question) | {"choices": question.choices}
    form = QuestionForm(data=shown | {"version": category.version})
    form.offer()

    def store() -> str:
        questions.edit_question(
            session,
            question,
            form.given(questions.QUESTION_FIELDS),
            version=form.seen_version,
            actor=current_actor(),
        )
        return _questions_url(category)

    def stored() -> dict[str, object]:
        now = dict(questions.question_snapshot(question))
        names = [row.form.name.data for row in form.choices if row.form.name.data]
        if now["choices"] == names:
            del now["choices"]
        return now

    return versioned_answer(
        form,
        category,
        store,
        _page("question", form, category=category, question=question),
        gettext("La question est enregistrée."),
        stored,
    )


@blueprint.post("/administration/questions/<int:question_id>/move")
@administrators
@write_limit
def reorder_question(question_id: int) -> Response:
    """Move a question up or down."""
    question = queries.get_question(db.session(), question_id)
    return _reorder(question, questions.move_question, _questions_url(question.category))


@blueprint.post("/administration/questions/<int:question_id>/delete")
@administrators
@write_limit
def remove_question(question_id: int) -> Response:
    """Stop asking a question."""
    session = db.session()
    question: CategoryQuestion = queries.get_question(session, question_id)
    url = _questions_url(question.category)
    return _done(
        lambda: questions.delete_question(session, question, actor=current_actor()),
        gettext("La question n’est plus posée. Les réponses déjà données restent lisibles."),
        url,
    )


# ---------------------------------------------------------------------------------------- shared


def _page(template: str, form: Form, **context: Any) -> Page:
    """Return what draws a form of this page; ``others`` is what somebody else stored meanwhile."""
    return lambda others: render_template(
        f"administration/{template}.html", form=form, others=others, **context
    )


def _switch(row: Row, act: Callable[..., None], on: str, off: str, endpoint: str) -> Response:
    """Put something into service or out of it, as the button says."""
    active = request.form.get("active") == "1"
    return _done(
        lambda: act(db.session(), row, active=active, actor=current_actor()),
        on if active else off,
        url_for(endpoint),
    )


def _reorder(row: Row, act: Callable[..., None], url: str) -> Response:
    """Move something up or down, as the button says."""
    up = request.form.get("to") == "up"
    return _done(lambda: act(db.session(), row, up=up, actor=current_actor()), "", url)


def _done(work: Callable[[], None], message: str, url: str) -> Response:
    """Do what a button asks for and go back, or say why not."""
    try:
        work()
    except Conflict as error:
        db.session.rollback()
        flash(gettext(error.message, **error.values), "danger")
    else:
        db.session.commit()
        if message:
            flash(message, "success")
    return redirect(url, 303)


def _questions_url(category: Category) -> str:
    return url_for(".edit_category", category_id=category.id, _anchor="questions")


def _department_choices(current: Department | None = None) -> list[tuple[int, str]]:
    """Return the departments in service, and the one that is set although it is not."""
    found = list_departments(db.session())
    if current is not None and not current.is_active:
        found.append(current)
    return [(department.id, department.name) for department in found]


def _chosen_department(form: CategoryForm) -> Department | None:
    return db.session().get(Department, form.department.data) if form.department.data else None
