"""A flat drawing of a street: what tools/draw_demo_photos.py makes its scenes of."""

import random
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 720
FINE = 2  # drawn twice as large, so that edges come out smooth
GROUND = 500  # where façades meet the pavement
KERB = 610  # where the pavement ends

DAY = {
    "sky": "#e9eef0",
    "sky_low": "#f6efe2",
    "wall": ("#fbf8f1", "#f2e8d8", "#eadcc6", "#f5e3d3"),
    "shade": "#e0d6c3",
    "window": "#9fb6c3",
    "shutter": ("#1b4f7a", "#4d8860", "#8a6a4a"),
    "roof": ("#6f7d88", "#7d8a93", "#c96a48"),
    "pavement": "#d9d2c4",
    "joint": "#c7bfae",
    "kerb": "#b3ab9b",
    "road": "#858c91",
    "line": "#3b444b",
}
DUSK = {
    "sky": "#39496b",
    "sky_low": "#c98a74",
    "wall": ("#6b6680", "#625d77", "#77708a", "#5d5870"),
    "shade": "#4f4a63",
    "window": "#3c405a",
    "shutter": ("#3a4566", "#3f5560", "#5a5068"),
    "roof": ("#3d4258", "#454a60", "#6b4a52"),
    "pavement": "#6f6a78",
    "joint": "#625d6b",
    "kerb": "#55505e",
    "road": "#44464f",
    "line": "#23252e",
}
LEAF, LEAF_2, TRUNK = "#6ea57b", "#4d8860", "#7a5a45"
SUN, BRICK, BRAND = "#f6b93b", "#bc4327", "#1b4f7a"
Point = tuple[float, float]


class Scene:
    """One picture, in a day or a dusk palette; coordinates are of 960 × 720."""

    def __init__(self, seed: int, palette: dict[str, Any] = DAY) -> None:
        self.random = random.Random(seed)  # noqa: S311 (a drawing, not a secret)
        self.palette = palette
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), palette["sky"])
        self.draw = ImageDraw.Draw(self.image)

    # ------------------------------------------------------------------ strokes

    def rect(self, x: float, y: float, w: float, h: float, fill: str, radius: float = 0) -> None:
        """A rectangle from its upper left corner."""
        box = [x * FINE, y * FINE, (x + w) * FINE, (y + h) * FINE]
        self.draw.rounded_rectangle(box, radius * FINE, fill=fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        """An ellipse around its centre."""
        box = [(x - rx) * FINE, (y - ry) * FINE, (x + rx) * FINE, (y + ry) * FINE]
        self.draw.ellipse(box, fill=fill)

    def poly(self, points: Sequence[Point], fill: str) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: str, width: float = 4) -> None:
        """A line with round joints and ends."""
        fine = [(x * FINE, y * FINE) for x, y in points]
        self.draw.line(fine, fill=fill, width=round(width * FINE), joint="curve")
        for x, y in points[:1] + points[-1:] if isinstance(points, list) else ():
            self.ellipse(x, y, width / 2, width / 2, fill)

    def glow(self, x: float, y: float, radius: float, colour: str, strength: int = 150) -> None:
        """Light around a lamp."""
        mask = Image.new("L", self.image.size, 0)
        box = [(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE]
        ImageDraw.Draw(mask).ellipse(box, fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(radius * FINE / 2.2))
        self.image.paste(Image.new("RGB", self.image.size, colour), mask=mask)
        self.draw = ImageDraw.Draw(self.image)

    # ------------------------------------------------------------------ parts of a street

    def sky(self) -> None:
        """A sky that is paler above the roofs."""
        top = Image.new("RGB", (1, 2), self.palette["sky"])
        top.putpixel((0, 1), tuple(int(self.palette["sky_low"][i : i + 2], 16) for i in (1, 3, 5)))
        size = (WIDTH * FINE, GROUND * FINE)
        self.image.paste(top.resize(size, Image.Resampling.BICUBIC), (0, 0))

    def facades(self, *, lowest: int = 260, highest: int = 380, lit: float = 0.0) -> None:
        """A row of houses with mansard roofs, windows, balconies and shops."""
        x = -30.0
        while x < WIDTH:
            width = self.random.randint(170, 260)
            self._house(x, width, self.random.randint(lowest, highest), lit)
            x += width

    def _house(self, x: float, width: float, height: float, lit: float) -> None:
        palette = self.palette
        wall, shutter = self.random.choice(palette["wall"]), self.random.choice(palette["shutter"])
        top = GROUND - height
        roof = self.random.choice(palette["roof"])
        slope = [(x, top), (x + 16, top - 62), (x + width - 16, top - 62), (x + width, top)]
        self.poly(slope, roof)
        self.rect(x + width * 0.7, top - 92, 22, 60, palette["shade"])
        self.rect(x, top, width, height, wall)
        self.rect(x, top, width, 7, palette["shade"])
        self.rect(x + width - 5, top, 5, height, palette["shade"])
        columns = max(2, int(width // 72))
        step = width / columns
        for column in range(columns):
            middle = x + step * (column + 0.5)
            self._window(middle, top - 44, 20, 30, shutter, lit, framed=True)
            for level in range(int((height - 110) // 82)):
                self._window(middle, top + 28 + level * 82, 24, 48, shutter, lit)
        for level in range(int((height - 110) // 82)):
            if level % 2 == 0:
                self.rect(x + 8, top + 78 + level * 82, width - 16, 4, palette["line"])
        self._shop(x, width)

    def _window(
        self,
        middle: float,
        y: float,
        width: float,
        height: float,
        shutter: str,
        lit: float,
        *,
        framed: bool = False,
    ) -> None:
        glass = "#f7d488" if self.random.random() < lit else self.palette["window"]
        if framed:
            frame = self.palette["wall"][0]
            self.rect(middle - width / 2 - 4, y - 4, width + 8, height + 6, frame)
        else:
            self.rect(middle - width / 2 - 9, y, 8, height, shutter)
            self.rect(middle + width / 2 + 1, y, 8, height, shutter)
        self.rect(middle - width / 2, y, width, height, glass)
        self.rect(middle - 1, y, 2, height, self.palette["wall"][0])

    def _shop(self, x: float, width: float) -> None:
        front = self.random.choice(("#1b4f7a", "#703b79", "#17633f", "#9c3419", "#53595e"))
        if self.palette is DUSK:
            front = self.random.choice(("#2b3350", "#3b3150", "#2f4148", "#4a3038"))
        self.rect(x + 10, GROUND - 96, width - 20, 96, front)
        self.rect(x + 22, GROUND - 66, width * 0.52, 50, self.palette["window"])
        self.rect(x + width - 62, GROUND - 70, 38, 70, self.palette["shade"])

    def wall(self, colour: str = "#eadcc6") -> None:
        """One blank wall from side to side, with a plinth."""
        self.rect(0, 0, WIDTH, GROUND, colour)
        for row in range(11):
            shift = 60 if row % 2 else 0
            for column in range(-1, 9):
                x, y = column * 120 + shift, row * 44
                tone = self.random.choice(("#e6d7bf", "#eedfc9", colour, colour))
                self.rect(x + 2, y + 2, 116, 40, tone, 3)
        self.rect(0, GROUND - 60, WIDTH, 60, "#cdbfa8")

    def street(self, *, road: bool = True) -> None:
        """Pavement with its joints, kerb and road."""
        palette = self.palette
        self.rect(0, GROUND, WIDTH, HEIGHT - GROUND, palette["pavement"])
        for x in range(-400, WIDTH + 500, 96):
            bottom = 480 + (x - 480) * 1.45
            self.line([(x, GROUND), (bottom, HEIGHT)], palette["joint"], 2)
        for y in (530, 566):
            self.line([(0, y), (WIDTH, y)], palette["joint"], 2)
        if road:
            self.rect(0, KERB, WIDTH, 12, palette["kerb"])
            self.rect(0, KERB + 12, WIDTH, HEIGHT - KERB, palette["road"])

    def park(self) -> None:
        """Lawn with a path instead of a street."""
        self.rect(0, GROUND - 20, WIDTH, HEIGHT, "#8dbb8f")
        path = [(380, GROUND - 20), (560, GROUND - 20), (860, HEIGHT), (140, HEIGHT)]
        self.poly(path, "#e8dcc2")

    def tree(self, x: float, y: float, size: float = 1.0) -> None:
        """A round tree whose foot is at (x, y)."""
        self.ellipse(x, y, 46 * size, 9 * size, _darker(self.palette["pavement"]))
        self.rect(x - 7 * size, y - 120 * size, 14 * size, 120 * size, TRUNK, 4)
        for dx, dy, radius, colour in (
            (-38, -140, 52, LEAF_2),
            (36, -146, 56, LEAF_2),
            (0, -190, 66, LEAF),
            (-20, -150, 50, LEAF),
            (28, -176, 42, "#85b890"),
        ):
            self.ellipse(x + dx * size, y + dy * size, radius * size, radius * size, colour)

    def bush(self, x: float, y: float, size: float = 1.0, *, flowers: str = "") -> None:
        """A low plant, in flower where a colour is given."""
        for dx, dy, radius, colour in (
            (-24, 0, 26, LEAF_2),
            (22, 2, 24, LEAF_2),
            (0, -14, 30, LEAF),
        ):
            self.ellipse(x + dx * size, y + dy * size, radius * size, radius * size * 0.8, colour)
        for dx, dy in ((-22, -8), (-4, -26), (14, -14), (26, 2), (-12, 4)) if flowers else ():
            self.ellipse(x + dx * size, y + dy * size, 5 * size, 5 * size, flowers)

    def lamp(self, x: float, y: float, *, lit: bool) -> None:
        """A street lamp whose foot is at (x, y)."""
        iron = "#2c4a40" if self.palette is DAY else "#20303a"
        if lit:
            self.glow(x, y - 330, 150, "#ffd98a")
        self.rect(x - 12, y - 26, 24, 26, iron, 4)
        self.rect(x - 5, y - 300, 10, 290, iron)
        self.poly(
            [(x - 24, y - 350), (x + 24, y - 350), (x + 14, y - 300), (x - 14, y - 300)],
            "#ffe7a8" if lit else "#8b95a0",
        )
        self.poly([(x - 30, y - 350), (x + 30, y - 350), (x, y - 378)], iron)

    def bench(self, x: float, y: float, *, broken: bool = False) -> None:
        """A double bench; broken, a plank hangs and one is missing."""
        wood, iron = "#6d8f5f", "#2c4a40"
        self.ellipse(x + 130, y + 8, 160, 12, _darker(self.palette["pavement"]))
        for foot in (20, 225):
            self.rect(x + foot, y - 96, 12, 100, iron, 3)
        for index, top in enumerate((-96, -74, -46, -30)):
            if broken and index == 1:
                self.poly(
                    [(x, y - 72), (x + 120, y - 30), (x + 116, y - 18), (x - 4, y - 60)], wood
                )
            elif not (broken and index == 3):
                self.rect(x - 6, y + top, 270, 14, wood, 4)

    def bin(self, x: float, y: float) -> None:
        """A ring with a clear bag, as they stand in Paris."""
        self.ellipse(x, y + 2, 44, 9, _darker(self.palette["pavement"]))
        self.rect(x - 5, y - 190, 10, 190, "#2c4a40", 3)
        bag = [(x - 40, y - 150), (x + 40, y - 150), (x + 30, y - 22), (x - 30, y - 22)]
        self.poly(bag, "#c9dccf")
        self.line([(x - 42, y - 150), (x + 42, y - 150)], "#2c4a40", 9)

    def person(self, x: float, y: float, coat: str, size: float = 1.0) -> None:
        """Somebody seen from afar."""
        self.ellipse(x, y, 24 * size, 6 * size, _darker(self.palette["pavement"]))
        self.rect(x - 11 * size, y - 52 * size, 9 * size, 52 * size, "#3b444b", 4)
        self.rect(x + 2 * size, y - 52 * size, 9 * size, 52 * size, "#3b444b", 4)
        self.rect(x - 17 * size, y - 112 * size, 34 * size, 66 * size, coat, 12 * size)
        self.ellipse(x, y - 126 * size, 14 * size, 15 * size, "#d9a583")

    def finished(self) -> Image.Image:
        """The picture as it is kept: 720 × 540."""
        return self.image.resize((720, 540), Image.Resampling.LANCZOS)


def _darker(colour: str, share: float = 0.86) -> str:
    parts = (int(int(colour[i : i + 2], 16) * share) for i in (1, 3, 5))
    return "#" + "".join(f"{part:02x}" for part in parts)


def street_scene(seed: int, palette: dict[str, Any] = DAY, lit: float = 0.0) -> Scene:
    """A street as most scenes begin."""
    scene = Scene(seed, palette)
    scene.sky()
    scene.facades(lit=lit)
    scene.street()
    return scene
