-- fund_gatekeeper: the reading half of the gate (I18): select on quality and features, and nothing else. A full refresh makes new
-- tables: the default privileges carry the right over.
-- Its own routines are named because an owner loses what _reset revokes; fund_owner calls them as a member.
grant usage on schema features, govern, quality to fund_gatekeeper;
grant select on all tables in schema features, quality to fund_gatekeeper;
alter default privileges for role fund_transformer in schema features, quality grant select on tables to fund_gatekeeper;
grant execute on function govern.read_features(date, text[]) to fund_gatekeeper;
grant execute on function govern.read_quality() to fund_gatekeeper;
grant execute on function govern.relation_fault(text, text) to fund_gatekeeper;
