-- A fund whose figures are given day by day, for tests of the recovery protocol: what a cycle is told besides is a quiet day's.
-- Stands on tests/sql/fixtures/01_fund.sql; calls the routines a cycle calls, so that what counts is what they store.
create schema recovery;
grant usage on schema recovery to public;

-- 260 weekdays from 2020-01-01, two shares, the fixtures' limits, an account `paper` opened on the first day.
create function recovery.world() returns void language plpgsql as $$
begin
    insert into ref.calendars (calendar, name, time_zone) values ('XNYS', 'New York Stock Exchange', 'America/New_York');
    insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
    select 'XNYS', d::date, (d::date + time '14:30') at time zone 'UTC', (d::date + time '21:00') at time zone 'UTC', false,
        row_number() over (order by d)
    from generate_series(timestamp '2020-01-01', timestamp '2020-12-29', interval '1 day') as d
    where extract(isodow from d) < 6;
    insert into ref.instruments (
        symbol, name, asset_class, calendar, currency, price_kind, price_basis, tradable, shortable, is_benchmark
    )
    select s, s, 'equity', 'XNYS', 'USD', 'ohlcv', 'raw', true, true, false from unnest(array['AAA', 'BBB']) as s;
    perform ops.advance_clock('2020-01-01 22:00Z');
    perform fixtures.pin();
    perform trade.open_account('paper', 'paper', 'paper', 'XNYS', 1000000);
end;
$$;

-- The n-th session, from 0.
create function recovery.session(p_day integer) returns date language sql stable security definer as $$
    select s.session from ref.sessions as s where s.session_number = p_day + 1
$$;

-- The clock after the close of the n-th session, its mark on this index of a million; the opening mark stays.
create function recovery.mark(p_day integer, p_index double precision) returns void language plpgsql security definer as $$
declare
    v_top constant double precision := (select greatest(max(n.lifetime_mark), p_index) from trade.nav as n);
begin
    if (recovery.session(p_day) + time '22:00') at time zone 'UTC' > ops.now() then
        perform ops.advance_clock((recovery.session(p_day) + time '22:00') at time zone 'UTC');
    end if;
    insert into trade.nav (
        account, session, cash, long_value, short_value, nav, net_flow, nav_index, lifetime_mark, tactical_mark, marked_at
    )
    values ('paper', recovery.session(p_day), p_index * 1000000, 0, 0, p_index * 1000000, 0, p_index, v_top, v_top, ops.now())
    on conflict do nothing;
end;
$$;

-- A run of the session's cycle, its gate passed.
create function recovery.open(
    p_day integer, p_slot text, p_mode text, p_lease_seconds integer, out cycle_id text, out run integer, out outcome text
) returns record language plpgsql security definer as $$
begin
    select o.cycle_id, o.run, o.outcome into cycle_id, run, outcome
    from fixtures.open(p_slot, p_mode, recovery.session(p_day), p_lease_seconds, govern.pinned_config()) as o;
    if outcome = 'OPENED' then
        insert into decide.cycle_inputs (
            cycle_id, run, account, symbol, in_universe, sector, asset_class, shortable, governance_state, governance_reasons,
            data_quality_score, provider_confidence, valid_sessions, last_session, last_close, price_kind, price_basis, features
        )
        select open.cycle_id, open.run, 'paper', s, true, 'Energy', 'equity', true, 'ACTIVE', '{}', 1, 1, 1260,
            recovery.session(p_day), 100, 'ohlcv', 'raw', '{}'
        from unnest(array['AAA', 'BBB']) as s;
        insert into decide.gate_verdicts (cycle_id, run, account, layer, verdict, reason_code, evidence, decided_at)
        select open.cycle_id, open.run, 'paper', l, 'PASS', 'GIVEN', '{}', ops.now() from generate_series(1, 4) as l;
    end if;
end;
$$;

-- Everything of a run after its gate, on the state claimed; how it ended, and the exit code of the layer that halted it.
create function recovery.conclude(p_cycle_id text, p_run integer, p_state jsonb) returns text language plpgsql security definer as $$
declare
    v_layer integer;
    v_code integer;
begin
    perform fixtures.inputs(p_cycle_id, p_run);
    perform decide.record_model_outputs(p_cycle_id, p_run, fixtures.outputs());
    perform decide.record_risk(p_cycle_id, p_run, fixtures.checks(), fixtures.risk_state(p_state), '[]');
    select c.layer, c.exit_code into v_layer, v_code
    from govern.check_results(p_cycle_id, p_run) as c where c.verdict = 'REFUSE' order by c.layer limit 1;
    perform decide.record_decisions(p_cycle_id, p_run, fixtures.decisions(p_cycle_id, p_run, v_layer));
    perform govern.conclude(p_cycle_id, p_run);
    perform decide.close_run(
        p_cycle_id, p_run, case when v_layer is null then 'DONE' else 'HALTED' end, v_layer,
        case when v_layer is null then 'DONE' else 'REFUSED' end, coalesce(v_code, 0), '{}'
    );
    return case when v_layer is null then 'DONE' else format('HALTED %s %s', v_layer, v_code) end;
end;
$$;

-- What the account is to the next cycle of the n-th session, and to an order now.
create function recovery.standing(p_day integer) returns jsonb language sql security definer as $$
    select decide.load_state('paper', recovery.session(p_day)) - array['symbols', 'regime']
        || jsonb_build_object('in_force', govern.account_state('paper'), 'mark', trade.tactical_mark('paper', recovery.session(p_day)))
$$;

-- A sequence of days through govern.next_phase, as text: facts are [drawdown, volatility, var, cvar, slot, gap, resumed] each.
create function recovery.walk(p_days jsonb, p_numbers govern.protocol_numbers) returns text[] language plpgsql as $$
declare
    v_state govern.protocol_states := row('NORMAL', 0, 0, 0, false);
    v_step govern.protocol_steps;
    v_day jsonb;
    v_told text[] := '{}';
begin
    for v_day in select d from jsonb_array_elements(p_days) as d loop
        v_state.resumed := (v_day ->> 6)::boolean;
        v_state.sessions := v_state.sessions + (v_day ->> 5)::integer;
        v_step := govern.next_phase(
            v_state, row((v_day ->> 0)::float8, (v_day ->> 1)::float8, (v_day ->> 2)::float8, (v_day ->> 3)::float8), v_day ->> 4, p_numbers
        );
        v_told := v_told || concat_ws(
            ' ', v_step.event, v_step.phase, v_step.sessions, v_step.tier, v_step.cvar_breaches, v_step.rebased
        );
        v_state := row(v_step.phase, v_step.sessions, v_step.tier, v_step.cvar_breaches, false);
    end loop;
    return v_told;
end;
$$;

grant execute on all functions in schema recovery to public;
