-- Reverts b0ab7fdb2255: without items

CREATE TABLE "items" (
  "id" uuid PRIMARY KEY,
  "title" text NOT NULL,
  "description" text,
  "owner_id" uuid NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "items_owner_id_idx" ON "items" ("owner_id","id");

ALTER TABLE "items" ADD CONSTRAINT "items_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;
