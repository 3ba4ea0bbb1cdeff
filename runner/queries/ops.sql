-- Operations: clock, kill switch, status.

-- name: now
select ops.now()

-- name: instance_kind
select kind from ops.instances

-- name: advance_clock
select ops.advance_clock(%(instant)s)

-- name: report_kill_file
select ops.report_kill_file(%(host)s, %(present)s)

-- name: kill_engaged
select ops.kill_engaged(false)

-- name: kill_cooldowns
select kind, is_over from ops.kill_cooldowns();

-- name: engage_kill_switch
select ops.engage_kill_switch(%(reason)s)

-- name: clear_kill_source
select ops.clear_kill_source(%(source)s, %(host)s, %(reason)s)

-- name: beat
select ops.beat(%(process)s, %(host)s, %(pid)s, %(detail)s::jsonb)

-- name: status
select ops.status()

-- name: read_only
set session characteristics as transaction isolation level repeatable read, read only
-- name: resume_checklist
select item, is_clear, missing, next_command from ops.resume_checklist()

-- name: resume
select item, is_clear, missing, next_command from ops.resume(%(reason)s)
