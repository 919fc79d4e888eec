"""What rolewright remembers: the state document, its store, the journal of a run, and the lock.

Durable documents only. Nothing here knows AWS, a resource kind, the terminal or the engine.
"""
