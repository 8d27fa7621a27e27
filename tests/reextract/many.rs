//! An archive of many pages: read anew within bounds, stopped and killed, and gone on with.
