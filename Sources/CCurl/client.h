// libcurl and signals as novasup needs them: one call over a Unix socket, ended by Ctrl-C. Static-inline wrappers,
// prefixed nova_.
#pragma once
#include <curl/curl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/signalfd.h>

// curl_easy_setopt(3) is variadic: one wrapper a type of value, so that the compiler checks it.
static inline int32_t nova_curl_set_long(CURL *handle, int32_t option, long value) {
  return (int32_t)curl_easy_setopt(handle, (CURLoption)option, value);
}

static inline int32_t nova_curl_set_text(CURL *handle, int32_t option, const char *value) {
  return (int32_t)curl_easy_setopt(handle, (CURLoption)option, value);
}

static inline int32_t nova_curl_set_list(CURL *handle, int32_t option, struct curl_slist *value) {
  return (int32_t)curl_easy_setopt(handle, (CURLoption)option, value);
}

typedef size_t (*nova_curl_sink)(char *bytes, size_t size, size_t count, void *context);

// CURLOPT_WRITEFUNCTION and CURLOPT_WRITEDATA, or the same for headers.
static inline void nova_curl_set_sink(CURL *handle, nova_curl_sink sink, void *context) {
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, sink);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

// CURLOPT_COPYPOSTFIELDS with its length first, as curl_easy_setopt(3) demands; the bytes are copied.
static inline void nova_curl_set_body(CURL *handle, const uint8_t *bytes, size_t count) {
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, (const char *)bytes);
}

// CURLINFO_RESPONSE_CODE; 0 before there is one.
static inline int32_t nova_curl_status(CURL *handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return (int32_t)status;
}

// The result of the one transfer of a multi handle, or -1 while it runs.
static inline int32_t nova_curl_multi_result(CURLM *multi) {
  int left = 0;
  CURLMsg *message = curl_multi_info_read(multi, &left);
  return message && message->msg == CURLMSG_DONE ? (int32_t)message->data.result : -1;
}

// CURLcode is an enum in C and a struct in Swift: the text by its number.
static inline const char *nova_curl_text(int32_t code) { return curl_easy_strerror((CURLcode)code); }

// signalfd(2), which Swift's Glibc module does not have: SIGINT, SIGTERM and SIGWINCH are blocked and come
// as 128-byte records from the descriptor instead, so no code ever runs inside a signal handler.
static inline int32_t nova_client_signal_descriptor(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGWINCH);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// SIGPIPE ignored: a closed pipe is the EPIPE of the next write and ends the program quietly.
static inline void nova_client_ignore_pipe(void) { signal(SIGPIPE, SIG_IGN); }
