-- Proves: I22: what a payload says is read, and bytes that say nothing give NULL, whatever they are.
-- Brackets deeper than the server follows: tests/seams/test_tamper.py, for the server of TimescaleDB-WASM falls there itself.
begin;
select plan(7);
select is(audit.read_payload(convert_to('{"seq": 1, "body": {"text": "é"}}', 'UTF8')), '{"seq": 1, "body": {"text": "é"}}'::jsonb, 'an event');
select is(audit.read_payload('null'), 'null'::jsonb, 'JSON that is no event is said as it is');
select is(audit.read_payload('\xff00'), null, 'no UTF-8');
select is(audit.read_payload(''), null, 'no byte');
select is(audit.read_payload('{"seq": 1'), null, 'no JSON');
select is(audit.read_payload(convert_to('{"account": "\u0000"}', 'UTF8')), null, 'a character the server has not');
select is(audit.read_payload('{"seq": 1e999999}'), null, 'a number past all bounds');
select * from finish();
rollback;
