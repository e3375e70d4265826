# ruff: noqa: D103 (a scene is described by its name)
"""Draw the photos of the demo town: scenes of our own, so that no photo of anybody is needed.

    python tools/draw_demo_photos.py

Writes civic/demo/data/photos/*.jpg, 25 kB each at most. Seeded: the same script, the same pictures.
"""

import io
from collections.abc import Callable
from pathlib import Path

from demo_scene import BRAND, BRICK, DUSK, LEAF, LEAF_2, SUN, Scene, street_scene
from PIL import Image

OUT = Path(__file__).parent.parent / "civic" / "demo" / "data" / "photos"
MOST_BYTES = 25_000
SCENES: dict[str, Callable[[], Scene]] = {}


def scene(draw: Callable[[], Scene]) -> Callable[[], Scene]:
    """Register a scene under the name of its function."""
    SCENES[draw.__name__] = draw
    return draw


@scene
def lamp_out() -> Scene:
    s = street_scene(3, DUSK, lit=0.35)
    s.lamp(820, 560, lit=True)
    s.lamp(330, 600, lit=False)
    s.person(620, 590, "#8a4a58")
    return s


@scene
def lamp_mended() -> Scene:
    s = street_scene(3, DUSK, lit=0.35)
    s.lamp(820, 560, lit=True)
    s.glow(330, 585, 190, "#e8c58a", 90)
    s.lamp(330, 600, lit=True)
    return s


@scene
def mattress() -> Scene:
    s = street_scene(11)
    s.ellipse(480, 604, 220, 16, "#bdb5a5")
    s.poly([(308, 372), (640, 352), (672, 592), (332, 606)], "#c5bdd3")
    s.poly([(292, 366), (624, 346), (652, 590), (312, 604)], "#f0ebf5")
    for i in range(6):
        x = 324 + i * 54
        s.line([(x, 368 - i * 3), (x + 18, 598 - i * 2)], "#b9cbe0", 9)
    s.poly([(566, 560), (730, 546), (760, 604), (560, 612)], "#9c7a5a")
    s.poly([(566, 560), (730, 546), (736, 558), (570, 574)], "#b8946f")
    return s


@scene
def pavement_clear() -> Scene:
    s = street_scene(11)
    s.tree(760, 580, 0.9)
    s.person(330, 590, BRAND)
    return s


@scene
def boxes() -> Scene:
    s = street_scene(17)
    s.ellipse(480, 600, 260, 18, "#bdb5a5")
    for x, y, w, h, tone in (
        (300, 500, 150, 100, "#c89b63"),
        (430, 470, 170, 130, "#b98a52"),
        (350, 420, 120, 84, "#d4aa74"),
        (600, 530, 110, 70, "#c89b63"),
    ):
        s.rect(x, y, w, h, tone)
        s.rect(x + w / 2 - 8, y, 16, h, "#e2c79c")
        s.rect(x, y, w, 6, "#a87943")
    for x in (270, 700, 640):
        s.ellipse(x, 580, 46, 40, "#4a5258")
        s.poly([(x - 10, 546), (x + 10, 546), (x, 524)], "#4a5258")
    return s


@scene
def bin_full() -> Scene:
    s = street_scene(23)
    s.bin(470, 590)
    for x, y, tone in (
        (440, 436, BRICK),
        (480, 424, SUN),
        (505, 440, "#e9eef0"),
        (460, 420, "#6ea57b"),
    ):
        s.rect(x - 16, y - 12, 34, 34, tone, 6)
    for x, y, tone in (
        (360, 600, "#e9eef0"),
        (560, 604, SUN),
        (600, 586, "#c89b63"),
        (400, 584, BRICK),
    ):
        s.rect(x, y - 14, 38, 18, tone, 5)
    s.ellipse(640, 590, 50, 36, "#4a5258")
    return s


@scene
def bin_emptied() -> Scene:
    s = street_scene(23)
    s.bin(470, 590)
    s.tree(180, 570, 0.8)
    return s


@scene
def pothole() -> Scene:
    s = street_scene(31)
    s.rect(0, 560, 960, 12, s.palette["kerb"])
    s.rect(0, 572, 960, 150, s.palette["road"])
    s.poly([(330, 640), (420, 606), (560, 604), (650, 634), (610, 684), (440, 700)], "#6b6f70")
    s.poly([(356, 644), (430, 618), (550, 618), (620, 640), (586, 674), (446, 684)], "#4c4f50")
    s.ellipse(500, 656, 70, 16, "#9db5c2")
    for x, y in ((310, 690), (680, 660), (660, 610), (350, 612)):
        s.ellipse(x, y, 12, 8, "#5c6061")
    return s


@scene
def road_mended() -> Scene:
    s = street_scene(31)
    s.rect(0, 560, 960, 12, s.palette["kerb"])
    s.rect(0, 572, 960, 150, s.palette["road"])
    s.poly([(300, 620), (680, 600), (720, 690), (320, 706)], "#666d72")
    for x in (40, 800):
        s.rect(x, 640, 110, 14, "#f1eee6")
    return s


@scene
def tagged_wall() -> Scene:
    s = Scene(41)
    s.wall()
    s.street()
    s.rect(700, 190, 150, 310, "#4d6a7a")
    s.rect(716, 206, 118, 294, "#5d7d8e")
    zigzag = [(110, 330), (160, 220), (200, 340), (250, 210), (290, 330), (340, 240)]
    s.line(zigzag, "#703b79", 26)
    s.line([(330, 340), (420, 220), (470, 330), (400, 300)], "#703b79", 26)
    s.line([(500, 230), (500, 340), (580, 330), (600, 240), (520, 228)], BRICK, 22)
    s.line([(90, 380), (330, 368), (620, 384)], BRICK, 12)
    for x in (170, 320, 540):
        s.line([(x, 384), (x, 424)], BRICK, 5)
    return s


@scene
def wall_cleaned() -> Scene:
    s = Scene(41)
    s.wall()
    s.street()
    s.rect(700, 190, 150, 310, "#4d6a7a")
    s.rect(716, 206, 118, 294, "#5d7d8e")
    s.rect(80, 180, 560, 240, "#f3e7d3", 18)
    return s


@scene
def bench_broken() -> Scene:
    s = street_scene(47)
    s.tree(170, 580)
    s.tree(850, 580, 0.9)
    s.bench(350, 590, broken=True)
    return s


@scene
def bench_mended() -> Scene:
    s = street_scene(47)
    s.tree(170, 580)
    s.tree(850, 580, 0.9)
    s.bench(350, 590)
    s.person(420, 572, "#703b79", 0.9)
    return s


@scene
def bollard_bent() -> Scene:
    s = street_scene(53)
    for x in (120, 290, 680, 850):
        s.rect(x - 9, 480, 18, 130, "#3f4a45", 8)
        s.ellipse(x, 478, 13, 13, "#3f4a45")
    s.line([(470, 608), (500, 560), (590, 528)], "#3f4a45", 18)
    s.ellipse(598, 524, 14, 14, "#3f4a45")
    s.ellipse(474, 610, 40, 8, "#a39b8b")
    return s


@scene
def sign_leaning() -> Scene:
    s = street_scene(59)
    s.line([(440, 600), (560, 250)], "#9aa3a8", 13)
    s.poly([(500, 190), (660, 246), (540, 350)], BRICK)
    s.poly([(526, 212), (632, 250), (552, 318)], "#fbf8f1")
    s.line([(578, 240), (566, 272)], "#22282d", 12)
    s.ellipse(560, 292, 7, 7, "#22282d")
    s.ellipse(440, 602, 34, 8, "#bdb5a5")
    return s


@scene
def scooters() -> Scene:
    s = street_scene(61)
    for x, y, tilt, tone in (
        (300, 590, 0, "#17633f"),
        (450, 600, 24, SUN),
        (620, 586, -18, "#145a83"),
    ):
        s.ellipse(x, y, 24, 24, "#3b444b")
        s.ellipse(x + 150, y, 24, 24, "#3b444b")
        s.line([(x, y), (x + 140, y - 6), (x + 150, y)], tone, 12)
        s.line([(x + 148, y - 6), (x + 128 + tilt, y - 170)], tone, 9)
        s.line([(x + 96 + tilt, y - 172), (x + 160 + tilt, y - 166)], "#3b444b", 9)
    s.person(850, 560, "#8a4a58", 0.9)
    return s


@scene
def water_leak() -> Scene:
    s = street_scene(67)
    s.rect(430, 520, 90, 90, "#4d6a5c", 8)
    s.rect(420, 512, 110, 16, "#3f5a4d", 6)
    s.ellipse(490, 650, 330, 44, "#a9c6d6")
    s.ellipse(470, 646, 250, 28, "#c5dbe6")
    s.line([(520, 570), (590, 600), (620, 650)], "#c5dbe6", 14)
    for x in (560, 610, 660):
        s.ellipse(x, 612, 6, 9, "#c5dbe6")
    return s


@scene
def tree_pit() -> Scene:
    s = street_scene(71)
    s.rect(360, 570, 250, 40, "#8a6f58", 6)
    s.tree(485, 592, 1.35)
    for x in (376, 410, 450, 530, 566, 596):
        s.line([(x, 604), (x - 8, 568)], LEAF_2, 5)
        s.line([(x, 604), (x + 10, 574)], LEAF, 5)
    s.rect(540, 588, 36, 16, "#e9eef0", 4)
    return s


@scene
def cycle_lane() -> Scene:
    s = street_scene(73)
    s.rect(0, 590, 960, 60, "#5b9a72")
    s.rect(0, 586, 960, 6, "#f1eee6")
    s.rect(0, 648, 960, 6, "#f1eee6")
    for x, coat in ((300, BRAND), (660, BRICK)):
        s.line([(x - 46, 620), (x - 10, 574), (x + 34, 574), (x + 48, 620)], "#3b444b", 6)
        s.line([(x - 10, 574), (x + 4, 618), (x + 34, 574)], "#3b444b", 6)
        for wheel in (-46, 48):
            s.ellipse(x + wheel, 620, 28, 28, "#3b444b")
            s.ellipse(x + wheel, 620, 21, 21, "#5b9a72")
        s.line([(x - 8, 566), (x + 6, 516), (x + 34, 560)], coat, 20)
        s.ellipse(x + 12, 492, 15, 16, "#d9a583")
    s.tree(110, 560, 0.8)
    return s


@scene
def planted_square() -> Scene:
    s = Scene(79)
    s.sky()
    s.facades(lowest=240, highest=330)
    s.park()
    for x, size in ((120, 1.1), (300, 0.8), (690, 0.85), (860, 1.15)):
        s.tree(x, 560, size)
    for x, tone in ((90, BRICK), (190, SUN), (740, "#b573bd"), (840, BRICK), (910, SUN)):
        s.bush(x, 640, 1.1, flowers=tone)
    s.bench(400, 600)
    return s


@scene
def playground() -> Scene:
    s = Scene(83)
    s.sky()
    s.facades(lowest=220, highest=300)
    s.rect(0, 480, 960, 240, "#e3b27a")
    s.ellipse(500, 640, 420, 90, "#d89f63")
    s.rect(250, 330, 20, 260, BRAND, 6)
    s.rect(400, 330, 20, 260, BRAND, 6)
    s.rect(236, 420, 200, 18, SUN, 6)
    s.poly([(225, 334), (335, 250), (446, 334)], BRICK)
    s.poly([(420, 426), (456, 426), (640, 600), (590, 600)], SUN)
    for x in (690, 880):
        s.line([(x, 400), (x - 34, 610)], "#4d8860", 13)
        s.line([(x, 400), (x + 34, 610)], "#4d8860", 13)
    s.line([(690, 402), (880, 402)], "#4d8860", 13)
    for x in (750, 820):
        s.line([(x, 404), (x, 540)], "#3b444b", 4)
        s.rect(x - 24, 540, 48, 10, BRICK, 4)
    s.tree(110, 560, 1.1)
    return s


@scene
def shared_garden() -> Scene:
    s = Scene(89)
    s.sky()
    s.facades(lowest=250, highest=340)
    s.park()
    for row in range(3):
        for column in range(4):
            x, y = 60 + column * 226 + row * 10, 520 + row * 66
            s.rect(x, y, 180, 44, "#9b6b45", 5)
            s.rect(x + 8, y + 6, 164, 20, "#5c4433", 4)
            for plant in range(5):
                tone = (LEAF, LEAF_2, BRICK, SUN, "#b573bd")[(row + column + plant) % 5]
                s.ellipse(x + 24 + plant * 33, y + 4, 15, 13, tone)
    s.rect(700, 340, 170, 150, "#b98a52")
    s.poly([(680, 344), (785, 276), (890, 344)], "#7d4633")
    s.person(600, 540, "#145a83", 0.9)
    return s


@scene
def book_box() -> Scene:
    s = street_scene(97)
    s.tree(190, 580)
    s.rect(440, 440, 26, 160, "#7a5a45", 4)
    s.rect(360, 270, 190, 180, BRAND, 10)
    s.poly([(340, 276), (455, 206), (570, 276)], "#073c65")
    s.rect(378, 292, 154, 140, "#f2e8d8", 6)
    for shelf in (292, 366):
        for i, tone in enumerate((BRICK, SUN, LEAF_2, "#703b79", "#145a83", BRICK, "#17633f")):
            s.rect(384 + i * 20, shelf + 12 + (i % 3) * 5, 15, 52 - (i % 3) * 5, tone, 2)
        s.rect(378, shelf + 64, 154, 8, "#7a5a45")
    s.person(660, 596, "#9c3419")
    return s


@scene
def fountain() -> Scene:
    s = Scene(101)
    s.sky()
    s.facades(lowest=250, highest=340)
    s.street(road=False)
    s.ellipse(480, 630, 250, 56, "#c4bba9")
    s.ellipse(480, 614, 232, 44, "#d9d2c4")
    s.ellipse(480, 610, 206, 34, "#9fc3d6")
    s.rect(450, 420, 60, 190, "#cfc6b4", 10)
    s.ellipse(480, 420, 110, 24, "#cfc6b4")
    s.ellipse(480, 414, 92, 15, "#b7d4e2")
    for dx in (-84, -50, 50, 84):
        s.line([(480 + dx * 0.9, 418), (480 + dx * 1.5, 500), (480 + dx * 1.7, 604)], "#d5e8f1", 6)
    s.tree(120, 560, 0.9)
    s.tree(850, 560, 0.9)
    return s


@scene
def school_yard() -> Scene:
    s = Scene(103)
    s.sky()
    s.rect(60, 170, 840, 330, "#f2e8d8")
    s.poly([(40, 176), (110, 96), (850, 96), (920, 176)], "#c96a48")
    for x in range(110, 860, 110):
        for y in (215, 345):
            s.rect(x, y, 70, 84, "#9fb6c3", 3)
            s.rect(x + 33, y, 4, 84, "#fbf8f1")
    s.rect(430, 380, 100, 120, BRAND, 4)
    s.rect(0, 500, 960, 220, "#e3cfa8")
    s.ellipse(200, 620, 190, 60, "#8dbb8f")
    s.ellipse(790, 630, 180, 60, "#8dbb8f")
    s.tree(200, 620, 1.1)
    s.tree(800, 630, 1.0)
    for x, y, coat in ((420, 610, BRICK), (500, 640, SUN), (590, 600, "#145a83")):
        s.person(x, y, coat, 0.75)
    return s


@scene
def green_wall() -> Scene:
    s = Scene(107)
    s.wall("#e6d9c4")
    s.street()
    for _ in range(240):
        x, y = s.random.gauss(430, 150), s.random.uniform(40, 470)
        tone = s.random.choice((LEAF, LEAF_2, "#85b890", "#3f6f50", LEAF, LEAF_2))
        s.ellipse(x, y, s.random.uniform(22, 44), s.random.uniform(18, 34), tone)
    for _ in range(26):
        x, y = s.random.gauss(430, 130), s.random.uniform(60, 450)
        s.ellipse(x, y, 7, 7, s.random.choice((SUN, BRICK, "#f3e5f5")))
    s.rect(760, 200, 130, 300, "#17633f", 4)
    s.bench(330, 590)
    return s


@scene
def sports_ground() -> Scene:
    s = Scene(109)
    s.sky()
    s.facades(lowest=220, highest=300)
    s.rect(0, 480, 960, 240, "#c9744f")
    s.poly([(200, 500), (760, 500), (940, 700), (20, 700)], "#4f86a8")
    s.line([(200, 500), (760, 500), (940, 700), (20, 700), (200, 500)], "#f1eee6", 5)
    s.line([(480, 500), (480, 700)], "#f1eee6", 5)
    for x in (130, 830):
        s.rect(x - 6, 330, 12, 230, "#3b444b", 3)
        s.rect(x - 56, 300, 112, 70, "#f1eee6", 4)
        s.line([(x - 22, 374), (x + 22, 374)], BRICK, 7)
    for x, y, coat in ((380, 600, SUN), (560, 640, BRICK)):
        s.person(x, y, coat)
    s.ellipse(470, 480, 15, 15, "#e07b39")
    return s


@scene
def works() -> Scene:
    s = street_scene(113)
    s.poly([(250, 640), (720, 620), (780, 700), (220, 710)], "#6a5a4a")
    for x in (190, 480, 760):
        s.poly([(x - 34, 640), (x + 34, 640), (x + 9, 540), (x - 9, 540)], "#e0672f")
        s.poly([(x - 22, 606), (x + 22, 606), (x + 16, 580), (x - 16, 580)], "#fbf8f1")
        s.rect(x - 46, 638, 92, 12, "#b94f20", 4)
    for x in range(250, 720, 94):
        s.rect(x, 480, 94, 40, "#fbf8f1" if (x // 94) % 2 else BRICK)
    s.rect(250, 520, 10, 90, "#8a9298")
    s.rect(710, 520, 10, 90, "#8a9298")
    s.person(600, 610, "#e0a93a")
    return s


def encoded(image: Image.Image) -> bytes:
    """Return the picture as a JPEG below the limit."""
    for quality in range(86, 30, -4):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()


def main() -> None:
    """Draw all scenes."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name, draw in SCENES.items():
        data = encoded(draw().finished())
        (OUT / f"{name}.jpg").write_bytes(data)
        print(f"{len(data):>7}  {name}")


if __name__ == "__main__":
    main()
