// A request to anywhere on a multi handle: over a Unix socket to the supervisor, or by TCP to the outside.
// Static-inline wrappers, prefixed nova_.
#pragma once
#include "library.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What is asked. Texts and lists are copied or must live until the transfer is dropped where it says so.
struct nova_curl_order {
  const char *url;
  const char *method;
  // NULL: TCP.
  const char *unix_socket;
  // Must live until the transfer is dropped.
  struct curl_slist *headers;
  // The body is copied; NULL: none.
  const uint8_t *body;
  size_t body_count;
  // 0: as long as it takes.
  int64_t timeout_milliseconds;
  // "user:password", or NULL.
  const char *credentials;
  // A file of certificates to trust instead of the system's, or NULL.
  const char *trust;
  // Bytes that are read at once; 0: the library's own 16 KiB, which each transfer keeps.
  long block;
  // Both get one line or piece at a time and answer whether to go on: 0 ends it; 2, for a piece, holds it back until
  // nova_curl_go_on.
  int (*head)(void *object, const char *bytes, size_t count);
  int (*data)(void *object, const char *bytes, size_t count);
  // For SMTP: what is read as the message; NULL otherwise. Answers how much it wrote.
  size_t (*mail)(void *object, char *room, size_t count);
  const char *mail_from;
  // Must live until the transfer is dropped.
  struct curl_slist *mail_to;
  void *object;
};

struct nova_curl_object {
  int (*head)(void *object, const char *bytes, size_t count);
  int (*data)(void *object, const char *bytes, size_t count);
  size_t (*mail)(void *object, char *room, size_t count);
  void *object;
};

static inline size_t nova_curl_on_head(char *bytes, size_t size, size_t count, void *cls) {
  struct nova_curl_object *to = (struct nova_curl_object *)cls;
  return to->head(to->object, bytes, size * count) ? size * count : 0;
}
static inline size_t nova_curl_on_data(char *bytes, size_t size, size_t count, void *cls) {
  struct nova_curl_object *to = (struct nova_curl_object *)cls;
  switch (to->data(to->object, bytes, size * count)) {
    case 0: return 0;
    case 2: return CURL_WRITEFUNC_PAUSE;
    default: return size * count;
  }
}
static inline size_t nova_curl_on_mail(char *room, size_t size, size_t count, void *cls) {
  struct nova_curl_object *to = (struct nova_curl_object *)cls;
  return to->mail ? to->mail(to->object, room, size * count) : 0;
}

// Makes it ready for nova_curl_add. `callbacks` is filled here and must live until nova_curl_drop. NULL without memory.
static inline CURL *nova_curl_make(const struct nova_curl_order *order, struct nova_curl_object *callbacks) {
  CURL *easy = nova_libcurl()->easy_init();
  if (!easy) return easy;
  callbacks->head = order->head;
  callbacks->data = order->data;
  callbacks->mail = order->mail;
  callbacks->object = order->object;
  nova_libcurl()->easy_setopt(easy, CURLOPT_URL, order->url);
  nova_libcurl()->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, order->mail_from ? "smtp,smtps" : "http,https");
  nova_libcurl()->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Ended while a name is looked up, it does not wait for the resolver's thread, which may take half a minute.
  nova_libcurl()->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_USERAGENT, "nova-edge");
  if (order->timeout_milliseconds > 0) nova_libcurl()->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)order->timeout_milliseconds);
  if (order->unix_socket) {
    nova_libcurl()->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, order->unix_socket);
    nova_libcurl()->easy_setopt(easy, CURLOPT_PROXY, "");
    // A path such as /v1/../x goes as it came: the supervisor judges it.
    nova_libcurl()->easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  }
  if (order->block > 0) nova_libcurl()->easy_setopt(easy, CURLOPT_BUFFERSIZE, order->block);
  if (order->trust) nova_libcurl()->easy_setopt(easy, CURLOPT_CAINFO, order->trust);
  if (order->credentials) nova_libcurl()->easy_setopt(easy, CURLOPT_USERPWD, order->credentials);
  if (order->mail_from) {
    nova_libcurl()->easy_setopt(easy, CURLOPT_MAIL_FROM, order->mail_from);
    nova_libcurl()->easy_setopt(easy, CURLOPT_MAIL_RCPT, order->mail_to);
    nova_libcurl()->easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    nova_libcurl()->easy_setopt(easy, CURLOPT_READFUNCTION, &nova_curl_on_mail);
    nova_libcurl()->easy_setopt(easy, CURLOPT_READDATA, callbacks);
  } else {
    if (order->body) {
      nova_libcurl()->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)order->body_count);
      nova_libcurl()->easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, (const char *)order->body);
    }
    if (strcmp(order->method, "HEAD") == 0) nova_libcurl()->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    nova_libcurl()->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, order->method);
    nova_libcurl()->easy_setopt(easy, CURLOPT_HTTPHEADER, order->headers);
  }
  nova_libcurl()->easy_setopt(easy, CURLOPT_HEADERFUNCTION, &nova_curl_on_head);
  nova_libcurl()->easy_setopt(easy, CURLOPT_HEADERDATA, callbacks);
  nova_libcurl()->easy_setopt(easy, CURLOPT_WRITEFUNCTION, &nova_curl_on_data);
  nova_libcurl()->easy_setopt(easy, CURLOPT_WRITEDATA, callbacks);
  nova_libcurl()->easy_setopt(easy, CURLOPT_PRIVATE, order->object);
  return easy;
}

// Begins it; 0 when refused, as inside of one of libcurl's callbacks.
static inline int nova_curl_add(CURLM *multi, CURL *easy) {
  return nova_libcurl()->multi_add_handle(multi, easy) == CURLM_OK;
}

// STARTTLS demanded for a plain smtp:// transfer.
static inline void nova_curl_demand_tls(CURL *easy) { nova_libcurl()->easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL); }
