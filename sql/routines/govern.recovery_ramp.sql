-- govern.recovery_ramp(): the factors of the recovery ramp in force, tier by tier (B10); NULL where one is missing.
-- Why: each tier is a limit of its own, recovery_ramp_<tier>_of_<tiers>, so that it can be tightened; a row that is gone is seen
-- by the others' names, and whoever asks refuses (I17).
-- Called by: govern.protocol_numbers, govern.layer_09_recovery, govern.risk_limit_faults. Raises: nothing.
create or replace function govern.recovery_ramp()
returns double precision[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with tiers as (
        select (m.parts)[1]::integer as tier, (m.parts)[2]::integer as tiers, e.threshold
        from govern.effective_limits as e
            cross join lateral regexp_match(e.limit_name, '^recovery_ramp_(\d+)_of_(\d+)$') as m (parts)
        where m.parts is not null
    )

    select case
        when count(*) = max(t.tiers) and min(t.tiers) = max(t.tiers) and min(t.tier) = 1 and max(t.tier) = max(t.tiers)
            then array_agg(t.threshold order by t.tier)
    end
    from tiers as t
$$;
comment on function govern.recovery_ramp() is
'The factors of the recovery ramp in force, first tier first; NULL where one is missing.';
