"""A small ASGI server over asyncio: HTTP/1.1 with keep-alive and bodies of known length. Stands in for Uvicorn."""
import asyncio

MAX_BODY_BYTES = 1 << 20
REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 404: "Not Found", 409: "Conflict", 500: "Internal Server Error"}


class Server:
    def __init__(self, app, log):
        self.app = app
        self.log = log
        self.connections = set()

    async def serve(self, host, port, on_listening, until):
        server = await asyncio.start_server(self.connection, host, port)
        on_listening(server.sockets[0].getsockname()[1])
        await until.wait()
        server.close()
        for writer in list(self.connections):
            writer.close()

    async def connection(self, reader, writer):
        self.connections.add(writer)
        try:
            while await self.exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        finally:
            self.connections.discard(writer)
            writer.close()

    async def exchange(self, reader, writer):
        """One request and its answer; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, version = head[0].split(" ")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in head[1:] if line]
        named = {name.lower(): value for name, value in headers}
        length = int(named.get("content-length", "0"))
        if length > MAX_BODY_BYTES:
            raise ValueError("the body is too long")
        body = await reader.readexactly(length)
        keep_alive = version == "HTTP/1.1" and named.get("connection", "").lower() != "close"
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version[5:],
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            "client": writer.get_extra_info("peername")[:2],
            "server": writer.get_extra_info("sockname")[:2],
        }
        await self.answer(scope, body, writer, keep_alive)
        await writer.drain()
        return keep_alive

    async def answer(self, scope, body, writer, keep_alive):
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive():
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.start":
                status = message["status"]
                lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "-"))]
                lines += ["%s: %s" % (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
                lines.append("connection: %s" % ("keep-alive" if keep_alive else "close"))
                writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            else:
                writer.write(message.get("body", b""))

        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.log("%s %s: %s: %s" % (scope["method"], scope["path"], type(error).__name__, error))
            await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
