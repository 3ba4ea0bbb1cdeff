-- govern.pin_config(sha256, body, parsed, limits, reason): makes a configuration the one in force, with its limits as rows (I20).
-- Why: the database computes the hash itself and keeps the file byte for byte, so any decision leads back to it. It holds the
-- lock `orders`: no basket is placed half under one configuration. On a real database a looser limit is refused: it takes two
-- people, whose approval is a later routine's to check, here.
-- Called by: `config lock` as fund_operator. Returns true where it changed something. Raises: MQ204, MQ231, MQ232, MQ233.
create or replace function govern.pin_config(p_sha256 text, p_body bytea, p_parsed jsonb, p_limits jsonb, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sha256 constant text := encode(sha256(p_body), 'hex');
    v_pinned text;
    v_added integer;
    v_loosened text[];
begin
    if v_sha256 is distinct from p_sha256 or jsonb_typeof(p_parsed) is distinct from 'object' then
        raise exception using errcode = 'MQ231', message = 'the configuration''s bytes do not have the hash given',
            detail = format('computed=%s given=%s', v_sha256, p_sha256), hint = 'python -m runner config lock';
    end if;
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    v_pinned := govern.pinned_config();
    insert into govern.config_versions (config_sha256, body, parsed, recorded_by)
    values (v_sha256, p_body, p_parsed, session_user)
    on conflict (config_sha256) do nothing;
    v_loosened := govern.loosened_limits(p_limits);
    if v_loosened <> '{}' and not exists (select 1 from ops.instances as i where i.kind = 'simulated') then
        raise exception using errcode = 'MQ232', message = 'this configuration loosens a limit of a real database',
            detail = 'limits=' || array_to_string(v_loosened, ','), hint = 'keep or tighten them; loosening takes two people';
    end if;
    v_added := govern.add_file_limits(v_sha256, p_limits, p_reason);
    if v_pinned is not distinct from v_sha256 and v_added = 0 then
        return false;
    end if;
    if v_pinned is distinct from v_sha256 then
        insert into govern.config_pins (config_sha256, reason, pinned_by, pinned_at)
        values (v_sha256, p_reason, session_user, ops.now());
    end if;
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'config.pinned',
        'body', jsonb_build_object(
            'config_sha256', v_sha256, 'previous', v_pinned, 'reason', p_reason, 'limits', p_limits,
            'loosened', to_jsonb(v_loosened)
        )
    )));
    return true;
end;
$$;
comment on function govern.pin_config(text, bytea, jsonb, jsonb, text) is
'Pins a configuration and its limits; true where that changed something. Raises MQ204, MQ231, MQ232, MQ233.';
