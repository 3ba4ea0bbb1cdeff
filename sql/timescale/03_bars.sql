-- What:      market.weekly_bars and market.monthly_bars: the elected daily bars by week and by month.
-- Why:       analysts' long views. Continuous aggregates where TimescaleDB is, plain views of the same names and columns
--            elsewhere. Both answer from the newest rows: an aggregate adds what it has not materialised yet.
-- Called by: deploy, as the deployer. Safe to repeat. Inside its transaction an aggregate must be made `with no data`.
-- Raises:    nothing of its own.
do $bars$
declare
    c_aggregate constant text := $sql$
        create materialized view market.%1$s_bars
        with (timescaledb.continuous, timescaledb.materialized_only = false) as
        select
            p.symbol, public.time_bucket(interval '1 %2$s', p.session) as %2$s_start,
            public.first(p.open, p.session) as open, max(p.high) as high, min(p.low) as low,
            public.last(p.close, p.session) as close, sum(p.volume) as volume, count(*) as sessions
        from market.price_history as p
        group by 1, 2
        with no data $sql$;
    c_view constant text := $sql$
        create view market.%1$s_bars as
        select
            p.symbol, pg_catalog.date_trunc('%2$s', p.session::timestamp)::date as %2$s_start,
            (pg_catalog.array_agg(p.open order by p.session))[1] as open,
            pg_catalog.max(p.high) as high, pg_catalog.min(p.low) as low,
            (pg_catalog.array_agg(p.close order by p.session desc))[1] as close,
            pg_catalog.sum(p.volume order by p.session) as volume, pg_catalog.count(*) as sessions
        from market.price_history as p
        group by 1, 2 $sql$;
    v_timescale constant boolean := exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb');
    v_period record;
begin
    if v_timescale then
        grant create on schema market to fund_history;
        set local role fund_history;
    else
        set local role fund_owner;
    end if;
    for v_period in select * from (values ('weekly', 'week'), ('monthly', 'month')) as p (name, unit) loop
        if pg_catalog.to_regclass('market.' || v_period.name || '_bars') is not null then
            continue;
        end if;
        execute pg_catalog.format(
            case when v_timescale then c_aggregate else c_view end, v_period.name, v_period.unit
        );
    end loop;
    reset role;
    if v_timescale then
        revoke create on schema market from fund_history;
    end if;
end
$bars$;

set local role fund_owner;
comment on view market.weekly_bars is
'One row per symbol and week of elected bars. Prices on each bar''s own basis: no adjustment across a split.';
comment on column market.weekly_bars.symbol is 'Symbol.';
comment on column market.weekly_bars.week_start is 'Monday of the week.';
comment on column market.weekly_bars.open is 'Open of the week''s first bar; NULL for a close-only instrument. Listing currency.';
comment on column market.weekly_bars.high is 'Highest high; NULL for a close-only instrument. Listing currency.';
comment on column market.weekly_bars.low is 'Lowest low; NULL for a close-only instrument. Listing currency.';
comment on column market.weekly_bars.close is 'Close of the week''s last bar. Listing currency.';
comment on column market.weekly_bars.volume is 'Sum of the volumes known. Shares.';
comment on column market.weekly_bars.sessions is 'Bars in the week.';
comment on view market.monthly_bars is
'One row per symbol and calendar month of elected bars. Prices on each bar''s own basis: no adjustment across a split.';
comment on column market.monthly_bars.symbol is 'Symbol.';
comment on column market.monthly_bars.month_start is 'First day of the month.';
comment on column market.monthly_bars.open is
'Open of the month''s first bar; NULL for a close-only instrument. Listing currency.';
comment on column market.monthly_bars.high is 'Highest high; NULL for a close-only instrument. Listing currency.';
comment on column market.monthly_bars.low is 'Lowest low; NULL for a close-only instrument. Listing currency.';
comment on column market.monthly_bars.close is 'Close of the month''s last bar. Listing currency.';
comment on column market.monthly_bars.volume is 'Sum of the volumes known. Shares.';
comment on column market.monthly_bars.sessions is 'Bars in the month.';
reset role;
