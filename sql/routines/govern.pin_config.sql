-- govern.pin_config(sha256, body, parsed, limits, reason): makes a configuration the one in force, with its limits as rows (I20).
-- Why: the database computes the hash itself and keeps the file byte for byte, so any decision leads back to it. It holds the
-- lock `orders`: no basket is placed half under one configuration. On a real database what loosens a limit, or may loosen
-- anything else, needs the approval of exactly this configuration by a second person, which is used up here.
-- Called by: `config lock` as an operator. Returns true where it changed something. Raises: MQ204, MQ231-MQ233, MQ311.
create or replace function govern.pin_config(p_sha256 text, p_body bytea, p_parsed jsonb, p_limits jsonb, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pinned text;
    v_added integer;
    v_loosened text[];
    v_request_id bigint;
begin
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    v_pinned := govern.pinned_config();
    perform govern.store_config(p_sha256, p_body, p_parsed);
    v_loosened := govern.loosened_limits(p_limits) || govern.loosened_parameters(p_parsed);
    if v_loosened <> '{}' and not exists (select 1 from ops.instances as i where i.kind = 'simulated') then
        v_request_id := govern.use_approval(p_sha256, p_parsed, p_limits, p_reason);
        if v_request_id is null then
            raise exception using errcode = 'MQ232', message = 'this configuration loosens, which needs approval by two people',
                detail = 'loosened=' || array_to_string(v_loosened, ','),
                hint = 'python -m runner config lock proposes it; python -m runner approve shows what waits for whom';
        end if;
    end if;
    v_added := govern.add_file_limits(p_sha256, p_limits, p_reason);
    if v_pinned is not distinct from p_sha256 and v_added = 0 then
        return false;
    end if;
    if v_pinned is distinct from p_sha256 then
        insert into govern.config_pins (config_sha256, reason, pinned_by, pinned_at, request_id)
        values (p_sha256, p_reason, session_user, ops.now(), v_request_id);
    end if;
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'config.pinned',
        'body', jsonb_build_object(
            'config_sha256', p_sha256, 'previous', v_pinned, 'reason', p_reason, 'limits', p_limits,
            'loosened', to_jsonb(v_loosened), 'request_id', v_request_id
        )
    )));
    return true;
end;
$$;
comment on function govern.pin_config(text, bytea, jsonb, jsonb, text) is
'Pins a configuration and its limits; true where that changed something. Raises MQ204, MQ231-MQ233, MQ311.';
