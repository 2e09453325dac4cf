// Digests, message authentication, random bytes, and comparing without telling where, for who links the shared
// library. Static-inline wrappers, prefixed nova_.
#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stddef.h>
#include <stdint.h>

// SHA-256 of the bytes into 32 bytes at `out`; 0 when refused.
static inline int nova_crypto_sha256(const uint8_t *bytes, size_t count, uint8_t *out) {
  unsigned int size = 0;
  return EVP_Digest(bytes, count, out, &size, EVP_sha256(), (ENGINE *)0) == 1 && size == 32;
}

// HMAC-SHA-256 (RFC 2104) into 32 bytes at `out`; 0 when refused.
static inline int nova_crypto_hmac(const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t *out) {
  unsigned int size = 0;
  return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, out, &size) != (unsigned char *)0 && size == 32;
}

// Whether both are the same; takes as long wherever they differ.
static inline int nova_crypto_equal(const uint8_t *a, const uint8_t *b, size_t count) {
  return CRYPTO_memcmp(a, b, count) == 0;
}

// Random bytes that nobody can guess; 0 when there are none.
static inline int nova_crypto_random(uint8_t *out, size_t count) { return RAND_bytes(out, (int)count) == 1; }
