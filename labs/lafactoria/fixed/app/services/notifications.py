"""Tells an author when the content is out."""
from app.core.events import emitter

PUBLISHED = "content-published"


def publish(user, content_id, draft):
    told = []

    def on_published(published_id):
        if published_id == content_id:
            told.append((user, len(draft)))

    emitter.on(PUBLISHED, on_published)
    try:
        emitter.emit(PUBLISHED, content_id)
    finally:
        emitter.off(PUBLISHED, on_published)
    return len(told)
