//! The lock of a server that tells whether processes have a store.
//!
//! Owns its name. SQLite's file tells it by itself: each connection keeps a lock of it.

/// Every connection has a part in the lock, and gives it back with its end. It waits for one that has
/// it alone, as a connection to a file does.
pub(super) const SHARE: &str = "SET lock_timeout = '10s'; \
    SELECT pg_advisory_lock_shared(hashtext('dibao use'), hashtext(current_schema())); \
    RESET lock_timeout";

/// A connection that is to have the store alone. What closed connections had is given back in a moment.
/// It may be long, and wait long between two statements.
pub(super) const ALONE: &str = "SET lock_timeout = '2s'; \
    SELECT pg_advisory_lock(hashtext('dibao use'), hashtext(current_schema())); \
    RESET lock_timeout; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";

/// It has it alone no longer, and only its part.
pub(super) const NOT_ALONE: &str = "SELECT pg_advisory_unlock(hashtext('dibao use'), hashtext(current_schema())); \
    SET synchronous_commit = OFF";
