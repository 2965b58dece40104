-- files
--
-- Revision ID: da2149a58d53
-- Revises: 343b2c8e0e31
-- Create Date: 2026-11-28 04:42

CREATE TABLE "files" (
  "id" uuid PRIMARY KEY,
  "owner_id" uuid NOT NULL,
  "name" text NOT NULL,
  "type" text NOT NULL,
  "size" bigint NOT NULL,
  "purpose" text NOT NULL,
  "state" text DEFAULT 'pending' NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "files_state_check" CHECK ("state" in ('pending', 'ready')),
  CONSTRAINT "files_size_check" CHECK ("size" > 0)
);

CREATE TABLE "file_removals" (
  "id" uuid PRIMARY KEY,
  "final_at" timestamp with time zone NOT NULL,
  "due_at" timestamp with time zone NOT NULL
);

CREATE INDEX "files_owner_id_idx" ON "files" ("owner_id","id");

CREATE INDEX "files_owner_id_purpose_idx" ON "files" ("owner_id","purpose");

CREATE INDEX "files_pending_idx" ON "files" ("created_at") WHERE "state" = 'pending';

CREATE INDEX "file_removals_due_at_idx" ON "file_removals" ("due_at");

ALTER TABLE "files" ADD CONSTRAINT "files_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;

-- The object of a deleted row has to leave the storage, whoever deleted it: its owner, the account's end, a statement by hand.
-- An upload can be under way for a day, so the object is removed at once and then for the last time.
CREATE FUNCTION "files_note_removal"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
	EXECUTE format('INSERT INTO %1$I.file_removals (id, final_at, due_at) VALUES ($1, $2, now()) ON CONFLICT (id) DO NOTHING',
		TG_TABLE_SCHEMA) USING OLD.id, OLD.created_at + interval '1 day';
	RETURN NULL;
END $$;

CREATE TRIGGER "files_note_removal" AFTER DELETE ON "files"
	FOR EACH ROW EXECUTE FUNCTION "files_note_removal"();
