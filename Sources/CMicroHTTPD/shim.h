// The door to libmicrohttpd. Static-inline wrappers for what Swift cannot call (variadics, macros, closed enums) go
// here, prefixed nova_. Every callback gets the context of its socket; results are plain integers.
#pragma once
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// What the server is told. `context` is what `opened` answered for the socket.
struct nova_http_hooks {
  void *owner;
  // A socket was taken over; answers its context.
  void *(*opened)(void *owner, struct MHD_Connection *connection);
  // The socket is closed: the last use of its context.
  void (*closed)(void *owner, void *context);
  // A request line was read; `target` is as the client wrote it.
  void (*targeted)(void *owner, void *context, const char *target);
  // Headers, a piece of the body (`*size` > 0; set it to 0), the end of the body (`*size` is 0), or resumed. 0: cut off.
  // `chunks` is 1 when an answer of unknown length is sent in chunks: to HTTP/1.1, not to what came before it.
  int (*requested)(void *owner, void *context, struct MHD_Connection *connection, const char *method, int chunks,
                   const char *data, size_t *size);
  // A request is over; `done` is 1 when its whole answer was sent.
  void (*completed)(void *owner, void *context, int done);
};

static inline void *nova_http_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : (void *)0;
}

static inline int nova_http_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline enum MHD_Result nova_http_on_request(
  void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
  const char *data, size_t *size, void **state) {
  struct nova_http_hooks *hooks = (struct nova_http_hooks *)cls;
  (void)url; (void)state;
  void *context = nova_http_context(connection);
  if (!context) return MHD_NO;
  int chunks = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
  return hooks->requested(hooks->owner, context, connection, method, chunks, data, size) ? MHD_YES : MHD_NO;
}

static inline void *nova_http_on_target(void *cls, const char *target, struct MHD_Connection *connection) {
  struct nova_http_hooks *hooks = (struct nova_http_hooks *)cls;
  void *context = nova_http_context(connection);
  if (context) hooks->targeted(hooks->owner, context, target);
  return (void *)0;
}

static inline void nova_http_on_completed(
  void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code) {
  struct nova_http_hooks *hooks = (struct nova_http_hooks *)cls;
  (void)state;
  void *context = nova_http_context(connection);
  if (context) hooks->completed(hooks->owner, context, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

static inline void nova_http_on_socket(
  void *cls, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code) {
  struct nova_http_hooks *hooks = (struct nova_http_hooks *)cls;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    *context = hooks->opened(hooks->owner, connection);
  } else if (*context) {
    hooks->closed(hooks->owner, *context);
    *context = (void *)0;
  }
}

// Starts a server without a thread and without a listening socket. `hooks` must outlive it. NULL when refused.
static inline struct MHD_Daemon *nova_http_start(
  struct nova_http_hooks *hooks, size_t memory, unsigned int connections, unsigned int timeout_seconds) {
  return MHD_start_daemon(
    MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, (MHD_AcceptPolicyCallback)0,
    (void *)0, &nova_http_on_request, hooks,
    MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
    MHD_OPTION_CONNECTION_LIMIT, connections,
    MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
    MHD_OPTION_URI_LOG_CALLBACK, &nova_http_on_target, hooks,
    MHD_OPTION_NOTIFY_COMPLETED, &nova_http_on_completed, hooks,
    MHD_OPTION_NOTIFY_CONNECTION, &nova_http_on_socket, hooks,
    MHD_OPTION_END);
}

// The epoll descriptor that tells when nova_http_run has work; -1 when there is none.
static inline int nova_http_epoll(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info ? info->epoll_fd : -1;
}

// A Unix stream socket, close-on-exec and non-blocking; -1 and errno. Made here: whether Swift sees SOCK_CLOEXEC
// depends on the order in which it meets the headers.
static inline int nova_http_socket(void) {
  return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

// Accepts one connection, close-on-exec and non-blocking; -1 and errno. Declared here: accept4 hides behind _GNU_SOURCE.
static inline int nova_http_accept(int listener) {
  extern int accept4(int, struct sockaddr *, socklen_t *, int);
  return accept4(listener, (struct sockaddr *)0, (socklen_t *)0, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// Hands a Unix socket over; it is closed by the library in any case. 0 when refused.
static inline int nova_http_add(struct MHD_Daemon *daemon, int socket) {
  struct sockaddr address = {.sa_family = AF_UNIX};
  return MHD_add_connection(daemon, socket, &address, sizeof(sa_family_t)) == MHD_YES;
}

// The same for a TCP socket: the library then knows that Nagle's algorithm is to be held in check.
static inline int nova_http_add_port(struct MHD_Daemon *daemon, int socket) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getpeername(socket, (struct sockaddr *)&address, &size) != 0) {
    close(socket);
    return 0;
  }
  return MHD_add_connection(daemon, socket, (struct sockaddr *)&address, size) == MHD_YES;
}

// Listens on HOST:`*port` (0: the kernel chooses; told there). The descriptor, or -errno; a name that is not found
// is -ENXIO.
static inline int nova_http_listen(const char *host, uint16_t *port) {
  struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
  char service[8];
  snprintf(service, sizeof service, "%u", (unsigned)*port);
  if (getaddrinfo(host, service, &hints, &found) != 0 || !found) return -ENXIO;
  int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, error = 0;
  // SO_REUSEADDR: a restart need not wait for the connections of the process before to time out.
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 511) != 0)
    error = errno;
  freeaddrinfo(found);
  struct sockaddr_storage own;
  socklen_t size = sizeof own;
  if (!error && getsockname(fd, (struct sockaddr *)&own, &size) == 0)
    *port = ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
                                            : ((struct sockaddr_in *)&own)->sin_port);
  if (error) {
    if (fd >= 0) close(fd);
    return -error;
  }
  return fd;
}

// The numeric address at the other end of a TCP socket; 0 when it was written to `text`.
static inline int nova_http_peer(int socket, char *text, size_t room) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getpeername(socket, (struct sockaddr *)&address, &size) != 0) return -1;
  return getnameinfo((struct sockaddr *)&address, size, text, (socklen_t)room, NULL, 0, NI_NUMERICHOST);
}

static inline void nova_http_run(struct MHD_Daemon *daemon) { (void)MHD_run(daemon); }

// Milliseconds until nova_http_run must be called even if nothing is ready; -1: no need.
static inline int64_t nova_http_timeout(struct MHD_Daemon *daemon) {
  MHD_UNSIGNED_LONG_LONG wait = 0;
  if (MHD_get_timeout(daemon, &wait) != MHD_YES) return -1;
  return wait > 3600000ULL ? 3600000 : (int64_t)wait;
}

static inline int nova_http_add_header(struct MHD_Response *response, const char *name, const char *value) {
  return MHD_add_response_header(response, name, value) == MHD_YES;
}

// An answer of known length; the bytes are copied.
static inline struct MHD_Response *nova_http_whole(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

// An answer of known length that is asked for a block at a time; `reader` answers bytes written.
static inline struct MHD_Response *nova_http_sized(
  uint64_t size, size_t block, MHD_ContentReaderCallback reader, void *object, MHD_ContentReaderFreeCallback release) {
  return MHD_create_response_from_callback(size, block, reader, object, release);
}

// An answer of unknown length. `reader` answers bytes written, 0 after suspending, or one of the two ends below.
static inline struct MHD_Response *nova_http_stream(
  size_t block, MHD_ContentReaderCallback reader, void *object, MHD_ContentReaderFreeCallback release) {
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, reader, object, release);
}
static inline ssize_t nova_http_end(void) { return MHD_CONTENT_READER_END_OF_STREAM; }
static inline ssize_t nova_http_break(void) { return MHD_CONTENT_READER_END_WITH_ERROR; }

// Queues the answer and gives our reference to it up. 0 when refused.
static inline int nova_http_queue(struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
  int queued = MHD_queue_response(connection, status, response) == MHD_YES;
  MHD_destroy_response(response);
  return queued;
}

struct nova_http_each {
  void *object;
  void (*each)(void *object, const char *name, const char *value);
};
static inline enum MHD_Result nova_http_on_header(
  void *cls, enum MHD_ValueKind kind, const char *name, const char *value) {
  struct nova_http_each *each = (struct nova_http_each *)cls;
  (void)kind;
  each->each(each->object, name, value ? value : "");
  return MHD_YES;
}
// Calls `each` with every request header, in order.
static inline void nova_http_headers(
  struct MHD_Connection *connection, void *object, void (*each)(void *object, const char *name, const char *value)) {
  struct nova_http_each wrapped = {object, each};
  (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, &nova_http_on_header, &wrapped);
}

// Sends or looks at bytes without waiting; how many, or -1 and errno. Here for the same reason as nova_http_socket: MSG_*.
static inline ssize_t nova_http_send(int socket, const void *bytes, size_t count) {
  return send(socket, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}
static inline ssize_t nova_http_peek(int socket, void *room, size_t count) {
  return recv(socket, room, count, MSG_PEEK | MSG_DONTWAIT);
}

// Sends one chunk of RFC 9112, 7.1: its length, its bytes, its end. How much of `*whole` bytes the socket took, or -errno.
// `count` is not 0: that would be the end of the answer.
static inline ssize_t nova_http_chunk(int socket, const void *bytes, size_t count, size_t *whole) {
  char head[20];
  int length = snprintf(head, sizeof head, "%zx\r\n", count);
  struct iovec parts[3] = {{head, (size_t)length}, {(void *)bytes, count}, {"\r\n", 2}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
  *whole = (size_t)length + count + 2;
  ssize_t sent;
  while ((sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0 && errno == EINTR) {
  }
  return sent < 0 ? -errno : sent;
}
