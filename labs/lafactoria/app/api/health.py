"""Is it alive, and what does it hold: the endpoint that the runbook wants to add."""
import gc

from app.core import errors, metrics
from app.core.cache import cache
from app.core.events import emitter
from app.core.recent import RECENT_REQUESTS
from app.db import engine
from app.services import analytics, background, content_service, export_service, notifications, session_service


async def healthz(_request):
    return 200, {"status": "ok"}


async def memory(_request):
    return 200, {
        "rss_bytes": metrics.resident_bytes(),
        "gc": {"counts": gc.get_count(), "enabled": gc.isenabled(), "garbage": len(gc.garbage)},
        "pool": {"size": engine.pool.size(), "checkedout": engine.pool.checkedout()},
        "open_fds": metrics.open_descriptors(),
        "entries": {
            "cache": len(cache),
            "content": len(content_service.LRU_CACHE),
            "sessions": len(session_service.SESSIONS),
            "tasks": len(background.TASKS),
            "results": len(analytics.RESULTS),
            "listeners": emitter.count(notifications.PUBLISHED),
            "errors": len(errors.LAST_ERRORS),
            "exports": len(export_service.EXPORTS),
            "connections": engine.pool.checkedout(),
            "recent": len(RECENT_REQUESTS),
        },
    }
