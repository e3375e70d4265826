"""Who hears only a page's title knows which page it is."""

import re
from collections import defaultdict
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.pages import PAGES
from tests.e2e.population import Known
from tests.e2e.watching import Visit


def test_every_page_has_a_title_of_its_own(visit: Visit, known: Known) -> None:
    titles: dict[str, set[str]] = defaultdict(set)
    for who, paths in PAGES.items():
        page: Any = visit(who)
        for path in paths.split():
            answer = page.request.get(path.format(**known.paths))
            [title] = re.findall(r"<title>(.*?)</title>", answer.text(), re.DOTALL)
            place = urlsplit(answer.url).path
            # The queue shows the first item that waits, which has an address of its own.
            if place != "/moderation":
                titles[unescape(title.strip())].add(place)
    assert len(titles) > 90
    twice = [f"{title}: {paths}" for title, paths in titles.items() if len(paths) > 1]
    assert not twice, "\n".join(twice)
