-- ops.resume_checklist(verify audit): what trading can be resumed on, in the order of the protocol (I15), and what is missing.
-- What: operator; a row per engaged source, with who engaged it again; per account that may trade, its reconciliation (nothing
-- open, a fresh and clean reading of a broker outside); the loss of an account where it is one that kills (B7): resumed over it,
-- the fund would be refused by layer 1 and killed by the next mark again; the cooldowns; the audit chain. None where nothing is
-- stopped. Why: a refusal that names one thing at a time costs a person an hour. A number that an operator tightened is loosened
-- by taking its row back, not by another file: the stricter counts. An account outside that was never adopted
-- releases nothing whatever is resumed (I11) and is left out; nobody pays into a paper account, so no break of it could be
-- accepted as capital. The chain is the slow item: ops.resume asks for it once, unlocked.
-- Called by: ops.resume, `python -m runner resume --check`. Raises: nothing.
create or replace function ops.resume_checklist(p_verify_audit boolean default true)
returns table (item text, is_clear boolean, missing text, next_command text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with items (place, item, missing, next_command) as (
        select 1, 'operator', case when not pg_has_role(session_user, 'fund_operator', 'member') then
            format('%s is no operator', session_user) end, 'python -m runner operator list'

        union all
        select 2, 'source ' || s.source || case when s.host <> '' then ' on ' || s.host else '' end,
            format('engaged by %s at %s: %s', s.engaged_by, ops.utc_text(s.engaged_at), s.reason) || coalesce((
                select string_agg(
                    format('; again by %s at %s: %s', e.actor, ops.utc_text(e.occurred_at), e.reason), '' order by e.event_id
                )
                from (select g.* from ops.engagements(s.source, s.host) as g order by g.event_id offset 1) as e
            ), ''),
            case s.source
                when 'file' then format('on %s: remove its kill file (runtime/KILL_SWITCH, or the one KILL_SWITCH_FILE names), '
                    'then python -m runner resume --check', s.host)
                else format('python -m runner resume --clear %s --reason "…"', s.source)
            end
        from ops.kill_sources as s

        union all
        select 3, 'reconciliation of ' || a.account,
            coalesce(
                (
                    select format('%s open breaks', count(*)) from trade.open_breaks as b
                    where b.account = a.account having count(*) > 0
                ), trade.release_gate(a.account)
            ),
            case
                when exists (select 1 from trade.open_breaks as b where b.account = a.account) then 'python -m runner breaks list'
                else format('python -m runner sync --once --account %s', a.account)
            end
        from trade.accounts as a
            join ref.brokers as k on k.broker = a.broker
        where not k.external or exists (select 1 from trade.adoptions as d where d.account = a.account)

        union all
        select 4, 'loss of ' || a.account, format(
            '%s %% of its contributed capital, the limit is %s %%: it kills again until capital is added or two people loosen it',
            round((100 * trade.capital_loss(a.account))::numeric, 2), round((100 * l.threshold)::numeric, 2)
        ), case when k.external then 'add capital (breaks resolve --accept --capital), or ' else '' end
        || case l.source
            when 'tightened' then format('python -m runner limits propose kill_loss %s --reason "…"', l.version)
            else 'breakers.kill_loss: python -m runner config lock'
        end
        from trade.accounts as a
            join ref.brokers as k on k.broker = a.broker
            join govern.effective_limits as l on l.limit_name = 'kill_loss'
        where trade.capital_loss(a.account) >= l.threshold

        union all
        select 5, format('cooldown after %s', array_to_string(c.sources, ', ')),
            case when not c.is_over then format(
                '%s of %s %s since %s', coalesce(floor(c.passed)::text, 'unknown'), coalesce(c.needed::text, 'unknown'), c.kind,
                ops.utc_text(c.since)
            ) end,
            case
                when exists (select 1 from ops.instances as i where i.kind = 'simulated')
                    then 'this clock stands until it is moved: python -m runner cycle --from DATE --to DATE'
                else 'python -m runner resume --check  (after that)'
            end
        from ops.kill_cooldowns() as c

        union all
        select 6, 'audit chain',
            case when v.intact is not true then format('%s at seq %s', v.problem, v.broken_seq) end,
            'python -m runner audit verify'
        from (select 1) as one
            left join lateral (select * from audit.verify_chain() where p_verify_audit) as v on true
        where p_verify_audit
    )

    select i.item, i.missing is null, i.missing, case when i.missing is not null then i.next_command end
    from items as i
    where ops.kill_engaged(false)
    order by i.place, i.item collate "C"
$$;
comment on function ops.resume_checklist(boolean) is
'What a resumption asks, in order, and what of it is still missing with the next command; no row where nothing is stopped (I15).';
