-- Proves: I17, B5 (what a layer closes, by the class of the leg; unread refuses).
begin;
select plan(6);
select is(govern.layer_refusal('{}', 'entry'), null, 'nothing is closed');
select is(govern.layer_refusal('{"increase": {"layer": 6, "reason_code": "X", "clears": false}}', 'entry'),
    '{"limit_name": "LAYER_6", "reason": "X", "clears": false}'::jsonb, 'an entry increases');
select is(govern.layer_refusal('{"increase": {"layer": 6, "reason_code": "X", "clears": false}}', 'hedge') ->> 'limit_name', 'LAYER_6', 'so may a hedge');
select is(govern.layer_refusal('{"increase": {"layer": 6, "reason_code": "X", "clears": false}}', 'exit'), null, 'an exit does not');
select is(govern.layer_refusal(null, 'exit') ->> 'reason', 'UNREAD', 'verdicts nobody asked for refuse');
select is(govern.layer_refusal('{}', 'other') ->> 'reason', 'UNREAD', 'a leg without a class refuses');
select * from finish();
rollback;
