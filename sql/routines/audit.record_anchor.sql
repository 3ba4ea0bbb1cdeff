-- audit.record_anchor(host, path, book, line, digest, seq, hash): keeps that a line was written to an anchor file (I23).
-- Why: an anchor file that is deleted or cut is seen by the lines the database knows of it; what the file says, only the
-- verifier compares. It follows the line, so a crash between them leaves a file that is ahead, which is no fault.
-- No audit row: an anchor is about the chain, and a row of its own would leave every head unanchored.
-- Called by: fund_verifier, after the line is on the disk. Returns true where it is new. Raises: MQ400, MQ401.
create or replace function audit.record_anchor(
    p_host text, p_path text, p_book text, p_line bigint, p_digest text, p_seq bigint, p_hash bytea
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_known audit.anchors;
begin
    if not exists (select 1 from audit.audit_log as l where l.seq = p_seq and l.hash = p_hash) then
        raise exception using errcode = 'MQ400', message = 'the audit chain has no row with this sequence and hash',
            detail = format('seq=%s hash=%s', p_seq, encode(p_hash, 'hex')), hint = 'python -m runner audit verify';
    end if;
    insert into audit.anchors (book, line, digest, host, path, seq, hash, anchored_at)
    values (p_book, p_line, p_digest, p_host, p_path, p_seq, p_hash, ops.now())
    on conflict (book, line) do nothing;
    if found then
        return true;
    end if;
    select a.* into v_known from audit.anchors as a where a.book = p_book and a.line = p_line;
    if (v_known.digest, v_known.seq, v_known.hash) is distinct from (p_digest, p_seq, p_hash) then
        raise exception using errcode = 'MQ401', message = 'this line of the anchor file is known with other content',
            detail = format('book=%s line=%s seq=%s', left(p_book, 12), p_line, v_known.seq),
            hint = 'python -m runner audit verify';
    end if;
    return false;
end;
$$;
comment on function audit.record_anchor(text, text, text, bigint, text, bigint, bytea) is
'Keeps that a head was written to an anchor file; true where that is new. Raises MQ400, MQ401.';
