-- one spelling of every address
--
-- Revision ID: 34155d6d0d8d
-- Revises: 7356a0618d60
-- Create Date: 2026-11-27 16:31

-- Rows in another spelling stay, and the doctor names them; where there is none, the constraint holds for all.
DO $$
BEGIN
	ALTER TABLE "users" VALIDATE CONSTRAINT "users_email_check";
EXCEPTION WHEN check_violation THEN
	NULL;
END $$;
