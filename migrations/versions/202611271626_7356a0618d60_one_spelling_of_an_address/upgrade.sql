-- one spelling of an address
--
-- Revision ID: 7356a0618d60
-- Revises: c621f6425193
-- Create Date: 2026-11-27 16:26

ALTER TABLE "users" ADD CONSTRAINT "users_email_check" CHECK ("email" collate "C" ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~.-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$' and length("email") <= 254) NOT VALID;
