// A TCP connection to a name, made by a multi handle without a request: the resolver and the race of addresses are
// libcurl's, the connection is ours. Static-inline wrappers, prefixed nova_.
#pragma once
#include "library.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

// Must live until nova_curl_drop.
struct nova_curl_dialled {
  void *object;
  // Whether this address may be connected to; 4 or 16 bytes in the network's order.
  int (*allows)(void *object, const uint8_t *address, int count);
};

// The last wall: whatever a name resolves to, what is not allowed gets no socket.
static inline curl_socket_t nova_curl_open_allowed(void *cls, curlsocktype purpose, struct curl_sockaddr *address) {
  struct nova_curl_dialled *dial = (struct nova_curl_dialled *)cls;
  int allowed = 0;
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
  if (address->family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->addr;
    allowed = dial->allows(dial->object, (const uint8_t *)&v4->sin_addr, 4);
  } else if (address->family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address->addr;
    allowed = dial->allows(dial->object, (const uint8_t *)&v6->sin6_addr, 16);
  }
  if (!allowed) return CURL_SOCKET_BAD;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Makes it ready for nova_curl_add. Of `url` only host and port are used: nothing is sent. NULL without memory.
static inline CURL *nova_curl_dial(const char *url, int64_t timeout_milliseconds, struct nova_curl_dialled *dial) {
  CURL *easy = nova_libcurl()->easy_init();
  if (!easy) return easy;
  nova_libcurl()->easy_setopt(easy, CURLOPT_URL, url);
  nova_libcurl()->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
  nova_libcurl()->easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  // Whatever proxy our own environment names: the address must be seen.
  nova_libcurl()->easy_setopt(easy, CURLOPT_PROXY, "");
  nova_libcurl()->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Ended while a name is looked up, it does not wait for the resolver's thread, which may take half a minute.
  nova_libcurl()->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  nova_libcurl()->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_milliseconds);
  nova_libcurl()->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_milliseconds);
  nova_libcurl()->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &nova_curl_open_allowed);
  nova_libcurl()->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, dial);
  nova_libcurl()->easy_setopt(easy, CURLOPT_PRIVATE, dial->object);
  return easy;
}

// The socket of a transfer that has connected; -1 when there is none.
static inline int nova_curl_connected(CURL *easy) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (nova_libcurl()->easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK) return -1;
  return socket == CURL_SOCKET_BAD ? -1 : socket;
}

// Takes such a socket for good, close-on-exec; -1 and errno. libcurl is left an empty one under the same number: later
// releases read from what they are about to close, which would be the first bytes of whoever speaks first.
static inline int nova_curl_take(int connected) {
  int mine = fcntl(connected, F_DUPFD_CLOEXEC, 3);
  if (mine < 0) return -1;
  int empty = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (empty < 0 || dup2(empty, connected) < 0) {
    if (empty >= 0) close(empty);
    close(mine);
    return -1;
  }
  close(empty);
  (void)fcntl(connected, F_SETFD, FD_CLOEXEC);
  return mine;
}
