-- ops.refuse_unknown_keys(rows, allowed): the shape check of every jsonb batch.
-- Why: jsonb_to_recordset passes over a misspelt key and leaves the column NULL; a wrong batch must not be half understood.
-- Called by: routines that take batches. Raises: MQ204.
create or replace function ops.refuse_unknown_keys(p_rows jsonb, p_allowed text[])
returns void
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_row jsonb;
    v_key text;
begin
    if p_rows is null or jsonb_typeof(p_rows) <> 'array' then
        raise exception using errcode = 'MQ204', message = 'a batch is an array of objects',
            detail = 'type=' || coalesce(jsonb_typeof(p_rows), 'null'), hint = 'correct the caller';
    end if;
    for v_row in select e.value from jsonb_array_elements(p_rows) as e (value) loop
        if jsonb_typeof(v_row) <> 'object' then
            raise exception using errcode = 'MQ204', message = 'a batch is an array of objects',
                detail = 'type=' || jsonb_typeof(v_row), hint = 'correct the caller';
        end if;
        select k.key into v_key from jsonb_object_keys(v_row) as k (key) where k.key <> all (p_allowed) order by 1 limit 1;
        if found then
            raise exception using errcode = 'MQ204', message = 'a batch has a key its table has not',
                detail = 'key=' || v_key, hint = 'use only: ' || array_to_string(p_allowed, ', ');
        end if;
    end loop;
end;
$$;
comment on function ops.refuse_unknown_keys(jsonb, text[]) is
'Raises MQ204 unless the batch is an array of objects whose keys are all allowed.';
