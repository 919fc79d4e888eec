"""What IAM policy documents say: reading, checking, comparing and writing them.

Pure: knows no AWS, no file and no stack. A document is the JSON object as AWS takes it, with string
keys, or the text of it; nothing here changes one, and what is shown keeps the author's spelling.

    check(document, DocumentKind.TRUST)    everything that is wrong with a document, with its places
    equivalent(one, other)                 whether two documents mean the same to AWS
    statement_changes(before, after)       what differs, statement by statement
    statements_document(…), trust_document(…)    documents from the short form of a stack file
    short_statements(…), short_trust(…)    the way back: documents in that short form
    parse(document)                        a document as frozen values, to work out what it allows
"""

from __future__ import annotations

from .build import statements_document, trust_document
from .canonical import (
    Verdict,
    aws_principals,
    canonical_document,
    compare,
    dangling_principals,
    equivalent,
)
from .difference import ChangeKind, ElementChange, StatementChange, statement_changes
from .document import Condition, Document, Principal, Statement, parse
from .faults import DocumentKind, Fault, InvalidDocumentError
from .operators import Family, Operator, parse_operator
from .shape import Effect, PrincipalType
from .short_form import ShortTrust, short_statements, short_trust, without_deleted
from .validation import SIZE_LIMITS, check, size

__all__ = [
    "SIZE_LIMITS",
    "ChangeKind",
    "Condition",
    "Document",
    "DocumentKind",
    "Effect",
    "ElementChange",
    "Family",
    "Fault",
    "InvalidDocumentError",
    "Operator",
    "Principal",
    "PrincipalType",
    "ShortTrust",
    "Statement",
    "StatementChange",
    "Verdict",
    "aws_principals",
    "canonical_document",
    "check",
    "compare",
    "dangling_principals",
    "equivalent",
    "parse",
    "parse_operator",
    "short_statements",
    "short_trust",
    "size",
    "statement_changes",
    "statements_document",
    "trust_document",
    "without_deleted",
]
