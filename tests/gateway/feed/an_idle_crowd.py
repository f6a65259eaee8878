"""Holds many subscriptions open and counts what they hear: the load of a test, as a process of its own."""

import resource
import sys

import eventlet


def main(port: int, many: int, request: str) -> None:
    """Connects, says how many stand, and says how many heard the next fact."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    standing, heard, lost = [0], [0], [0]
    pool = eventlet.GreenPool(many)
    gate = eventlet.semaphore.Semaphore(100)

    def subscribe() -> None:
        try:
            with gate:
                connection = eventlet.connect(("127.0.0.1", port))
                connection.sendall(request.encode())
                read = b""
                while b"event: snapshot" not in read:
                    part = connection.recv(4096)
                    if not part:
                        raise ConnectionResetError
                    read += part
                standing[0] += 1
            while b"event: fact" not in (part := connection.recv(65_536)):
                if not part:
                    raise ConnectionResetError
            heard[0] += 1
            connection.recv(1)
        except OSError:
            lost[0] += 1

    for _ in range(many):
        pool.spawn_n(subscribe)
    while True:
        eventlet.sleep(0.5)
        print(f"standing {standing[0]} heard {heard[0]} lost {lost[0]}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
