"""tracemalloc snapshots of the running service, when it was started with TRACEMALLOC=<frames>."""
import os
import tracemalloc

from app.core.settings import DATA_DIR

_taken = 0


async def take(_request):
    global _taken
    if not tracemalloc.is_tracing():
        return 409, {"error": "the service was started without TRACEMALLOC"}
    _taken += 1
    path = os.path.join(DATA_DIR, "snapshot-%d.pickle" % _taken)
    snapshot = tracemalloc.take_snapshot()
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    snapshot.dump(path)
    return 201, {"file": path, "traces": len(snapshot.traces)}
