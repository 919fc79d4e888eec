"""Drift: what in AWS is not as the last apply left it, who did it, on a schedule, told and repaired."""
