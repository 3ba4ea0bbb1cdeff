-- fund_gatekeeper: the reading half of the gate (I18): select on quality and features, and nothing else. A full refresh makes new
-- tables: the default privileges carry the right over.
grant usage on schema features, quality to fund_gatekeeper;
grant select on all tables in schema features, quality to fund_gatekeeper;
alter default privileges for role fund_transformer in schema features, quality grant select on tables to fund_gatekeeper;
