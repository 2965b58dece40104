-- Reverts 34155d6d0d8d: one spelling of every address

