-- 0027 proposed files: a proposal keeps its file's bytes itself; govern.config_versions holds what was pinned.
-- Why: values told of bytes are one person's word until the file is pinned: a false proposal, refused, must not be what the
-- database knows of that hash from then on.

alter table govern.change_requests
-- A new column without values: there is nothing to validate.
-- squawk-ignore constraint-missing-not-valid
add column body bytea constraint change_requests_body_check check (body is null or kind = 'config');
comment on column govern.change_requests.body is
'config: the file; NULL for a request from before it was kept here, whose file govern.config_versions has.';

comment on table govern.config_versions is
'One row per golden configuration ever pinned, or proposed before 0027, byte for byte; never changed.';
