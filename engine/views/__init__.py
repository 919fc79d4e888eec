"""Everything that people and other programs read: text through a rich console, and JSON documents.

Views take plans, states, events and diagnostics; they return nothing that the engine reads.
"""
