"""The trail of what users did."""
import time


def record(action, user, trail=None):
    trail = [] if trail is None else trail
    trail.append({"action": action, "user": user, "at": time.time(), "note": "%s by %s. " % (action, user) * 8})
    return len(trail)
