-- without items
--
-- Revision ID: b0ab7fdb2255
-- Revises:
-- Depends On: 2bca92061050
-- Create Date: 2026-11-27 23:59

ALTER TABLE "items" DROP CONSTRAINT "items_owner_id_users_id_fkey";

-- lint: allow drops-table because the resource was destroyed
DROP TABLE "items";
