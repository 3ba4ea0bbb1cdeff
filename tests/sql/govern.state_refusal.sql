-- Proves: B5, I12, I17 (what each state lets through is a table; every state in force must).
begin;
select plan(14);

select fixtures.desk();
create function pg_temp.refusals(p_killed boolean) returns text language sql as $$
    select string_agg(concat_ws(' ', c.leg, govern.state_refusal('test', c.leg, p_killed)), ', ' order by c.leg) from govern.order_classes as c
$$;
create function pg_temp.state(p_state text) returns void language plpgsql as $$
begin
    alter table decide.risk_states disable trigger all;
    delete from decide.risk_states;
    perform fixtures.state(p_state);
end;
$$;
select is(pg_temp.refusals(false), 'entry, exit, hedge, liquidation STATE_ALLOW, stop', 'no state yet is ALLOW: all but liquidation');
select is(govern.state_refusal('test', 'stop', true), null, 'a kill lets protective stops through');
select is(concat_ws(' ', govern.state_refusal('test', 'entry', true), govern.state_refusal('test', 'exit', true)), 'KILL_SWITCH KILL_SWITCH',
    'no entry, and no exit of the committee');
select is(govern.state_refusal('test', 'liquidation', true), 'APPROVAL_MISSING', 'a liquidation only with what it demands');
select is(govern.state_refusal('test', 'entry', null), 'KILL_SWITCH', 'not knowing whether it is engaged is engaged (I17)');
select pg_temp.state('REJECT');
select is(pg_temp.refusals(false), 'entry STATE_REJECT, exit, hedge STATE_REJECT, liquidation STATE_REJECT, stop', 'REJECT reduces');
select pg_temp.state('FREEZE');
select is(pg_temp.refusals(false), 'entry STATE_FREEZE, exit STATE_FREEZE, hedge STATE_FREEZE, liquidation STATE_FREEZE, stop', 'FREEZE protects only');
select pg_temp.state('LIQUIDATE');
select is(pg_temp.refusals(false), 'entry STATE_LIQUIDATE, exit STATE_LIQUIDATE, hedge STATE_LIQUIDATE, liquidation APPROVAL_MISSING, stop',
    'LIQUIDATE closes, with approval');
select pg_temp.state('RECOVERY');
select is(pg_temp.refusals(false), 'entry, exit, hedge, liquidation STATE_RECOVERY, stop', 'RECOVERY trades');
insert into trade.breaks (account, kind, evidence, raised_at) values ('test', 'CASH', '{}', ops.now());
select is(pg_temp.refusals(false), 'entry STATE_HALT, exit STATE_HALT, hedge STATE_HALT, liquidation STATE_HALT, stop STATE_HALT', 'HALT lets nothing through');
select is(govern.state_refusal('test', 'gift', false), 'STATE_HALT', 'a leg without a class is refused');
alter table govern.state_permissions disable trigger all;
delete from govern.state_permissions where state = 'HALT';
select is(govern.state_refusal('test', 'stop', false), 'STATE_HALT', 'so is a state without a row (I17)');
select is(count(*), 7::bigint, 'a cancel is let through in every state') from govern.state_permissions as p where p.order_class = 'cancel' and p.allowed;
select is(count(*), 0::bigint, 'nothing is refused a cancel') from govern.state_permissions as p where p.order_class = 'cancel' and not p.allowed;

select * from finish();
rollback;
