-- Reverts 96cddc0f518d: sessions past their end are found by an index

-- transaction: none
DROP INDEX CONCURRENTLY "sessions_expires_at_idx";
