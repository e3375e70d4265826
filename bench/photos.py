"""What a hundred forms full of hostile photos cost a served town: memory, and how long others wait.

    python -m bench.photos DATA_DIR      (the demo town, for example)

Memory is the proportional share (PSS) of the server, its children and the decoder, summed.
"""

import http.client
import re
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.memory import shares
from bench.serving import civic_server
from tests.photos import bomb, jpeg_of_scans, telephone

FORMS, AT_ONCE = 100, 8
_BOUNDARY = "photo-bench"


def main() -> None:
    """Measure, and print one line for each kind of photo."""
    data_dir = Path(sys.argv[1])
    kinds: dict[str, Callable[[], bytes]] = {
        "black PNG of 7700 × 7700 (refused by its header)": bomb,
        "black PNG of 4990 × 4990 (decoded)": lambda: bomb(4990),
        "JPEG of 20,000 scans": jpeg_of_scans,
        "HEIC of 48 megapixels": lambda: telephone(8064, 6048, "HEIF", quality=40),
    }
    for name, make in kinds.items():
        with civic_server(data_dir, f"sqlite:///{data_dir / 'civic.db'}") as port:
            print(name, *_measure(port, make()), sep=" | ", flush=True)


def _measure(port: int, photo: bytes) -> list[str]:
    memory, waits = [_memory(port)], {"/healthz": [0.0], "/incidents": [0.0]}
    over: list[bool] = []
    threads = [threading.Thread(target=_watch_memory, args=(port, memory, over))]
    threads += [
        threading.Thread(target=_watch, args=(port, path, waits[path], over)) for path in waits
    ]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(lambda _: _send(port, photo), range(FORMS)))
    seconds = time.monotonic() - began
    over.append(True)
    for thread in threads:
        thread.join()
    return [
        f"{FORMS} forms in {seconds:.0f} s, {sorted(set(statuses))}",
        f"memory {memory[0]} → {max(memory)} MB",
        *(f"slowest {path} {max(times):.2f} s" for path, times in waits.items()),
    ]


def _send(port: int, photo: bytes) -> int:
    """Fill the form in wholly, five photos with it, as a visitor does; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET", "/incidents/new")
    answer = connection.getresponse()
    page = answer.read().decode()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    values = dict(re.findall(r'name="(csrf_token|form_key|draft_token)"[^>]*value="([^"]*)"', page))
    category = re.search(r'name="category"[^>]*value="(\d+)"', page)
    values |= {
        "category": category[1] if category else "",
        "place_words": "au coin",
        "title": f"Un trou {time.monotonic()}",
        "step": "different",
    }
    body = b"".join(_parts(values, photo))
    headers = {
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Cookie": cookie,
    }
    connection.request("POST", "/incidents/new", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def _parts(values: dict[str, str], photo: bytes) -> Iterator[bytes]:
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
    for name, value in values.items():
        yield f'{head}"{name}"\r\n\r\n{value}\r\n'.encode()
    for number in range(5):
        # Another last byte each: the same file twice is taken once.
        yield f'{head}"photos"; filename="{number}.jpg"\r\n\r\n'.encode()
        yield photo + bytes([number]) + b"\r\n"
    yield f"--{_BOUNDARY}--\r\n".encode()


def _watch(port: int, path: str, times: list[float], over: list[bool]) -> None:
    while not over:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        # Another address each time: kept pages would not tell.
        connection.request("GET", f"{path}?{urllib.parse.urlencode({'page': began})}")
        connection.getresponse().read()
        connection.close()
        times.append(time.monotonic() - began)
        time.sleep(0.1)


def _watch_memory(port: int, memory: list[int], over: list[bool]) -> None:
    while not over:
        memory.append(_memory(port))
        time.sleep(0.1)


def _memory(port: int) -> int:
    return sum(shares(port).values())


if __name__ == "__main__":
    main()
