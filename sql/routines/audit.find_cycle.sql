-- audit.find_cycle(prefix): the id of the one cycle that begins with these hexadecimal digits.
-- Why: a person copies twelve digits from a terminal; the wrong cycle is never taken for the right one.
-- Called by: replay. Raises: MQ410, MQ411.
create or replace function audit.find_cycle(p_prefix text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_found text[];
begin
    if p_prefix ~ '^[0-9a-f]{1,32}$' then
        v_found := array(
            select c.cycle_id from decide.cycles as c
            where starts_with(c.cycle_id, p_prefix)
            order by c.cycle_id collate "C"
            limit 2
        );
    end if;
    if coalesce(cardinality(v_found), 0) = 0 then
        raise exception using errcode = 'MQ410', message = format('no cycle has the id %s', coalesce(p_prefix, 'NULL')),
            hint = 'python -m runner status shows the last cycles; select cycle_id from audit.cycles has all';
    elsif cardinality(v_found) > 1 then
        raise exception using errcode = 'MQ411', message = format('more than one cycle begins with %s', p_prefix),
            detail = format('first=%s second=%s', v_found[1], v_found[2]), hint = 'give more digits of the id';
    end if;
    return v_found[1];
end;
$$;
comment on function audit.find_cycle(text) is 'The id of the one cycle that begins with a prefix. Raises MQ410, MQ411.';
