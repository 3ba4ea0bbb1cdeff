-- Proves: I18: what the gate reads is locked against an index, statistics or a constraint of dbt's before it is looked at.
begin;
select plan(4);
select lives_ok($$select govern.hold_relation('quality', 'symbol_governance')$$, 'a missing relation is left to relation_fault');
select fixtures.transformed();
select govern.hold_relation('quality', 'symbol_governance');
select is(
    (select array_agg(k.mode) from pg_locks as k where k.relation = 'quality.symbol_governance'::regclass and k.mode = 'ShareRowExclusiveLock'),
    '{ShareRowExclusiveLock}', 'a table is held in the mode that conflicts with create index, create statistics and alter table'
);
set local role fund_transformer;
create view quality.a_view as select q.symbol from quality.data_quality as q;
reset role;
select lives_ok($$select govern.hold_relation('quality', 'a_view')$$, 'a view is left to relation_fault');
select is_empty(
    $$select k.mode from pg_locks as k where k.relation in ('quality.data_quality'::regclass, 'quality.a_view'::regclass) and k.mode = 'ShareRowExclusiveLock'$$,
    'and nothing beneath it is locked'
);
select * from finish();
rollback;
