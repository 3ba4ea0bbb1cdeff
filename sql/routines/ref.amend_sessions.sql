-- ref.amend_sessions(calendar, differing, given): takes the sessions of a calendar out again from the first differing one on, all
-- of them ahead; ref.load_sessions, which holds the lock, appends what is given.
-- Why: what changes ahead is told, by an alert and in the audit: a session that is no more, one that is new, other hours.
-- Called by: ref.load_sessions. Raises: nothing of its own.
create or replace function ref.amend_sessions(p_calendar text, p_differing date[], p_given date[])
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changes jsonb;
begin
    with differing as (
        select
            d.session, d.session = any (p_given) as is_given,
            exists (select 1 from ref.sessions as s where s.calendar = p_calendar and s.session = d.session) as is_stored
        from unnest(p_differing) as d (session)
    )

    select jsonb_build_object(
        'calendar', p_calendar,
        'closed', coalesce(jsonb_agg(d.session order by d.session) filter (where not d.is_given), '[]'),
        'opened', coalesce(jsonb_agg(d.session order by d.session) filter (where not d.is_stored), '[]'),
        'other_hours', coalesce(jsonb_agg(d.session order by d.session) filter (where d.is_given and d.is_stored), '[]')
    ) into v_changes
    from differing as d;
    delete from ref.sessions as s where s.calendar = p_calendar and s.session >= p_differing[1];
    perform notify.enqueue(
        'MEDIUM', 'DATA_QUALITY', 'CALENDAR_AMENDED',
        format('%s: sessions ahead follow another calendar than the one loaded before: %s', p_calendar, v_changes - 'calendar'),
        p_detail => v_changes
    );
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'calendar.amended', 'body', v_changes)));
end;
$$;
comment on function ref.amend_sessions(text, date[], date[]) is
'Takes sessions ahead out of a calendar, from the first of p_differing (ascending) on, with an alert and an audit event.';
