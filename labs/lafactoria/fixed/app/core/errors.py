"""Errors that the operators' page shows."""
from collections import deque


class ContentNotFound(Exception):
    pass


LAST_ERRORS = deque(maxlen=20)


def remember(error):
    # The text only: an exception keeps its traceback, and with it the locals of every frame.
    LAST_ERRORS.append(str(error))


def shown():
    return list(LAST_ERRORS)
