"""Generates teaching content for a topic."""
from collections import OrderedDict

from app.core.cache import cache
from app.core.recent import VOCABULARY, slug
from app.core.settings import CACHE_MAX_SIZE

LRU_CACHE = OrderedDict()


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
            if len(LRU_CACHE) > CACHE_MAX_SIZE:
                LRU_CACHE.popitem(last=False)
        else:
            LRU_CACHE.move_to_end(key)
        cache.set(slug(topic), content.sections[0] * 4)
        return content

    def known_words(self, topic):
        return [word for word in topic.split() if word in VOCABULARY]
