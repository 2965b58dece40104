-- Reverts 94aa89dcaa0c: Words of the users' addresses and names: administrators find an account by part of either

-- transaction: none
DROP INDEX CONCURRENTLY "users_words_idx";
