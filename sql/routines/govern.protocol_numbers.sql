-- govern.protocol_numbers(): the limits in force that the recovery protocol compares with; NULL where one is missing.
-- Called by: decide.protocol_step, govern.layer_07_circuit_breakers. Raises: nothing: what is missing breaches (I17).
create or replace function govern.protocol_numbers()
returns govern.protocol_numbers
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select row(
        max(e.threshold) filter (where e.limit_name = 'drawdown'),
        max(e.threshold) filter (where e.limit_name = 'drawdown_sessions'),
        max(e.threshold) filter (where e.limit_name = 'volatility'),
        max(e.threshold) filter (where e.limit_name = 'tier_two_volatility_multiple'),
        max(e.threshold) filter (where e.limit_name = 'var'),
        max(e.threshold) filter (where e.limit_name = 'tier_two_var_multiple'),
        max(e.threshold) filter (where e.limit_name = 'cvar_hard'),
        max(e.threshold) filter (where e.limit_name = 'freeze_sessions'),
        cardinality(govern.recovery_ramp())
    )::govern.protocol_numbers
    from govern.effective_limits as e
$$;
comment on function govern.protocol_numbers() is
'The limits in force that the recovery protocol compares with; NULL where one is missing, which breaches (I17).';
