"""Starts a build of the service: serve.py --build leaking|fixed [--causes a,b] [--port N]. Prints one JSON line when it listens."""
import argparse
import asyncio
import json
import os
import resource
import shutil
import signal
import sys
import tracemalloc

FOLDER = os.path.dirname(os.path.abspath(__file__))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", choices=("leaking", "fixed"), default="leaking")
    options.add_argument("--causes", default="", help="comma-separated; all when absent")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()

    frames = int(os.environ.get("TRACEMALLOC") or 0)
    if frames:
        tracemalloc.start(frames)
    # Leaked files and connections are to be found by Stanch, not by EMFILE.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    from server.builds import FixedModules, leaks_of

    sys.meta_path.insert(0, FixedModules(FOLDER, leaks_of(given.build, given.causes)))
    asyncio.run(serve(given.host, given.port))


async def serve(host, port):
    from app.core.settings import DATA_DIR
    from app.db import create_schema
    from app.main import app
    from server.agent import with_agent
    from server.asgi import Server

    create_schema()
    until = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, until.set)
    if os.environ.get("LAFACTORIA_PARENT") == "stdin":
        # Whoever started us holds the other end: when it goes, by whatever death, we go too.
        loop.add_reader(sys.stdin.fileno(), lambda: None if sys.stdin.buffer.raw.read(1) else until.set())

    def log(text):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def say(listening_port):
        print(json.dumps({"listening": {"port": listening_port}, "pid": os.getpid()}), flush=True)

    await Server(with_agent(app, DATA_DIR, log), log).serve(host, port, say, until)
    if os.environ.get("LAFACTORIA_THROWAWAY") == "1":
        shutil.rmtree(DATA_DIR, ignore_errors=True)
    # What still waits for a confirmation will never get one.
    os._exit(0)


if __name__ == "__main__":
    main()
