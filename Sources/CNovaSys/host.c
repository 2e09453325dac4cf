// Calls of the host side that Swift's Glibc module does not offer. Must never allocate or keep state.
#define _GNU_SOURCE
#include "CNovaSysHost.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OR_ERRNO(call) ((call) < 0 ? -errno : 0)

int32_t nova_host_pidfd_open(int32_t pid) {
  long fd = syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : (int32_t)fd;
}

int32_t nova_host_pidfd_signal(int32_t pidfd, int32_t signal) {
  return OR_ERRNO(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

int32_t nova_host_collapse(int32_t fd, int64_t length) {
  return OR_ERRNO(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, length));
}

int32_t nova_host_punch(int32_t fd, int64_t length) {
  return OR_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, length));
}

int64_t nova_host_next_data(int32_t fd, int64_t from) {
  off_t at = lseek(fd, from, SEEK_DATA);
  return at < 0 ? -errno : at;
}

int64_t nova_host_copy_range(int32_t in, int64_t offset, int32_t out, int64_t length) {
  off64_t from = offset;
  ssize_t n = copy_file_range(in, &from, out, NULL, (size_t)length, 0);
  return n < 0 ? -errno : n;
}

void nova_host_begin_writing(int32_t fd, int64_t offset, int64_t length) {
  sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE);
}

static void fill_space(const struct statfs *s, nova_host_space *space) {
  space->block_size = s->f_bsize;
  space->total_bytes = (int64_t)s->f_blocks * s->f_bsize;
  space->available_bytes = (int64_t)s->f_bavail * s->f_bsize;
  space->total_files = (int64_t)s->f_files;
  space->available_files = (int64_t)s->f_ffree;
  space->type = (int64_t)s->f_type;
}

int32_t nova_host_space_of(const char *path, nova_host_space *space) {
  struct statfs s;
  if (statfs(path, &s) < 0) return -errno;
  fill_space(&s, space);
  return 0;
}

int32_t nova_host_space_of_fd(int32_t fd, nova_host_space *space) {
  struct statfs s;
  if (fstatfs(fd, &s) < 0) return -errno;
  fill_space(&s, space);
  return 0;
}

int32_t nova_host_peer_credentials(int32_t fd, nova_host_credentials *credentials) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -errno;
  credentials->pid = peer.pid;
  credentials->uid = peer.uid;
  credentials->gid = peer.gid;
  return 0;
}

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

int32_t nova_host_peer_groups(int32_t fd, uint32_t *groups, int32_t capacity) {
  socklen_t size = (socklen_t)capacity * sizeof *groups;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
    return errno == ERANGE ? (int32_t)(size / sizeof *groups) : -errno;
  return (int32_t)(size / sizeof *groups);
}

static int32_t address_of(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (length >= sizeof address->sun_path) return -ENAMETOOLONG;
  memcpy(address->sun_path, path, length);
  return 0;
}

int32_t nova_host_unix_socket(int32_t datagram, int32_t nonblocking) {
  int fd = socket(AF_UNIX, (datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
  return fd < 0 ? -errno : fd;
}

void nova_host_write_only(int32_t fd) {
  int room = 8 << 20;
  shutdown(fd, SHUT_RD);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
}

int64_t nova_host_send(int32_t fd, const void *bytes, uint64_t count) {
  ssize_t n = send(fd, bytes, count, MSG_NOSIGNAL);
  return n < 0 ? -errno : n;
}

int32_t nova_host_unix_connect(int32_t fd, const char *path) {
  struct sockaddr_un address;
  int32_t wrong = address_of(path, &address);
  if (wrong) return wrong;
  return OR_ERRNO(connect(fd, (const struct sockaddr *)&address, sizeof address));
}

int32_t nova_host_unix_send(int32_t fd, const char *path, const void *bytes, uint64_t count) {
  struct sockaddr_un address;
  int32_t wrong = address_of(path, &address);
  if (wrong) return wrong;
  return OR_ERRNO(sendto(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL,
                         (const struct sockaddr *)&address, sizeof address));
}

int32_t nova_host_unix_send_memfd(int32_t fd, const char *path, const void *bytes, uint64_t count) {
  struct sockaddr_un address;
  int32_t wrong = address_of(path, &address);
  if (wrong) return wrong;
  int memory = memfd_create("nova-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return -errno;
  for (uint64_t done = 0; done < count;) {
    ssize_t n = write(memory, (const char *)bytes + done, count - done);
    if (n < 0) {
      if (errno == EINTR) continue;
      wrong = -errno;
      goto out;
    }
    done += (uint64_t)n;
  }
  // journald takes a memfd only when nothing can change it any more.
  if (fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
    wrong = -errno;
    goto out;
  }
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_name = &address,
                           .msg_namelen = sizeof address,
                           .msg_control = &control,
                           .msg_controllen = sizeof control.room};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &memory, sizeof memory);
  wrong = OR_ERRNO(sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
out:
  close(memory);
  return wrong;
}

int32_t nova_host_signals(const int32_t *signals, int32_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (int32_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -errno;
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

int32_t nova_host_has_clone3(void) {
  // A size below the first version's is refused with EINVAL by a kernel that has the call.
  long made = syscall(SYS_clone3, NULL, 0);
  return made < 0 && errno == EINVAL;
}

int32_t nova_host_clock_synchronised(int64_t *error_usec) {
  struct timex state = {0};
  int answer = adjtimex(&state);
  if (answer < 0) return -errno;
  *error_usec = state.esterror;
  return !(state.status & STA_UNSYNC) && answer != TIME_ERROR;
}

int32_t nova_host_dns_query(const char *address) {
  // Header: id, recursion desired, one question; question: root, type NS, class IN.
  static const unsigned char query[] = {0x4e, 0x56, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
  struct sockaddr_storage storage;
  memset(&storage, 0, sizeof storage);
  socklen_t size;
  struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
  if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(53);
    size = sizeof *v4;
  } else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(53);
    size = sizeof *v6;
  } else {
    return -EINVAL;
  }
  int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  if (connect(fd, (struct sockaddr *)&storage, size) < 0 || send(fd, query, sizeof query, MSG_NOSIGNAL) < 0) {
    int wrong = -errno;
    close(fd);
    return wrong;
  }
  return fd;
}
