-- Reverts 08bb376f7a3b: The ends of the chains are out of reach of the role that serves

ALTER FUNCTION "audit_events_link"() SECURITY INVOKER;

GRANT EXECUTE ON FUNCTION "audit_events_link"() TO PUBLIC;

-- A role that records events has to move the ends by itself again.
DO $$
DECLARE
	granted record;
BEGIN
	FOR granted IN
		SELECT DISTINCT grantee FROM pg_class, aclexplode(relacl)
		WHERE oid = to_regclass('audit_events') AND privilege_type = 'INSERT' AND grantee <> relowner AND grantee <> 0
	LOOP
		EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON audit_chains TO %I', pg_get_userbyid(granted.grantee));
	END LOOP;
END $$;
