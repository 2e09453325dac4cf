// Unix sockets with control messages: descriptors on a stream, credentials on datagrams.
// Must never leave a received descriptor without an owner: what is not handed on is closed here.
#define _GNU_SOURCE
#include "CNovaSys.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76  // Linux 6.5
#endif
#define NOVA_SCM_PIDFD 4

static int address_of(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) return ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

static int32_t failed(int fd) {
  int number = errno;
  close(fd);
  return -number;
}

// Binds with mode 0600: the file must never be open to others, not even between bind and chmod.
static int bind_private(int fd, const struct sockaddr_un *address) {
  unlink(address->sun_path);
  mode_t before = umask(0177);
  int result = bind(fd, (const struct sockaddr *)address, sizeof *address);
  int number = errno;
  umask(before);
  errno = number;
  return result;
}

static int32_t listen_at(const char *path, int type) {
  struct sockaddr_un address;
  int wrong = address_of(path, &address);
  if (wrong) return -wrong;
  int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  if (bind_private(fd, &address) < 0 || listen(fd, 16) < 0) return failed(fd);
  return fd;
}

static int32_t connect_to(const char *path, int type) {
  struct sockaddr_un address;
  int wrong = address_of(path, &address);
  if (wrong) return -wrong;
  int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  // On a Unix socket a connection is made at once or refused; EAGAIN: the backlog is full.
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) return failed(fd);
  return fd;
}

int32_t nova_socket_listen(const char *path) { return listen_at(path, SOCK_STREAM); }
int32_t nova_socket_connect(const char *path) { return connect_to(path, SOCK_STREAM); }
int32_t nova_packet_listen(const char *path) { return listen_at(path, SOCK_SEQPACKET); }
int32_t nova_packet_connect(const char *path) { return connect_to(path, SOCK_SEQPACKET); }

int32_t nova_socket_connect_within(const char *path, int32_t milliseconds) {
  struct sockaddr_un address;
  int wrong = address_of(path, &address);
  if (wrong) return -wrong;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  // Who waits in connect(2) is let in in the order of arrival; who only asks again and again may never be.
  struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0) return failed(fd);
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) return failed(fd);
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return failed(fd);
  return fd;
}

int32_t nova_socket_accept(int32_t socket) {
  int fd = accept4(socket, (void *)0, (void *)0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

int64_t nova_send(int32_t socket, const void *bytes, uint64_t length, const int32_t *fds, uint32_t count) {
  if (count > NOVA_MAX_FDS) return -EINVAL;
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * NOVA_MAX_FDS)];
  struct iovec part = {(void *)bytes, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    memset(control, 0, sizeof control);
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  }
  ssize_t sent;
  while ((sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0 && errno == EINTR) {
  }
  return sent < 0 ? -errno : sent;
}

int64_t nova_receive(int32_t socket, void *bytes, uint64_t length, int32_t *fds, uint32_t *count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * NOVA_MAX_FDS)];
  struct iovec part = {bytes, length};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  uint32_t room = *count, found = 0;
  int cut = 0;
  *count = 0;
  ssize_t got;
  while ((got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT)) < 0 && errno == EINTR) {
  }
  if (got < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t held = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < held; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      if (found < room) {
        fds[found++] = fd;
      } else {
        close(fd);
        cut = 1;
      }
    }
  }
  // The buffer holds what one message can carry: cut by the kernel means that we have no descriptor left for it.
  int lost = (message.msg_flags & MSG_CTRUNC) != 0;
  if (cut || lost) {
    while (found > 0) close(fds[--found]);
    if (cut) return -EPROTO;
  }
  *count = lost ? NOVA_FDS_LOST : found;
  return got;
}

int32_t nova_notify_socket(const char *path, uint32_t uid, uint32_t gid) {
  struct sockaddr_un address;
  int wrong = address_of(path, &address);
  if (wrong) return -wrong;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) return failed(fd);
  setsockopt(fd, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on);
  if (bind_private(fd, &address) < 0) return failed(fd);
  struct stat now;
  int owned = lstat(path, &now) == 0 && now.st_uid == uid && now.st_gid == gid;
  if (!owned && lchown(path, uid, gid) < 0) {
    int number = errno;
    unlink(path);
    close(fd);
    return -number;
  }
  return fd;
}

int32_t nova_datagram_prepare(int32_t socket) {
  int on = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0) return -errno;
  return nova_datagram_look_from(socket, 0);
}

int32_t nova_datagram_look_from(int32_t socket, int64_t offset) {
  int from = (int)offset;
  return setsockopt(socket, SOL_SOCKET, SO_PEEK_OFF, &from, sizeof from) < 0 ? -errno : 0;
}

int64_t nova_datagram_drop(int32_t socket) {
  ssize_t got;
  while ((got = recv(socket, NULL, 0, MSG_TRUNC | MSG_DONTWAIT)) < 0 && errno == EINTR) {
  }
  return got < 0 ? -errno : got;
}

int32_t nova_datagram_look(int32_t socket, void *bytes, uint64_t room, struct nova_datagram *datagram) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * NOVA_MAX_FDS) + CMSG_SPACE(sizeof(struct ucred)) +
                                        CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct timespec))];
  struct iovec part = {bytes, room};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  memset(datagram, 0, sizeof *datagram);
  datagram->pidfd = -1;
  ssize_t got;
  while ((got = recvmsg(socket, &message, MSG_PEEK | MSG_TRUNC | MSG_CMSG_CLOEXEC | MSG_DONTWAIT)) < 0 && errno == EINTR) {
  }
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
  datagram->length = got;
  datagram->truncated = (message.msg_flags & MSG_TRUNC) != 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    size_t length = header->cmsg_len - CMSG_LEN(0);
    if (header->cmsg_type == SCM_CREDENTIALS && length == sizeof(struct ucred)) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(header), sizeof sender);
      datagram->has_sender = 1;
      datagram->pid = sender.pid;
      datagram->uid = sender.uid;
      datagram->gid = sender.gid;
    } else if (header->cmsg_type == SCM_TIMESTAMPNS && length == sizeof(struct timespec)) {
      struct timespec sent;
      memcpy(&sent, CMSG_DATA(header), sizeof sent);
      datagram->sent_ns = (int64_t)sent.tv_sec * 1000000000 + sent.tv_nsec;
    } else if (header->cmsg_type == NOVA_SCM_PIDFD && length == sizeof(int)) {
      int fd;
      memcpy(&fd, CMSG_DATA(header), sizeof fd);
      // A negative number is the kernel's word for a sender that is gone and reaped.
      if (fd >= 0 && datagram->pidfd >= 0) close(datagram->pidfd);
      if (fd >= 0) datagram->pidfd = fd;
    } else if (header->cmsg_type == SCM_RIGHTS) {
      for (size_t i = 0; i < length / sizeof(int); i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
        if (datagram->fd_count < NOVA_MAX_FDS)
          datagram->fds[datagram->fd_count++] = fd;
        else
          close(fd);
      }
    }
  }
  return 1;
}
