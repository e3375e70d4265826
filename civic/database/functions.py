"""SQL functions that both engines spell differently."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class whole(GenericFunction[int]):  # noqa: N801 (used like any SQL function)
    """The whole part of a number, towards zero, as a 64-bit integer: what Python's int() gives."""

    type = BigInteger()
    inherit_cache = True


@compiles(whole)
def _truncated(element: whole, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(trunc({_inner(element, compiler, **kw)}) AS BIGINT)"


@compiles(whole, "sqlite")
def _cast(element: whole, compiler: SQLCompiler, **kw: Any) -> str:
    # CAST to an integer truncates here, and rounds on the other engine.
    return f"CAST({_inner(element, compiler, **kw)} AS INTEGER)"


def _inner(element: whole, compiler: SQLCompiler, **kw: Any) -> str:
    argument: ColumnElement[Any] = next(iter(element.clauses))
    return compiler.process(argument, **kw)
