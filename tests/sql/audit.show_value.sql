-- Proves: what a person reads of each jsonb type: rounded, never in exponents, `-` and `none` for what there is not.
begin;
select plan(9);
select is(audit.show_value('12.34567'), '12.3457', 'four decimals');
select is(audit.show_value('0.00001234'), '0.00001234', 'more of a small number');
select is(audit.show_value('1e20'), '100000000000000000000', 'no exponent');
select is(audit.show_value('-3.0'), '-3', 'no empty decimals');
select is(audit.show_value('["a", 1.5, null]'), 'a, 1.5, -', 'a list');
select is(audit.show_value('{"b": true, "a": "x"}'), 'a x, b true', 'an object by key');
select is(audit.show_value('[]') || audit.show_value('{}'), 'nonenone', 'empty');
select is(audit.show_value('null'), '-', 'null');
select is(audit.show_value(null), '-', 'nothing');
select * from finish();
rollback;
