-- govern.tighten_limit(name, threshold, reason): a stricter number for a limit, in force at once (I20). Returns its version.
-- What: strictly stricter than the one in force; a whole number where the limit counts; within a hundredth (upper) or a hundred
-- times (lower) of the file's number, a fraction at most 1: what is beyond is a slip of the hand, and the kill switch is there
-- for who wants to stop everything.
-- Why: one person may make the fund more careful. Taking it back is loosening (govern.propose_change, kind lift). It holds the
-- lock `orders`, so that no basket is placed half under either number.
-- Called by: `limits tighten` as fund_operator. Raises: MQ427.
create or replace function govern.tighten_limit(p_limit_name text, p_threshold double precision, p_reason text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_file govern.limits;
    v_present double precision;
    v_version integer;
begin
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    v_present := govern.effective_limit(p_limit_name);
    select l.* into v_file from govern.limits as l
    where l.limit_name = p_limit_name and l.source = 'file' and l.config_sha256 = govern.pinned_config()
    order by l.version desc limit 1;
    if (
        p_reason <> ''
        and case v_file.bound
            when 'upper' then p_threshold < v_present and p_threshold >= v_file.threshold / 100
            when 'lower' then p_threshold > v_present and p_threshold <= greatest(v_file.threshold, 1) * 100
                and (v_file.unit <> 'score' or p_threshold <= 1)
        end
        and (v_file.unit not in ('count', 'sessions', 'minutes', 'seconds') or p_threshold = floor(p_threshold))
    ) is not true then
        raise exception using errcode = 'MQ427',
            message = 'a tightening names a limit, a reason and a stricter number within its range',
            detail = format(
                'limit=%s in_force=%s bound=%s unit=%s given=%s', p_limit_name, v_present, v_file.bound, v_file.unit, p_threshold
            ),
            hint = 'python -m runner limits list; a looser number: python -m runner limits propose';
    end if;
    select max(l.version) + 1 into v_version from govern.limits as l where l.limit_name = p_limit_name;
    insert into govern.limits (
        limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, author, effective_from
    )
    values (
        p_limit_name, v_version, v_file.config_sha256, p_threshold, v_file.bound, v_file.unit, v_file.action, 'tightened',
        v_file.ruling, p_reason, session_user, ops.now()
    );
    perform notify.enqueue(
        'MEDIUM', 'RISK', 'LIMIT_TIGHTENED', format('%s: %s after %s, %s', p_limit_name, p_threshold, v_present, p_reason),
        p_window_seconds => 0
    );
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'limit.tightened', 'body', jsonb_build_object(
        'limit_name', p_limit_name, 'version', v_version, 'threshold', p_threshold, 'before', v_present, 'reason', p_reason
    ))));
    return v_version;
end;
$$;
comment on function govern.tighten_limit(text, double precision, text) is
'Adds a stricter row for a limit, in force at once; its version. Raises MQ427.';
