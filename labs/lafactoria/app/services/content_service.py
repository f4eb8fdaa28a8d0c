"""Generates teaching content for a topic."""
from app.core.cache import cache
from app.core.recent import VOCABULARY, slug

LRU_CACHE = {}


class Content:
    def __init__(self, topic, audience):
        self.topic = topic
        self.audience = audience
        self.sections = ["%s, part %d, for %s. " % (topic, part, audience) * 12 for part in range(4)]


class ContentService:
    def generate(self, topic, audience):
        key = (slug(topic), audience)
        content = LRU_CACHE.get(key)
        if content is None:
            content = Content(topic, audience)
            LRU_CACHE[key] = content
        cache.set(slug(topic), content.sections[0] * 4)
        return content

    def known_words(self, topic):
        return [word for word in topic.split() if word in VOCABULARY]
