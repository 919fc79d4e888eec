"""Proving by doing: harmless calls made under a role, from inside the service that carries it.

`harmless` finds the call that proves an action; the `by_…` modules say how calls come to be made
under a role, each through one service; `prober` answers the questions of `verify` that way.
"""
