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


def _inner(element: GenericFunction[int], compiler: SQLCompiler, **kw: Any) -> str:
    argument: ColumnElement[Any] = next(iter(element.clauses))
    return compiler.process(argument, **kw)


class days_between(GenericFunction[int]):  # noqa: N801 (used like any SQL function)
    """The whole days from one moment to a later one, as an integer."""

    type = BigInteger()
    inherit_cache = True


@compiles(days_between)
def _epoch_days(element: days_between, compiler: SQLCompiler, **kw: Any) -> str:
    first, second = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(trunc(EXTRACT(EPOCH FROM ({second} - {first})) / 86400) AS BIGINT)"


@compiles(days_between, "sqlite")
def _julian_days(element: days_between, compiler: SQLCompiler, **kw: Any) -> str:
    first, second = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


class epoch_days(GenericFunction[int]):  # noqa: N801 (used like any SQL function)
    """The day of UTC that a moment is in, counted from 1970-01-01 on."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch_days)
def _epoch_day(element: epoch_days, compiler: SQLCompiler, **kw: Any) -> str:
    inner = _inner(element, compiler, **kw)
    return f"CAST(floor(EXTRACT(EPOCH FROM {inner}) / 86400) AS BIGINT)"


@compiles(epoch_days, "sqlite")
def _julian_day(element: epoch_days, compiler: SQLCompiler, **kw: Any) -> str:
    inner = _inner(element, compiler, **kw)
    return f"CAST(julianday(substr({inner}, 1, 10)) - 2440587.5 AS INTEGER)"
