"""A text says by its letters alone which script it is in."""

import pytest

from civic.text.scripts import tag_of_script

TEXTS = {
    "und-Arab": "مصباح الشارع مكسور منذ أسبوع",
    "und-Cyrl": "Фонарь на улице не горит неделю",
    "und-Hebr": "הפנס ברחוב כבוי כבר שבוע",
    "zh": "路灯坏了已经一个星期了没有人来修",
    "ja": "街灯が一週間前から壊れています",
    "ko": "가로등이 일주일째 꺼져 있어요",
    "el": "Η λάμπα του δρόμου έσβησε πριν μια εβδομάδα",
}


@pytest.mark.parametrize(("tag", "text"), TEXTS.items())
def test_a_script_has_a_tag(tag: str, text: str) -> None:
    assert tag_of_script(text) == tag
    assert tag_of_script(f"{text}, rue 3") == tag


@pytest.mark.parametrize(
    "text", ["", "😀😀", "12 – 3 €", "L’œuvre « abîmée »", "Đường phố hỏng", "Une rue (道)"]
)
def test_latin_letters_say_nothing(text: str) -> None:
    assert tag_of_script(text) == ""
