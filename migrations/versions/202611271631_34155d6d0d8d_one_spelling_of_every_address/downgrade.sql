-- Reverts 34155d6d0d8d: one spelling of every address

-- lint: allow missing-downgrade because the constraint goes with the revision before
