"""Figures for the dashboard."""

RESULTS = []


def add(user, topic, words):
    RESULTS.append({"user": user, "topic": topic, "words": words, "histogram": [float(words + bar) for bar in range(40)]})


def average_words():
    return sum(result["words"] for result in RESULTS) / max(1, len(RESULTS))
