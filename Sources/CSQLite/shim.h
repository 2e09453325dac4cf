// The door to libsqlite3. Static-inline wrappers for what Swift cannot call (variadics, macros) go here, prefixed nova_.
#pragma once
#include <sqlite3.h>
#include <sys/eventfd.h>

/// A counter to wait on: close-on-exec, non-blocking. Swift's Glibc module leaves <sys/eventfd.h> out.
static inline int nova_ledger_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// No counting of every allocation: the count is kept under a mutex that each one takes, 7 % of the time of a storm of
/// entries, and nobody asks for it. Before the first connection; sqlite3_config is variadic. SQLITE_OK or why not.
static inline int nova_sqlite3_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/// Sets an on/off option of a connection and reads it back: 0 or 1, or -1 where the library refused.
/// sqlite3_db_config is variadic.
static inline int nova_sqlite3_set_option(sqlite3 *db, int option, int on) {
  int now = -1;
  return sqlite3_db_config(db, option, on, &now) == SQLITE_OK ? now : -1;
}

/// Binds a copy of `size` bytes of UTF-8. SQLITE_TRANSIENT is a cast macro.
static inline int nova_sqlite3_bind_text(sqlite3_stmt *s, int at, const char *bytes, long long size) {
  return sqlite3_bind_text64(s, at, bytes, (sqlite3_uint64)size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds a copy of `size` bytes.
static inline int nova_sqlite3_bind_blob(sqlite3_stmt *s, int at, const void *bytes, long long size) {
  return sqlite3_bind_blob64(s, at, bytes, (sqlite3_uint64)size, SQLITE_TRANSIENT);
}

/// Binds `size` bytes of UTF-8 where they lie: they must stay there until the statement is reset and the binding cleared.
static inline int nova_sqlite3_lend_text(sqlite3_stmt *s, int at, const void *bytes, long long size) {
  return sqlite3_bind_text64(s, at, (const char *)bytes, (sqlite3_uint64)size, SQLITE_STATIC, SQLITE_UTF8);
}

/// The same for bytes.
static inline int nova_sqlite3_lend_blob(sqlite3_stmt *s, int at, const void *bytes, long long size) {
  return sqlite3_bind_blob64(s, at, bytes, (sqlite3_uint64)size, SQLITE_STATIC);
}
