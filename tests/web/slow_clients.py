# SPDX-License-Identifier: ISC
"""Clients that take their time, as many as are asked for, in a process of their own:

    slow_clients.py PORT KIND COUNT SECONDS

head: a header line now and then, and never the last.   body: a part of what was announced, then nothing.
drip: the same, but a byte each few seconds.            read: asks for /static/large and reads nearly nothing.

Prints "open" when all are connected; after SECONDS, how many were ended by the other side, and after how many
seconds the first and the last of them."""
import asyncio
import json
import socket
import sys

POST = b"POST /api/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
GET = b"GET /static/large HTTP/1.1\r\nHost: a\r\n\r\n"
KINDS = {       # what is sent at first, what then again and again, after how many seconds
    "head": (b"GET /api/user HTTP/1.1\r\nHost: a\r\n", b"X-Slow: x\r\n", 3),
    "body": (POST + b"{", b"", 1), "drip": (POST + b"{", b" ", 4), "read": (GET, b"", 1)}
RECEIVE = 2048      # bytes that a slow reader's window has


async def client(port, kind, opened, ended):
    first, again, pause = KINDS[kind]
    loop = asyncio.get_running_loop()
    with socket.socket() as s:
        s.setblocking(False)
        if kind == "read":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE)
        await loop.sock_connect(s, ("127.0.0.1", port))
        start = loop.time()
        opened.release()
        try:
            await loop.sock_sendall(s, first)
            while True:
                await asyncio.sleep(pause)
                if again:
                    await loop.sock_sendall(s, again)
                if over(s, kind):
                    break
        except (ConnectionError, TimeoutError):
            pass
        ended.append(loop.time() - start)


def over(s, kind):
    """Whether the other side has ended the connection. What a slow reader has not read yet would hide it."""
    try:
        s.recv(1 if kind == "read" else 65536)
    except BlockingIOError:
        return False
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0 if kind == "read" else True


async def main(port, kind, count, seconds):
    opened, ended = asyncio.Semaphore(0), []
    clients = []
    for _ in range(count):
        clients.append(asyncio.create_task(client(port, kind, opened, ended)))
        await opened.acquire()
    print("open", flush=True)
    await asyncio.wait(clients, timeout=seconds)
    for task in clients:
        task.cancel()
    print(json.dumps({"count": count, "ended": len(ended), "first": min(ended, default=0),
                      "last": max(ended, default=0)}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
