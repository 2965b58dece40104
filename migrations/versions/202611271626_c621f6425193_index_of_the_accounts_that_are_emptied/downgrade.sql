-- Reverts c621f6425193: index of the accounts that are emptied

-- transaction: none
DROP INDEX CONCURRENTLY "users_removing_idx";
