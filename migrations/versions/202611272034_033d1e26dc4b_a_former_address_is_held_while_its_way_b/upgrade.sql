-- a former address is held while its way back is good
--
-- Revision ID: 033d1e26dc4b
-- Revises: 818b57adff48
-- Create Date: 2026-11-27 20:34

-- The owner of a former address has a link that brings it back, so for others it is taken as long as this link is good. The row of
-- the link is older than the change by the time that a mail takes, so no statement that makes an account can miss it.
CREATE FUNCTION "users_refuse_held_email"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	is_held boolean;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.one_time_tokens t JOIN %1$I.users u ON u.id = t.user_id
		WHERE t.email = $1 AND t.purpose = ''undo_email_change'' AND t.used_at IS NULL AND t.expires_at > now()
			AND t.user_id <> $2 AND u.removing IS DISTINCT FROM ''account'')', TG_TABLE_SCHEMA)
		INTO is_held USING NEW.email, NEW.id;
	IF is_held THEN
		RAISE EXCEPTION 'the address is held for the account that had it'
			USING ERRCODE = 'unique_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'users_email_held';
	END IF;
	RETURN NEW;
END $$;

CREATE TRIGGER "users_refuse_held_email" BEFORE INSERT OR UPDATE OF "email" ON "users"
	FOR EACH ROW EXECUTE FUNCTION "users_refuse_held_email"();
