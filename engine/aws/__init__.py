"""The only place that talks to AWS: sessions, reads, changing calls, retries, errors."""
