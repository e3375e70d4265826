"""civic: what residents report and propose, and what their town does about it."""

__version__ = "0.1.0"
