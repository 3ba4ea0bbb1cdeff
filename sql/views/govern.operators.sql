-- govern.operators: the people who may propose and approve, each by a login role of their own.
create or replace view govern.operators as
select distinct on (e.role_name)
    e.role_name, e.event = 'enrolled' as enrolled, e.reason, e.actor, e.occurred_at
from govern.operator_events as e
order by e.role_name, e.event_id desc;
comment on view govern.operators is 'One row per login role that ever stood for a person: its newest enrolment or retirement.';
comment on column govern.operators.role_name is 'Login role.';
comment on column govern.operators.enrolled is 'Whether it stands for a person now.';
comment on column govern.operators.reason is 'Why it was enrolled or retired.';
comment on column govern.operators.actor is 'Who did it.';
comment on column govern.operators.occurred_at is 'Instant by ops.now().';
