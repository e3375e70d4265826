"""The web server: uvicorn holds the connections, a few threads run the application.

What a client sends is read whole before a thread is taken, and what it is sent waits for it
without one: however slow clients are, they cost no thread. Nothing here knows the application.
"""
