-- Proves: I20: bytes have the hash that is given for them, values that are a document, and accounts as they were opened; MQ231, MQ311.
begin;
select plan(10);
select throws_ok($$select govern.require_config('00', 'x', '{}')$$, 'MQ231', null, 'another hash');
select throws_ok($$select govern.require_config(fixtures.config_sha256('x'), 'x', '[]')$$, 'MQ231', null, 'values that are none');
select throws_ok($$select govern.require_config(null, 'x', '{}')$$, 'MQ231', null, 'no hash');
select lives_ok($$select govern.require_config(fixtures.config_sha256('x'), 'x', '{}')$$, 'its own');
select fixtures.desk();
create function pg_temp.named(p_change jsonb) returns void language sql as $$
    select govern.require_config(fixtures.config_sha256('x'), 'x', jsonb_build_object('accounts', jsonb_build_object('defaults', jsonb_build_array(
        '{"name": "new", "broker": "paper", "mode": "paper", "opening_capital": 5}'::jsonb,
        '{"name": "test", "broker": "paper", "mode": "paper", "opening_capital": 1000000.0}'::jsonb || p_change))))
$$;
select lives_ok($$select pg_temp.named('{"strategy": "contrarian"}')$$, 'an open account as it was opened, of another strategy, and a new one');
select throws_ok($$select pg_temp.named('{"broker": "alpaca"}')$$, 'MQ311', 'account test was opened with other values', 'another broker');
select throws_ok($$select pg_temp.named('{"mode": "live"}')$$, 'MQ311', null, 'another kind');
select throws_ok($$select pg_temp.named('{"opening_capital": 2000000}')$$, 'MQ311', null, 'another capital');
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
select lives_ok($$select pg_temp.named('{"broker": "alpaca", "opening_capital": 2000000}')$$, 'that of an account outside is what was adopted');
set local role fund_operator;
select throws_ok($$select govern.pin_config(encode(sha256('x'), 'hex'), 'x', '{"accounts": {"defaults": [{"name": "test", "broker": "paper", "mode": "paper"}]}}', '[]', 'x')$$,
    'MQ311', null, 'so it is not pinned');
reset role;
select * from finish();
rollback;
