"""The endpoints: each takes a request and gives a status and a body."""
import asyncio

from app.core import errors
from app.core.recent import RECENT_REQUESTS
from app.db import history
from app.services import analytics, audit, background, export_service, notifications, scoring, session_service
from app.services.content_service import ContentService
from app.services.template_service import TemplateService

content_service = ContentService()


async def login(request):
    return 201, {"session": session_service.login(request.json["user"])}


async def logout(request):
    session_service.logout(request.json["session"])
    return 200, {}


async def create_content(request):
    user, topic = request.json["user"], request.json["topic"]
    content = content_service.generate(topic, user)
    text = "".join(content.sections)
    page = TemplateService(user).render(topic) + text
    audit.record("generate", user)
    analytics.add(user, topic, len(text.split()))
    notifications.publish(user, topic, page)
    background.schedule(topic, page)
    RECENT_REQUESTS.append((user, topic))
    return 201, {"topic": topic, "characters": len(page), "known": content_service.known_words(topic)}


async def read_content(request):
    return 200, {"text": load(request.query["topic"])}


def load(topic):
    working_copy = bytearray(4096)
    raise errors.ContentNotFound("no content about %s (%d bytes read)" % (topic, len(working_copy)))


async def export(request):
    return 201, {"characters": export_service.export(request.json["topic"], "text " * 100)}


async def read_history(request):
    return 200, {"topics": history(request.query["user"])}


async def read_score(request):
    text = request.query["topic"] * 20
    return 200, {"score": await asyncio.get_running_loop().run_in_executor(scoring.POOL, scoring.score, text)}


async def statistics(_request):
    return 200, {"words": analytics.average_words(), "errors": errors.shown()}
