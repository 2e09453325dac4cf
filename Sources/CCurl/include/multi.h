// libcurl's multi interface for somebody else's event loop, and the one kind of transfer the daemon makes: a look at a
// loopback URL. Static-inline wrappers, prefixed nova_.
#pragma once
#include "library.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

// A TCP socket for a port probe, close-on-exec and non-blocking; -1 and errno.
static inline int nova_probe_socket(int is_v6) {
  return socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

// What the loop is asked to do. `what`: 0 nothing, 1 readable, 2 writable, 3 both, 4 forget the descriptor.
struct nova_curl_hooks {
  void *owner;
  void (*watch)(void *owner, int descriptor, int what);
  // Milliseconds until nova_curl_act(-1); -1: no more.
  void (*timer)(void *owner, int64_t wait);
};

static inline int nova_curl_on_socket(CURL *easy, curl_socket_t socket, int what, void *cls, void *mine) {
  struct nova_curl_hooks *hooks = (struct nova_curl_hooks *)cls;
  (void)easy; (void)mine;
  hooks->watch(hooks->owner, socket, what);
  return 0;
}

static inline int nova_curl_on_timer(CURLM *multi, long wait, void *cls) {
  struct nova_curl_hooks *hooks = (struct nova_curl_hooks *)cls;
  (void)multi;
  hooks->timer(hooks->owner, (int64_t)wait);
  return 0;
}

// A multi handle whose sockets and timer are watched by `hooks`, which must outlive it. NULL without memory.
static inline CURLM *nova_curl_multi(struct nova_curl_hooks *hooks) {
  CURLM *multi = nova_libcurl() ? nova_libcurl()->multi_init() : (CURLM *)0;
  if (!multi) return multi;
  nova_libcurl()->multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &nova_curl_on_socket);
  nova_libcurl()->multi_setopt(multi, CURLMOPT_SOCKETDATA, hooks);
  nova_libcurl()->multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &nova_curl_on_timer);
  nova_libcurl()->multi_setopt(multi, CURLMOPT_TIMERDATA, hooks);
  return multi;
}

// The last wall: whatever the URL says, nothing but loopback is connected to.
static inline curl_socket_t nova_curl_open_loopback(void *cls, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)cls;
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
  if (address->family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->addr;
    if (ntohl(v4->sin_addr.s_addr) >> 24 != 127) return CURL_SOCKET_BAD;
  } else if (address->family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address->addr;
    if (!IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr)) return CURL_SOCKET_BAD;
  } else {
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The body is not looked at; after 64 KiB the rest is not even read.
static inline size_t nova_curl_ignore(char *bytes, size_t size, size_t count, void *easy) {
  curl_off_t taken = 0;
  (void)bytes;
  nova_libcurl()->easy_getinfo((CURL *)easy, CURLINFO_SIZE_DOWNLOAD_T, &taken);
  return taken > 65536 ? 0 : size * count;
}

// A GET that follows no redirect, uses no proxy, keeps no connection and carries `object`. NULL when refused.
static inline CURL *nova_curl_look(CURLM *multi, const char *url, int64_t timeout_milliseconds, void *object) {
  CURL *easy = nova_libcurl()->easy_init();
  if (!easy) return easy;
  nova_libcurl()->easy_setopt(easy, CURLOPT_URL, url);
  nova_libcurl()->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  nova_libcurl()->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_PROXY, "");
  nova_libcurl()->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_milliseconds);
  nova_libcurl()->easy_setopt(easy, CURLOPT_USERAGENT, "nova-supervisor");
  nova_libcurl()->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &nova_curl_open_loopback);
  nova_libcurl()->easy_setopt(easy, CURLOPT_WRITEFUNCTION, &nova_curl_ignore);
  nova_libcurl()->easy_setopt(easy, CURLOPT_WRITEDATA, easy);
  nova_libcurl()->easy_setopt(easy, CURLOPT_PRIVATE, object);
  if (nova_libcurl()->multi_add_handle(multi, easy) != CURLM_OK) {
    nova_libcurl()->easy_cleanup(easy);
    return (CURL *)0;
  }
  return easy;
}

// Ends a transfer, finished or not.
static inline void nova_curl_drop(CURLM *multi, CURL *easy) {
  nova_libcurl()->multi_remove_handle(multi, easy);
  nova_libcurl()->easy_cleanup(easy);
}

// Does what is ready: `bits` 1 readable, 2 writable, 4 error; descriptor -1: the timer fired.
static inline void nova_curl_act(CURLM *multi, int descriptor, int bits) {
  int running = 0;
  (void)nova_libcurl()->multi_socket_action(multi, descriptor, bits, &running);
}

// What became of a transfer.
struct nova_curl_end {
  void *object;
  // A CURLcode.
  int32_t code;
  // The HTTP status; 0 when there was none.
  int32_t status;
  // The errno of a failed connect; 0 when there was none.
  int32_t error;
};

// Takes one finished transfer; 0 when there is none.
static inline int nova_curl_finished(CURLM *multi, struct nova_curl_end *end) {
  int left = 0;
  CURLMsg *message = nova_libcurl()->multi_info_read(multi, &left);
  if (!message || message->msg != CURLMSG_DONE) return 0;
  long status = 0, error = 0;
  char *object = (char *)0;
  nova_libcurl()->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &object);
  nova_libcurl()->easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
  nova_libcurl()->easy_getinfo(message->easy_handle, CURLINFO_OS_ERRNO, &error);
  end->object = object;
  end->code = (int32_t)message->data.result;
  end->status = (int32_t)status;
  end->error = (int32_t)error;
  return 1;
}
