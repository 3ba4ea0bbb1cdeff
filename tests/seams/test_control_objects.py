"""Every constraint, unique index and trigger of a control table stands in control_objects.out: none goes unnoticed.

REWRITE_CONTROL=1 writes the file anew; the change is then read with the migration that made it.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

from runner import db
from runner.errors import FundError

EXPECTED = Path(__file__).with_name("control_objects.out")

OBJECTS = """
with ours as (
    select c.oid, c.oid::regclass::text as relation from pg_class as c
    where c.relkind = 'r' and c.relnamespace::regnamespace::text
        in ('ops', 'ref', 'market', 'govern', 'decide', 'trade', 'notify', 'audit')
)
select line from (
    select concat_ws(' | ', 'constraint', o.relation, k.conname, pg_get_constraintdef(k.oid)) as line
    from pg_constraint as k inner join ours as o on k.conrelid = o.oid where k.contype in ('c', 'u', 'p', 'f')
    union all
    select concat_ws(' | ', 'unique', o.relation, i.indexrelid::regclass, pg_get_indexdef(i.indexrelid))
    from pg_index as i inner join ours as o on i.indrelid = o.oid
    where i.indisunique and not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
    union all
    select concat_ws(' | ', 'trigger', o.relation, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid))
    from pg_trigger as t inner join ours as o on t.tgrelid = o.oid where not t.tgisinternal
    union all
    select concat_ws(' | ', 'not null', o.relation, string_agg(a.attname, ', ' order by a.attnum))
    from pg_attribute as a inner join ours as o on a.attrelid = o.oid
    where a.attnum > 0 and a.attnotnull and not a.attisdropped group by o.relation
) as x order by line collate "C"
"""


def listing(connection: db.Connection) -> str:
    """The control objects of a database, a line each."""
    return "".join(f"{row['line']}\n" for row in db.fetch_text(connection, "objects", OBJECTS))


def test_no_constraint_or_trigger_has_gone(database: str) -> None:
    """The catalog after a deploy, line by line."""
    with db.connect(db.DEPLOYER) as connection:
        found = listing(connection)
    if os.environ.get("REWRITE_CONTROL"):
        EXPECTED.write_text(found, encoding="utf-8")
    assert found == EXPECTED.read_text(encoding="utf-8")


NUMBERS = """
select c.oid::regclass::text as relation, a.attname as column
from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid
where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    and a.atttypid in ('double precision'::regtype, 'numeric'::regtype)
    and c.relnamespace::regnamespace::text in ('ops', 'ref', 'govern', 'decide', 'trade', 'notify', 'audit')
order by 1, 2
"""


def test_i17_no_control_table_takes_a_number_that_is_not_finite(database: str) -> None:
    """NaN and both infinities, in every column of numbers, alone in a row: refused by the column's own check."""
    taken = []
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        columns = db.fetch_text(connection, "numbers", NUMBERS)
        for row in columns:
            name = f"{row['relation']}.{row['column']}"
            for value in (math.nan, math.inf, -math.inf):
                # A copy without the other columns' `not null`, so that only a check of values can refuse.
                text = (
                    f"begin; create table pg_temp.alone (like {row['relation']} including constraints); "
                    "do $x$ declare v record; begin for v in select attname from pg_attribute where "
                    "attrelid = 'pg_temp.alone'::regclass and attnum > 0 and attnotnull loop execute "
                    "format('alter table pg_temp.alone alter column %I drop not null', v.attname); end loop; end $x$; "
                    f"insert into pg_temp.alone ({row['column']}) values ('{value}')"
                )
                try:
                    db.execute_text(connection, name, text)
                    taken.append(f"{name} takes {value}")
                except FundError as error:
                    assert error.code == "23514", error
                finally:
                    db.execute_text(connection, name, "rollback")
    assert len(columns) > 40
    assert not taken, "\n".join(taken)
