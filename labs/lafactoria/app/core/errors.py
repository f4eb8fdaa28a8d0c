"""Errors that the operators' page shows."""


class ContentNotFound(Exception):
    pass


LAST_ERRORS = []


def remember(error):
    LAST_ERRORS.append(error)


def shown():
    return [str(error) for error in LAST_ERRORS[-20:]]
