-- Reverts f0eef3bfa0f3: the book club

ALTER TABLE "clubs" DROP CONSTRAINT "clubs_owner_id_users_id_fkey";

ALTER TABLE "memberships" DROP CONSTRAINT "memberships_club_id_clubs_id_fkey";

ALTER TABLE "memberships" DROP CONSTRAINT "memberships_user_id_users_id_fkey";

ALTER TABLE "memberships" DROP CONSTRAINT "memberships_owner_id_users_id_fkey";

ALTER TABLE "books" DROP CONSTRAINT "books_club_id_clubs_id_fkey";

ALTER TABLE "books" DROP CONSTRAINT "books_cover_id_files_id_fkey";

ALTER TABLE "books" DROP CONSTRAINT "books_owner_id_users_id_fkey";

ALTER TABLE "readings" DROP CONSTRAINT "readings_club_id_clubs_id_fkey";

ALTER TABLE "readings" DROP CONSTRAINT "readings_book_id_books_id_fkey";

ALTER TABLE "readings" DROP CONSTRAINT "readings_owner_id_users_id_fkey";

ALTER TABLE "loans" DROP CONSTRAINT "loans_book_id_books_id_fkey";

ALTER TABLE "loans" DROP CONSTRAINT "loans_owner_id_users_id_fkey";

ALTER TABLE "memberships" DROP CONSTRAINT "memberships_role_check";

ALTER TABLE "books" DROP CONSTRAINT "books_topic_check";

DROP INDEX "books_title_search_idx";

DROP INDEX "loans_due_at_idx";

DROP TABLE "clubs";

DROP TABLE "memberships";

DROP TABLE "books";

DROP TABLE "readings";

DROP TABLE "loans";
