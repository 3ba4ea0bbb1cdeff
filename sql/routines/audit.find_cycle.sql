-- audit.find_cycle(cycle, account): the id of a cycle from what a person has at hand: the id, the beginning of one (four digits
-- at least), an as-of session, or `last`.
-- Why: 32 hexadecimal digits are nobody's to type; what fits several cycles is refused, never guessed. Of one session the
-- `close` slot is meant where there is one.
-- Called by: audit.explain_json, audit.known_bars. Raises: MQ450 no such cycle (and that it was missed), MQ451 several.
create or replace function audit.find_cycle(p_cycle text, p_account text default null)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_found text[];
begin
    select array_agg(c.cycle_id order by c.cycle_id) into v_found
    from (
        select x.cycle_id, rank() over (order by (x.slot = 'close') desc) as choice
        from decide.cycles as x
        where (p_account is null or x.account = p_account)
            and case
                when p_cycle ~ '^\d{4}-\d{2}-\d{2}$' then x.as_of_session::text = p_cycle
                when p_cycle = 'last' then x.cycle_id = (
                    select r.cycle_id
                    from decide.cycle_runs as r
                        join decide.cycles as k on k.cycle_id = r.cycle_id
                    where p_account is null or k.account = p_account
                    order by k.as_of_session desc, r.opened_at desc, r.recorded_before desc
                    limit 1
                )
                when p_cycle ~ '^[0-9a-f]{4,32}$' then starts_with(x.cycle_id, p_cycle)
                else false
            end
    ) as c
    where c.choice = 1 or p_cycle !~ '-';
    if v_found is null and exists (
        select 1 from decide.missed_cycles as m
        where m.as_of_session::text = p_cycle and m.account = coalesce(p_account, m.account)
    ) then
        raise exception using errcode = 'MQ450', message = 'no cycle ran as of ' || p_cycle || ': nothing was decided then',
            detail = 'account=' || coalesce(p_account, 'any'),
            hint = 'select * from audit.missed_cycles says since when that is known, audit.alerts who was told';
    elsif v_found is null then
        raise exception using errcode = 'MQ450', message = 'no cycle is meant by ' || coalesce(quote_literal(p_cycle), 'NULL'),
            detail = 'account=' || coalesce(p_account, 'any'),
            hint = 'select cycle_id, account, as_of_session, state from audit.cycles order by as_of_session';
    elsif cardinality(v_found) > 1 then
        raise exception using errcode = 'MQ451', message = format('%s cycles are meant by %L', cardinality(v_found), p_cycle),
            detail = 'cycles=' || (
                select string_agg(format('%s (%s %s %s %s under %s)', x.cycle_id, x.account, x.mode, x.strategy, x.slot,
                    left(x.config_sha256, 12)), ', ' order by x.cycle_id)
                from decide.cycles as x where x.cycle_id = any (v_found[:5])
            ),
            hint = 'give the id of the one that is meant, or enough of its beginning';
    end if;
    return v_found[1];
end;
$$;
comment on function audit.find_cycle(text, text) is
'The cycle meant by an id, the beginning of one, an as-of session or "last"; of one account where given. Raises MQ450, MQ451.';
