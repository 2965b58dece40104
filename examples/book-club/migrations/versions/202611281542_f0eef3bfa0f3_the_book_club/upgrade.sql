-- the book club
--
-- Revision ID: f0eef3bfa0f3
-- Revises: b0ab7fdb2255
-- Depends On: 94aa89dcaa0c
-- Create Date: 2026-11-28 15:42

CREATE TABLE "clubs" (
  "id" uuid PRIMARY KEY,
  "name" text NOT NULL,
  "about" text DEFAULT '' NOT NULL,
  "owner_id" uuid NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "memberships" (
  "id" uuid PRIMARY KEY,
  "club_id" uuid NOT NULL,
  "user_id" uuid NOT NULL,
  "role" text DEFAULT 'reader' NOT NULL,
  "owner_id" uuid NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "memberships_role_check" CHECK ("role" in ('reader', 'organiser'))
);

CREATE TABLE "books" (
  "id" uuid PRIMARY KEY,
  "club_id" uuid NOT NULL,
  "title" text NOT NULL,
  "author" text NOT NULL,
  "copies" integer DEFAULT 0 NOT NULL,
  "topic" text DEFAULT 'novel' NOT NULL,
  "published" date,
  "cover_id" uuid,
  "owner_id" uuid NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL,
  "deleted_at" timestamp(3) with time zone,
  CONSTRAINT "books_topic_check" CHECK ("topic" in ('novel', 'essay', 'poetry', 'other'))
);

CREATE TABLE "readings" (
  "id" uuid PRIMARY KEY,
  "club_id" uuid NOT NULL,
  "book_id" uuid NOT NULL,
  "meets_at" timestamp(3) with time zone NOT NULL,
  "note" text DEFAULT '' NOT NULL,
  "owner_id" uuid NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "loans" (
  "id" uuid PRIMARY KEY,
  "book_id" uuid NOT NULL,
  "due_at" timestamp(3) with time zone NOT NULL,
  "returned_at" timestamp(3) with time zone,
  "reminded_at" timestamp(3) with time zone,
  "owner_id" uuid NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "clubs_owner_id_idx" ON "clubs" ("owner_id","id");

CREATE INDEX "memberships_owner_id_idx" ON "memberships" ("owner_id","id");

CREATE INDEX "memberships_club_id_idx" ON "memberships" ("club_id","id");

CREATE UNIQUE INDEX "memberships_user_id_club_id_key" ON "memberships" ("user_id","club_id");

CREATE INDEX "books_owner_id_idx" ON "books" ("owner_id","id");

CREATE INDEX "books_club_id_idx" ON "books" ("club_id","id");

CREATE INDEX "books_club_id_title_idx" ON "books" ("club_id","title","id");

CREATE UNIQUE INDEX "books_cover_id_key" ON "books" ("cover_id");

CREATE INDEX "books_title_search_idx" ON "books" USING gin (to_tsvector('simple', "title"));

CREATE INDEX "readings_owner_id_idx" ON "readings" ("owner_id","id");

CREATE INDEX "readings_club_id_idx" ON "readings" ("club_id","id");

CREATE INDEX "readings_book_id_idx" ON "readings" ("book_id");

CREATE INDEX "loans_owner_id_idx" ON "loans" ("owner_id","id");

CREATE INDEX "loans_book_id_idx" ON "loans" ("book_id","id");

CREATE INDEX "loans_due_at_idx" ON "loans" ("due_at") WHERE ("returned_at" is null);

ALTER TABLE "clubs" ADD CONSTRAINT "clubs_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "memberships" ADD CONSTRAINT "memberships_club_id_clubs_id_fkey" FOREIGN KEY ("club_id") REFERENCES "clubs"("id") ON DELETE CASCADE;

ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "memberships" ADD CONSTRAINT "memberships_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "books" ADD CONSTRAINT "books_club_id_clubs_id_fkey" FOREIGN KEY ("club_id") REFERENCES "clubs"("id") ON DELETE CASCADE;

ALTER TABLE "books" ADD CONSTRAINT "books_cover_id_files_id_fkey" FOREIGN KEY ("cover_id") REFERENCES "files"("id") ON DELETE SET NULL;

ALTER TABLE "books" ADD CONSTRAINT "books_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "readings" ADD CONSTRAINT "readings_club_id_clubs_id_fkey" FOREIGN KEY ("club_id") REFERENCES "clubs"("id") ON DELETE CASCADE;

ALTER TABLE "readings" ADD CONSTRAINT "readings_book_id_books_id_fkey" FOREIGN KEY ("book_id") REFERENCES "books"("id") ON DELETE CASCADE;

ALTER TABLE "readings" ADD CONSTRAINT "readings_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;

ALTER TABLE "loans" ADD CONSTRAINT "loans_book_id_books_id_fkey" FOREIGN KEY ("book_id") REFERENCES "books"("id") ON DELETE CASCADE;

ALTER TABLE "loans" ADD CONSTRAINT "loans_owner_id_users_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE;
