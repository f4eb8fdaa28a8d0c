"""What the service keeps on purpose and within bounds."""
from collections import deque
from functools import lru_cache

RECENT_REQUESTS = deque(maxlen=256)

# Loaded once at the start: large, but it never grows.
VOCABULARY = {"word-%d" % number: number for number in range(20_000)}


@lru_cache(maxsize=128)
def slug(topic):
    return "-".join(word for word in topic.lower().split() if word)
