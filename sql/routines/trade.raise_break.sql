-- trade.raise_break(account, kind, symbol, subject, evidence): a difference from the broker's books becomes a row and an alert.
-- What: the audit event of the new break, for the caller's batch; NULL where the same one (kind, symbol, subject) is open already.
-- Why: nothing is mended silently: a halt or a quarantine lasts until a person resolves it with a reason (I8). Each is heard, also
-- one that comes again minutes after its like was resolved: while it is open there is no second.
-- Called by: the routines that record what a broker says, and hold the account's row. Raises: foreign key of an unknown kind.
create or replace function trade.raise_break(p_account text, p_kind text, p_symbol text, p_subject text, p_evidence jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_break trade.breaks;
    v_effect text;
begin
    if exists (
        select 1 from trade.open_breaks as b
        where b.account = p_account and b.kind = p_kind and b.symbol is not distinct from p_symbol
            and b.subject = coalesce(p_subject, '')
    ) then
        return null;
    end if;
    insert into trade.breaks (account, kind, symbol, subject, evidence, raised_at)
    values (p_account, p_kind, p_symbol, coalesce(p_subject, ''), coalesce(p_evidence, '{}'::jsonb), ops.now())
    returning * into v_break;
    select k.effect into v_effect from ref.break_kinds as k where k.kind = p_kind;
    perform notify.enqueue(
        case v_effect when 'HALT' then 'CRITICAL' else 'HIGH' end, 'TRADING', 'BREAK_' || p_kind,
        format('%s of %s: break %s, %s%s', case v_effect when 'HALT' then 'halt' else 'quarantine' end, p_account, v_break.break_id,
            p_kind, coalesce(' of ' || p_symbol, '')),
        p_symbol, p_account, p_evidence, 0
    );
    return jsonb_build_object('event', 'break.raised', 'account', p_account, 'body', jsonb_strip_nulls(jsonb_build_object(
        'break_id', v_break.break_id, 'kind', p_kind, 'effect', v_effect, 'symbol', p_symbol, 'subject', p_subject,
        'evidence', p_evidence
    )));
end;
$$;
comment on function trade.raise_break(text, text, text, text, jsonb) is
'Raises a break with its alert and returns its audit event; NULL where the same one is open.';
