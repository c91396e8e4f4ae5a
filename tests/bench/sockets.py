"""A lean HTTP client: many connections that are kept, one thread, one request at a time on each."""

import selectors
import socket
import time


def get(path: str, secret: str = "") -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "User-Agent: bench", "Accept: */*"]
    if secret:
        lines.append(f"Authorization: Bearer {secret}")
    return "\r\n".join([*lines, "", ""]).encode()


def wait(port: int) -> None:
    """Until something listens there."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the web server did not start")


def hammer(port: int, request: bytes, clients: int, count: int) -> None:
    """Send the request `count` times from so many clients; each waits for its answer first."""
    with selectors.DefaultSelector() as ready:
        for _ in range(clients):
            made = socket.create_connection(("127.0.0.1", port))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.sendall(request)
            ready.register(made, selectors.EVENT_READ, bytearray())
        sent, done = clients, 0
        while done < count:
            for key, _ in ready.select(30):
                received = key.data
                received += key.fileobj.recv(65536)
                if not _is_whole(received):
                    continue
                assert received.startswith(b"HTTP/1.1 200"), bytes(received[:500])
                received.clear()
                done += 1
                if sent < count:
                    key.fileobj.sendall(request)
                    sent += 1
        for key in list(ready.get_map().values()):
            key.fileobj.close()


def _is_whole(received: bytearray) -> bool:
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return len(body) >= int(length)
