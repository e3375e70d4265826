"""The steps of a map in colours: from the lowest to the highest, whatever the figures are."""

from hypothesis import given
from hypothesis import strategies as st

from civic.areas.heat import STEPS, Scale

FIGURES = st.dictionaries(
    st.text(min_size=1), st.none() | st.floats(0, 1e6, allow_nan=False), min_size=1
)


@given(FIGURES)
def test_higher_figures_have_higher_steps(figures: dict[str, float | None]) -> None:
    scale = Scale.of(figures)
    known = sorted(
        (value, scale.step(key)) for key, value in scale.values.items() if value is not None
    )
    assert [step for _, step in known] == sorted(step for _, step in known)
    assert all(1 <= step <= STEPS for _, step in known)
    assert not known or known[-1][1] == STEPS
    assert all(scale.step(key) == 0 for key, value in figures.items() if value is None)


@given(FIGURES)
def test_the_legend_names_every_step_that_is_used(figures: dict[str, float | None]) -> None:
    scale = Scale.of(figures)
    used = {scale.step(key) for key in figures} - {0}
    assert used == {step for step, _ in scale.legend()}
