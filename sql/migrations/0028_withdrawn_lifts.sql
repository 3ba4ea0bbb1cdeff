-- 0028 withdrawn lifts: a lift withdrawn before its instant takes nothing back, and its row of a limit may be lifted anew.
-- Why: the key said a row is lifted once, whatever became of the lift. That one lift of a row stands at a time is asked by
-- govern.approve_change, under the lock `orders`.

-- Nobody else relied on the key.
-- squawk-ignore ban-drop-constraint
alter table govern.limit_lifts drop constraint limit_lifts_pkey;
-- The new key says the same.
-- squawk-ignore ban-drop-constraint
alter table govern.limit_lifts drop constraint limit_lifts_request_id_key;
-- A handful of rows: nobody waits for them to be read.
-- squawk-ignore adding-serial-primary-key-field, constraint-missing-not-valid
alter table govern.limit_lifts add constraint limit_lifts_pkey primary key (request_id);
comment on table govern.limit_lifts is
'One row per approval that takes a tightened row back, append-only; one withdrawn before its instant counts for nothing.';
comment on column govern.change_events.event is
'approved or refused: by another person than the author; withdrawn: by anyone enrolled; applied: pinned, or its lift recorded.';
