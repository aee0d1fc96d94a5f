"""Carries a batching stage's calls out of its sandbox, which has no network: a local port to a Unix socket.

Usage: `python -I -S relay.py PORT FOLDER COMMAND…`; the socket is `worker.sock` in FOLDER. Listens on
127.0.0.1:PORT (0: any free port), runs COMMAND with the port in PPS_WORKER_GRPC_PORT, and ends with it,
giving its exit code. It moves bytes and knows nothing of what they mean.
"""

import os
import socket
import sys
import threading

PIECE = 64 * 1024
SOCKET = "worker.sock"


def main() -> None:
    """Listen, run the stage, relay until it ends."""
    port, folder, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    server = socket.create_server(("127.0.0.1", port))
    stage = os.fork()
    if stage == 0:
        os.environ["PPS_WORKER_GRPC_PORT"] = str(server.getsockname()[1])
        try:
            os.execvp(command[0], command)  # noqa: S606 - no shell wanted
        except OSError as error:
            sys.stderr.write(f"cannot run {command[0]}: {error.strerror}\n")
        os._exit(127)
    os.chdir(folder)
    threading.Thread(target=accept, args=(server,), daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(stage, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def accept(server: socket.socket) -> None:
    """Give each connection one of its own to the worker."""
    while True:
        near, _ = server.accept()
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(SOCKET)
        except OSError:
            near.close()  # the worker is closing: the stage sees that its connection ended
            continue
        threading.Thread(target=carry, args=(near, far), daemon=True).start()
        threading.Thread(target=carry, args=(far, near), daemon=True).start()


def carry(source: socket.socket, target: socket.socket) -> None:
    """Copy until one side has closed, then close the other's."""
    try:
        while piece := source.recv(PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        target.close()


if __name__ == "__main__":
    main()
