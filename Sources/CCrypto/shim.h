// The door to OpenSSL's libcrypto. Static-inline wrappers for what Swift cannot call (variadics, macros) go here, prefixed
// nova_. There is no `link` in the module map: who needs only SHA-256 takes it from the static archive (25 kB, no library
// mapped), who needs more links the shared one.
#pragma once
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

/// SHA-256 of two pieces, one after the other, into 32 bytes at `out`. The low-level calls: those of EVP look their
/// algorithm up each time and bring the whole library with them.
static inline void nova_sha256(const void *a, size_t a_size, const void *b, size_t b_size, unsigned char *out) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, a, a_size);
  SHA256_Update(&context, b, b_size);
  SHA256_Final(out, &context);
}
#include "evp.h"
