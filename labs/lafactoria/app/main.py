"""The ASGI application. It runs on Uvicorn as it runs on the small server beside it."""
import json
from urllib.parse import parse_qsl

from app.api import health, routes, snapshots
from app.core import errors, metrics
from app.db import create_schema

ROUTES = {
    ("POST", "/api/sessions"): routes.login,
    ("DELETE", "/api/sessions"): routes.logout,
    ("POST", "/api/content"): routes.create_content,
    ("GET", "/api/content"): routes.read_content,
    ("POST", "/api/exports"): routes.export,
    ("GET", "/api/history"): routes.read_history,
    ("GET", "/api/score"): routes.read_score,
    ("GET", "/api/statistics"): routes.statistics,
    ("GET", "/healthz"): health.healthz,
    ("GET", "/health/memory"): health.memory,
    ("POST", "/debug/tracemalloc"): snapshots.take,
}


class Request:
    def __init__(self, scope, body):
        self.query = dict(parse_qsl(scope["query_string"].decode("ascii")))
        self.json = json.loads(body) if body else {}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    if scope["type"] != "http":
        raise ValueError("only http is served, not %s" % scope["type"])
    if (scope["method"], scope["path"]) == ("GET", "/metrics"):
        await answer(send, 200, metrics.exposition().encode("utf-8"), b"text/plain; version=0.0.4; charset=utf-8")
        return
    status, document = await handled(scope, receive)
    await answer(send, status, json.dumps(document).encode("utf-8"), b"application/json")


async def lifespan(receive, send):
    """Uvicorn asks for it; serve.py does the same by itself."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            create_schema()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def handled(scope, receive):
    handler = ROUTES.get((scope["method"], scope["path"]))
    if handler is None:
        return 404, {"error": "no such page"}
    try:
        request = Request(scope, await read_body(receive))
        result = await handler(request)
    except errors.ContentNotFound as error:
        errors.remember(error)
        result = 404, {"error": str(error)}
    except (KeyError, ValueError) as error:
        return 400, {"error": "%s: %s" % (type(error).__name__, error)}
    metrics.OPERATIONS[handler.__name__] += 1
    return result


async def read_body(receive):
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ValueError("the client has gone")
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def answer(send, status, body, content_type):
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
