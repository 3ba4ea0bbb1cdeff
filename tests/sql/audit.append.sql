-- Proves: I21, I22: one gapless chain over stored canonical bytes, the same under every TimeZone and DateStyle; batch form.
begin;
select plan(12);
select is((select h.seq from audit.heads as h), 0::bigint, 'a new chain has no entry');
select is(
    audit.append('[{"event": "a", "account": null, "cycle_id": null, "body": {"b": 1, "a": "ü"}}, {"event": "b"}]'), 2::bigint,
    'a batch of two ends at 2'
);
select is((select l.prev_hash from audit.audit_log as l where l.seq = 1), decode(repeat('00', 32), 'hex'), 'genesis is 32 zero bytes');
select is((select l.prev_hash from audit.audit_log as l where l.seq = 2), (select l.hash from audit.audit_log as l where l.seq = 1), 'rows are linked');
select is((select l.hash from audit.audit_log as l where l.seq = 2), (select sha256(l.prev_hash || l.payload) from audit.audit_log as l where l.seq = 2), 'hash = sha256(prev || payload)');
select is((select h.hash from audit.heads as h), (select l.hash from audit.audit_log as l where l.seq = 2), 'the head is the last row');
select matches(
    (select convert_from(l.payload, 'UTF8') from audit.audit_log as l where l.seq = 1),
    '^\{"seq": 1, "body": \{"a": "ü", "b": 1\}, "actor": "[^"]+", "event": "a", "account": null, "cycle_id": null, "occurred_at": "[0-9-]{10}T[0-9:.]{15}Z", "recorded_at": "[0-9-]{10}T[0-9:.]{15}Z"\}$',
    'the bytes are canonical: keys by length and bytes, UTF-8, instants as UTC text'
);
set local timezone = 'Asia/Kolkata';
set local datestyle = 'German';
set local extra_float_digits = 0;
select is(audit.append('[{"event": "c"}]'), 3::bigint, 'another time zone appends');
select is((select c.intact from audit.verify_chain() as c), true, 'and the chain verifies there');
reset timezone;
reset datestyle;
select is((select c.intact from audit.verify_chain() as c), true, 'and here');
select throws_ok('select audit.append(''[{"event": ""}]'')', 'MQ212', null, 'an event has a name');
select throws_ok('select audit.append(''[{"event": "x", "evil": 1}]'')', 'MQ204', null, 'an unknown key is refused');
select * from finish();
rollback;
