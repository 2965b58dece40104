-- The ends of the chains are out of reach of the role that serves
--
-- Revision ID: 08bb376f7a3b
-- Revises: 54b45b7036a2
-- Create Date: 2026-11-27 11:46

-- The trigger writes the chains with the rights of its owner, so the role that serves needs none on them.
ALTER FUNCTION "audit_events_link"() SECURITY DEFINER;

-- Otherwise any role that makes a table could put the trigger on it.
REVOKE EXECUTE ON FUNCTION "audit_events_link"() FROM PUBLIC;

-- What an earlier deploy/roles.sql granted.
DO $$
DECLARE
	granted record;
BEGIN
	FOR granted IN
		SELECT DISTINCT grantee FROM pg_class, aclexplode(relacl)
		WHERE oid = to_regclass('audit_chains') AND grantee <> relowner AND grantee <> 0
	LOOP
		EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_chains FROM %I', pg_get_userbyid(granted.grantee));
	END LOOP;
END $$;
