-- 0015 anchors: what the database knows of the heads that were anchored outside it (I23).

create table audit.anchors (
    anchor_id bigint generated always as identity primary key,
    book text not null check (book ~ '^[0-9a-f]{64}$'),
    line bigint not null check (line > 0),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    host text not null check (host <> ''),
    path text not null check (path <> ''),
    seq bigint not null check (seq > 0),
    hash bytea not null check (length(hash) = 32),
    actor text not null default session_user,
    anchored_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    unique (book, line),
    check ((line = 1) = (digest = book))
);
comment on table audit.anchors is
'One row per line of an anchor file, written after the line: a file that is gone or shorter is seen by it. Append-only.';
comment on column audit.anchors.anchor_id is 'Sequence.';
comment on column audit.anchors.book is 'Digest of the file''s first line: which file it is.';
comment on column audit.anchors.line is 'Number of the line in the file.';
comment on column audit.anchors.digest is 'Digest of the line, which has the one before in it.';
comment on column audit.anchors.host is 'Host the file is on.';
comment on column audit.anchors.path is 'Where it is there.';
comment on column audit.anchors.seq is 'The chain''s last sequence when it was anchored; also the number of its rows.';
comment on column audit.anchors.hash is 'Hash of that row.';
comment on column audit.anchors.actor is 'Login role.';
comment on column audit.anchors.anchored_at is 'Instant by ops.now().';
comment on column audit.anchors.recorded_at is 'Wall instant.';

create index anchors_place on audit.anchors (host, path, anchor_id desc);
