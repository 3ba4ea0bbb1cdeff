-- Proves: I8 (only what lasts is a break).
begin;
select plan(4);

select fixtures.desk();
select is(trade.confirmed_breaks('test', '[{"kind": "CASH", "symbol": null, "subject": "", "ours": "1", "theirs": "2"}]', '[]'), '[]', 'the first time not');
select is(trade.confirmed_breaks('test', '[{"kind": "CASH", "symbol": null, "subject": "", "ours": "1", "theirs": "3"}]',
    '[{"kind": "CASH", "symbol": null, "subject": "", "ours": "1", "theirs": "2"}]'), '[]', 'nor with another amount');
select is(jsonb_array_length(trade.confirmed_breaks('test', '[{"kind": "CASH", "symbol": null, "subject": "", "ours": "2", "theirs": "3"}]',
    '[{"kind": "CASH", "symbol": null, "subject": "", "ours": "1", "theirs": "2"}]')), 1, 'the same amount twice is');
select is(b.evidence ->> 'theirs', '3', 'with the numbers') from trade.open_breaks as b;

select * from finish();
rollback;
