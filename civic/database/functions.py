"""SQL functions that both engines spell differently."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


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


class epoch_seconds(GenericFunction[int]):  # noqa: N801 (used like any SQL function)
    """The whole seconds from 1970-01-01 UTC to a moment, downwards."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch_seconds)
def _epoch_second(element: epoch_seconds, compiler: SQLCompiler, **kw: Any) -> str:
    inner = _inner(element, compiler, **kw)
    return f"CAST(floor(EXTRACT(EPOCH FROM {inner})) AS BIGINT)"


@compiles(epoch_seconds, "sqlite")
def _unix_second(element: epoch_seconds, compiler: SQLCompiler, **kw: Any) -> str:
    # Without the fraction, which would be rounded.
    inner = _inner(element, compiler, **kw)
    return f"CAST(strftime('%s', substr({inner}, 1, 19)) AS INTEGER)"
