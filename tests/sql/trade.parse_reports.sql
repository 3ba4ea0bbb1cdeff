-- Proves: I17 (a report that cannot be read is none); MQ361.
begin;
select plan(8);

select fixtures.released();
select is(count(*), 2::bigint, 'two') from trade.parse_reports(jsonb_build_array(fixtures.report(), fixtures.report()));
select is_empty($$select * from trade.parse_reports('[]')$$, 'none');
select throws_ok($$select * from trade.parse_reports('{}')$$, 'MQ361', null, 'no array');
select throws_ok($$select * from trade.parse_reports(null)$$, 'MQ361', null, 'nothing');
select throws_ok(format($$select * from trade.parse_reports(jsonb_build_array(fixtures.report(%L)))$$, c.change), 'MQ361', null, c.change)
from (values ('{"quantity": "NaN"}'), ('{"filled_quantity": "x"}'), ('{"status": null}'), ('{"updated_at": "soon"}')) as c (change);

select * from finish();
rollback;
