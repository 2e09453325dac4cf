// Calls of the host side (cgroups, logs, identity, report) that Swift's Glibc module does not offer.
// Fixed-width types only. Every function answers -errno on failure.
#pragma once
#include <stdint.h>

int32_t nova_host_pidfd_open(int32_t pid);
int32_t nova_host_pidfd_signal(int32_t pidfd, int32_t signal);

// Removes [0, length) from the file: what follows moves to the front. EOPNOTSUPP or EINVAL: not here.
int32_t nova_host_collapse(int32_t fd, int64_t length);
// Frees [0, length) and leaves a hole that reads as zeros; the size stays.
int32_t nova_host_punch(int32_t fd, int64_t length);
// The first offset at or after `from` that is not in a hole; -ENXIO when only holes follow.
int64_t nova_host_next_data(int32_t fd, int64_t from);
// Copies at most `length` bytes from `in` at `offset` to the end of `out`, in the kernel.
int64_t nova_host_copy_range(int32_t in, int64_t offset, int32_t out, int64_t length);
// Has the kernel begin to write a piece to the disk, so that a later fdatasync(2) is short. Does not wait.
void nova_host_begin_writing(int32_t fd, int64_t offset, int64_t length);

typedef struct {
  int64_t block_size, total_bytes, available_bytes, total_files, available_files;
  int64_t type;
} nova_host_space;
int32_t nova_host_space_of(const char *path, nova_host_space *space);
int32_t nova_host_space_of_fd(int32_t fd, nova_host_space *space);

typedef struct {
  int32_t pid;
  uint32_t uid, gid;
} nova_host_credentials;
int32_t nova_host_peer_credentials(int32_t fd, nova_host_credentials *credentials);
// Fills at most `capacity` groups; answers how many the peer has.
int32_t nova_host_peer_groups(int32_t fd, uint32_t *groups, int32_t capacity);

// A Unix socket, close-on-exec. These are calls because whether Swift sees the flags depends on the order in which it
// meets the headers.
int32_t nova_host_unix_socket(int32_t datagram, int32_t nonblocking);
// For a stream that is only written to: nothing comes back, and 8 MiB may wait in it.
void nova_host_write_only(int32_t fd);
// Sends without SIGPIPE; bytes sent or -errno.
int64_t nova_host_send(int32_t fd, const void *bytes, uint64_t count);
int32_t nova_host_unix_connect(int32_t fd, const char *path);
// One datagram; never waits.
int32_t nova_host_unix_send(int32_t fd, const char *path, const void *bytes, uint64_t count);
// The same bytes by way of a sealed memfd, for what does not fit a datagram.
int32_t nova_host_unix_send_memfd(int32_t fd, const char *path, const void *bytes, uint64_t count);

// Blocks the signals and answers a signalfd from which they come, non-blocking and close-on-exec.
int32_t nova_host_signals(const int32_t *signals, int32_t count);

// 1: clone3 exists; 0: it does not. No process is made.
int32_t nova_host_has_clone3(void);
// 1: the clock is synchronised; 0: not; -errno: unknown.
int32_t nova_host_clock_synchronised(int64_t *error_usec);
// Sends a DNS query for the root's name servers to a numeric address; a connected, non-blocking socket or -errno.
int32_t nova_host_dns_query(const char *address);
