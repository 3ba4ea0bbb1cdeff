-- govern.liquidation_approved(account): whether liquidation legs of the account have the approval their states demand (B5).
-- What: an operator's, not expired; or the kill source `loss`, where the pinned configuration sets liquidate_on_kill and the loss
-- that kills is the account's own: the kill is everybody's, the liquidation is for whoever lost (B5).
-- Called by: govern.state_refusal. Raises: nothing; what cannot be read approves nothing (I17).
create or replace function govern.liquidation_approved(p_account text)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        exists (
            select 1 from govern.liquidation_approvals as a
            where a.account = p_account and a.approved_at <= ops.now() and a.expires_at > ops.now()
        )
        or exists (
            select 1
            from ops.kill_sources as s
                join govern.config_versions as v on v.config_sha256 = govern.pinned_config()
            where s.source = 'loss' and v.parsed #> '{breakers,liquidate_on_kill}' = 'true'
                and trade.capital_loss(p_account) >= govern.effective_limit('kill_loss')
        )
$$;
comment on function govern.liquidation_approved(text) is
'True while an operator''s approval is in effect, or the account''s own loss liquidates by configuration (B5).';
