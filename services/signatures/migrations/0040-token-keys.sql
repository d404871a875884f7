-- Keys on tokens and HSMs: here is only where they are. What is sealed of them is the PIN, so that
-- nobody without the passphrase of the keeper can try one at the token.

alter table signing_key
  add column token text,
  add column object_id bytea,
  add check ((token is null) = (object_id is null));
