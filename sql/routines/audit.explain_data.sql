-- audit.explain_data(cycle, run, symbol): what was received of a symbol and known to a run, and what was restated afterwards.
-- Called by: audit.explain_json. Raises: nothing; NULL for an unknown run.
create or replace function audit.explain_data(p_cycle_id text, p_run integer, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with bounds as (
        select c.as_of, c.as_of_session, r.recorded_before
        from decide.cycle_runs as r
            join decide.cycles as c on c.cycle_id = r.cycle_id
        where r.cycle_id = p_cycle_id and r.run = p_run
    ),

    bars as (
        select
            x.session, x.provider, x.revision, x.close, x.known_at, x.recorded_at,
            x.known_at <= b.as_of and x.recorded_at <= b.recorded_before as known,
            -- Another basis or kind is a second opinion: never the bar a cycle stands on, however new.
            x.price_basis = i.price_basis and x.price_kind = i.price_kind as electable
        from market.provider_bars as x
            join ref.instruments as i on i.symbol = x.symbol
            cross join bounds as b
        where x.symbol = p_symbol and x.session <= b.as_of_session
    )

    select jsonb_build_object(
        'instrument', (
            select to_jsonb(i) - 'symbol' || jsonb_build_object('universe', (
                select jsonb_build_object('sector', u.sector, 'valid_from', u.valid_from, 'valid_to', u.valid_to)
                from ref.universe as u
                where u.symbol = i.symbol and u.valid_from <= b.as_of_session and u.valid_to > b.as_of_session
            ))
            from ref.instruments as i
            where i.symbol = p_symbol
        ),
        'bar', audit.explain_bar(
            p_symbol, (select max(x.session) from bars as x where x.known and x.electable), b.as_of, b.recorded_before
        ),
        'bars_known', (select count(*) from bars as x where x.known),
        'revisions_known', (select count(*) from bars as x where x.known and x.revision > 0),
        'revised_since', coalesce((
            select jsonb_agg(jsonb_build_object(
                'session', x.session, 'provider', x.provider, 'revision', x.revision, 'close', x.close,
                'known_at', x.known_at, 'recorded_at', x.recorded_at
            ) order by x.session, x.provider collate "C", x.revision)
            from bars as x
            where not x.known and x.revision > 0
        ), '[]'::jsonb),
        'quarantined', coalesce((
            select jsonb_object_agg(q.reason, q.rows)
            from (
                select k.reason, count(*) as rows
                from market.quarantined_bars as k
                where k.symbol = p_symbol and k.recorded_at <= b.recorded_before
                group by k.reason
            ) as q
        ), '{}'::jsonb),
        'last_actions', coalesce((
            select jsonb_agg(jsonb_build_object('ex_date', a.ex_date, 'kind', a.kind, 'factor', a.factor, 'amount', a.amount)
                order by a.ex_date desc, a.kind)
            from (
                select distinct on (y.ex_date, y.kind) y.ex_date, y.kind, y.factor, y.amount
                from market.corporate_actions as y
                where y.symbol = p_symbol and y.known_at <= b.as_of and y.recorded_at <= b.recorded_before
                order by y.ex_date desc, y.kind, y.revision desc
                limit 3
            ) as a
        ), '[]'::jsonb)
    )
    from bounds as b
$$;
comment on function audit.explain_data(text, integer, text) is
'What a run knew of a symbol: instrument, last bar with its payload, revisions known then and made since, rows set aside, '
'corporate actions.';
